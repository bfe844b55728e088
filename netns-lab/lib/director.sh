# shellcheck shell=bash
# The director: built, configured, started in lb1, and waited for.

# Sets DIRECTOR to the program: TAPVS=PATH, or a release build of this checkout.
find_director() {
  if [[ -n ${TAPVS:-} ]]; then
    [[ -x $TAPVS ]] || leave 77 "TAPVS=$TAPVS is not a program that can be run"
    DIRECTOR=$(readlink -f "$TAPVS")
    return
  fi
  require_swift
  DIRECTOR=$(cd "$CHECKOUT" && swift build -c release --show-bin-path)/tapvs
  build_is_current || build_director
}

# True when nothing was touched since the last build.
build_is_current() {
  local stamp=${DIRECTOR%/*}/tapvs-lab.built
  [[ -x $DIRECTOR && -e $stamp ]] \
    && [[ -z $(find "$CHECKOUT/Package.swift" "$CHECKOUT/Sources" -newer "$stamp" -print -quit) ]]
}

build_director() {
  local log began
  log=$(mktemp)
  began=$(mktemp)
  install_packages "$BUILD_PACKAGES"
  printf 'building tapvs (release)\n'
  if ! (cd "$CHECKOUT" && swift build -c release --product tapvs) >"$log" 2>&1; then
    grep -E 'error:' "$log" >&2 || tail -n 20 "$log" >&2
    leave 1 "tapvs does not build; the whole output is in $log"
  fi
  # Dated at the beginning: a file saved meanwhile is built next time.
  mv "$began" "${DIRECTOR%/*}/tapvs-lab.built"
  rm -f "$log"
}

write_configuration() {
  printf 'version: 1\nports:\n%s\nservices:\n%s\n' "$(lab_ports)" "$(lab_services)" \
    >"$STATE/director.yaml"
}

# start_director: returns once it holds its TAPs. A lab without TAPs has no director.
start_director() {
  [[ -n $LAB_TAPS ]] || return 0
  write_configuration
  start_process director lb1 "$DIRECTOR" run --config "$STATE/director.yaml"
  DIRECTOR_PID=$STARTED
  wait_for 10 director_settled
  if ! process_runs director; then
    leave_with_log "tapvs did not start"
  elif ! director_attached; then
    leave_with_log "tapvs does not hold its TAPs after 10 s"
  fi
}

director_settled() { process_ended director || director_attached; }

director_attached() {
  local tap
  for tap in $LAB_TAPS; do
    tap_attached "${tap%:*}" "${tap#*:}" || return 1
  done
}

leave_with_log() {
  tail -n 20 "$STATE/logs/director.log" >&2 || true
  leave 1 "$1"
}

# The first answer from outside: what `up` ends with.
await_service() {
  wait_for 10 service_answers \
    || leave_with_log "no answer from http://${SITE:-$VIP}/ to the client within 10 s"
}

# SITE is where the site is when that is not the VIP.
service_answers() { ANSWER=$(from_client -m 1 --connect-timeout 0.3 "http://${SITE:-$VIP}/"); }

# from_client CURL-ARGUMENTS: a bounded, silent curl in the client.
from_client() { inside client curl -sS -m 20 --connect-timeout 3 "$@" 2>/dev/null; }

# tapvs_command ARGUMENTS: one of the other commands, in the director's node.
tapvs_command() { inside lb1 "$DIRECTOR" "$@"; }
