# shellcheck shell=bash
# Checks of scenarios: one printed line each, what was wanted and what was seen when it fails.

CHECKS_FAILED=0

passed() { printf '  %sok%s   %s\n' "$GREEN" "$PLAIN" "$1"; }

failed() {
  ((++CHECKS_FAILED))
  printf '  %sFAIL%s %s\n       expected: %s\n       seen:     %s\n' "$RED" "$PLAIN" "$1" "$2" "${3:-nothing}"
}

# expect WHAT EXPECTED SEEN
expect() { if [[ $2 == "$3" ]]; then passed "$1"; else failed "$@"; fi; }

# expect_match WHAT EXTENDED-REGULAR-EXPRESSION SEEN
expect_match() { if [[ $3 =~ $2 ]]; then passed "$1"; else failed "$@"; fi; }

# expect_at_least WHAT NUMBER SEEN
expect_at_least() { if (($3 >= $2)); then passed "$1"; else failed "$1" "at least $2" "$3"; fi; }

# expect_success WHAT CMD...
expect_success() {
  local seen code=0
  seen=$("${@:2}" 2>&1) || code=$?
  if ((code == 0)); then passed "$1"; else failed "$1" "success" "exit $code: $seen"; fi
}

# expect_failure WHAT CMD...
expect_failure() {
  local seen
  if seen=$("${@:2}" 2>&1); then failed "$1" "failure" "success: $seen"; else passed "$1"; fi
}

# expect_soon WHAT SECONDS CMD...
expect_soon() {
  if wait_for "$2" "${@:3}"; then passed "$1"; else failed "$1" "${*:3} within $2 s" "not so"; fi
}

# measured TEXT: a figure or what a client sees, which is printed and judged by nobody.
measured() { printf '       %s\n' "$1"; }
