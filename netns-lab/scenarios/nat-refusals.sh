# shellcheck shell=bash
# What tapvs cannot do it says in one line with exit code 77; what it did start it leaves cleanly.
# Topology: labs/nat.sh
LAB=nat

scenario() {
  taken_tap
  missing_tap
  missing_namespace
  missing_privileges
  wrong_configuration
  leaves_on TERM
  leaves_on INT
}

# refused WHAT CODE PATTERN CMD...: runs to the end in lb1 and says why on standard error.
refused() {
  local seen code=0
  seen=$(inside lb1 timeout 10 "${@:4}" 2>&1 >/dev/null </dev/null) || code=$?
  expect "$1: exit code $2" "$2" "$code"
  expect_match "$1: says so" "$3" "$seen"
  printf '%s\n' "$seen" >>"$STATE/logs/refusals.log"
}

# variant NAME SED-COMMAND...: prints the path of a changed copy of the configuration.
variant() {
  local file=$STATE/director-$1.yaml
  sed "${@:2}" "$STATE/director.yaml" >"$file"
  printf '%s' "$file"
}

taken_tap() {
  refused "a second director on the same TAPs" 77 'lb1-wan' \
    "$DIRECTOR" run --config "$STATE/director.yaml" --name second
  expect_soon "the first goes on serving" 5 service_answers
  expect "and none of the second's sockets is left" "" "$(sockets | grep second)"
}

missing_tap() {
  refused "a TAP that does not exist" 77 'no-tap' \
    "$DIRECTOR" run --config "$(variant tap -e 's/tap: lb1-wan/tap: no-tap/')" --name second
  expect_failure "it is not made" tap_exists sw-wan no-tap
}

missing_namespace() {
  refused "a namespace that does not exist" 77 'no-namespace' \
    "$DIRECTOR" run --config "$(variant netns -e "s/netns: $LAB_NAME-sw-wan/netns: no-namespace/")" --name second
}

# The superuser's number without a superuser's rights.
missing_privileges() {
  stop_process director
  refused "without privileges" 77 'CAP_|[Pp]rivilege|[Pp]ermission|permitted|root' \
    setpriv --bounding-set=-all --inh-caps=-all "$DIRECTOR" run --config "$STATE/director.yaml"
  expect_failure "the TAP is held by nobody" tap_attached sw-wan lb1-wan
  start_director
  expect_soon "the client's curl is answered again" 10 service_answers
}

wrong_configuration() {
  refused "a key that is none" 2 'schedular' \
    "$DIRECTOR" run --config "$(variant key -e 's/scheduler:/schedular:/')" --name second
}

leaves_on() {
  local pid=$DIRECTOR_PID code=0
  kill -"$1" "$pid"
  expect_soon "it ends on SIG$1" 5 process_ended director
  wait "$pid" || code=$?
  expect "with exit code 0" 0 "$code"
  expect_failure "it lets go of its TAPs" tap_attached sw-wan lb1-wan
  expect "it leaves no socket" "" "$(sockets)"
  start_director
  expect_soon "the client's curl is answered by the next tapvs" 10 service_answers
}

# The abstract sockets named after tapvs, wherever the director works.
sockets() {
  local node
  for node in lb1 sw-wan sw-lan; do inside $node ss -Hxl | grep -oE '@tapvs[^ ]*'; done | sort -u
}
