# shellcheck shell=bash
# The Swift that builds TapVS.

readonly WANTED_SWIFT=6.2

# Leaves with 77 unless a Swift of at least WANTED_SWIFT is in PATH.
require_swift() {
  local found
  command -v swift >/dev/null || leave 77 \
    "no swift in PATH; install Swift $WANTED_SWIFT or later from swift.org and add its usr/bin to PATH"
  found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [[ -n $found && $(printf '%s\n' "$WANTED_SWIFT" "$found" | sort -V | head -n 1) == "$WANTED_SWIFT" ]] \
    || leave 77 "Swift ${found:-of unknown version} in PATH; install Swift $WANTED_SWIFT or later from swift.org"
}
