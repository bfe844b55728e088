# shellcheck shell=bash
# What the director says of itself, and what the kernel says of it.

# counted NAME: a counter of `tapvs status`; nothing when it never rose.
counted() { tapvs_command status | awk -v name="$1" '$1 == name { print $2 }'; }

# resident: KiB of memory that the director holds.
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$DIRECTOR_PID/status"; }
