# shellcheck shell=bash
# What the director says of itself, and what the kernel says of it.

# counted NAME: a counter of `tapvs status`; nothing when it never rose.
counted() { tapvs_command status | awk -v name="$1" '$1 == name { print $2 }'; }

# resident: KiB of memory that the director holds.
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$DIRECTOR_PID/status"; }

# cpu_ticks: hundredths of a second that the director has computed, in user space and in the kernel.
cpu_ticks() {
  local stat fields
  stat=$(<"/proc/$DIRECTOR_PID/stat")
  read -ra fields <<<"${stat##*) }"
  printf '%d' $((fields[11] + fields[12]))
}

# uptime_is SECONDS: at least so long does the director run.
uptime_is() { (($(status_json 'status["uptime-seconds"]') >= $1)); }

# status_json EXPRESSION: of Python, about `status`.
status_json() {
  tapvs_command status -o json | /usr/bin/python3 -c "import json, sys; status = json.load(sys.stdin); print($1)"
}
