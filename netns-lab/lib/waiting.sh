# shellcheck shell=bash
# Waiting on conditions: no step of the lab or a scenario sleeps for luck.

# wait_for SECONDS CMD...: until CMD succeeds; fails at the deadline.
wait_for() {
  local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
  shift
  until "$@"; do
    ((${EPOCHREALTIME/[.,]/} < deadline)) || return 1
    sleep 0.02
  done
}

# seconds_since MICROSECONDS: for people, one decimal.
seconds_since() {
  local tenths=$(((${EPOCHREALTIME/[.,]/} - $1) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}
