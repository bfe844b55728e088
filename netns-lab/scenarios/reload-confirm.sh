# shellcheck shell=bash
# A configuration is planned, applied for a time, confirmed or taken back; the file is watched; SIGHUP reads it again.
# Topology: labs/nat.sh.
LAB=nat

lab_services() { services_of 3; }

# services_of WEIGHT: rs1 has it.
services_of() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: wrr, method: nat, servers: [
      { address: 192.168.0.2, weight: $1 }, { address: 192.168.0.3, weight: 2 }, { address: 192.168.0.4 } ] }
YAML
}

scenario() {
  local seen code=0
  file_of 5 "$STATE/other.yaml"
  seen=$(tapvs_command plan "$STATE/other.yaml" 2>&1) || code=$?
  expect_match "tapvs plan tells what would change" '192\.168\.0\.2.*weight.*3.*5' "$seen"
  expect "and changes nothing" 3 "$(weight_of_first)"

  expect_success "tapvs apply --confirm takes effect" \
    inside lb1 "$DIRECTOR" apply "$STATE/other.yaml" --confirm 1s
  expect "at once" 5 "$(weight_of_first)"
  expect_soon "nobody confirms: it is taken back" 5 weight_is 3
  expect_success "applied again" inside lb1 "$DIRECTOR" apply "$STATE/other.yaml" --confirm 2s
  expect_success "and confirmed" inside lb1 "$DIRECTOR" confirm
  expect_failure "a second confirmation has nothing to confirm" inside lb1 "$DIRECTOR" confirm
  wait_for 3 over_since "$EPOCHREALTIME" 2500
  expect "it stays" 5 "$(weight_of_first)"

  code=0
  file_of 'many' "$STATE/broken.yaml"
  seen=$(tapvs_command apply "$STATE/broken.yaml" 2>&1) || code=$?
  expect "a file that is no configuration is refused" 2 "$code"
  expect_match "with the place" 'broken\.yaml:[0-9]+:[0-9]+: .*weight' "$seen"
  code=0
  file_of 5 "$STATE/port.yaml"
  sed -i 's/192\.168\.0\.1\/24/192.168.0.9\/24/' "$STATE/port.yaml"
  seen=$(tapvs_command apply "$STATE/port.yaml" 2>&1) || code=$?
  expect "one that wants another port is refused, too" 1 "$code"
  expect_match "since that needs a restart" 'restart' "$seen"
  expect "nothing has changed" 5 "$(weight_of_first)"

  process_runs director
  kill -HUP "$PID"
  expect_soon "SIGHUP reads the director's own file again" 5 weight_is 3

  stop_process director
  start_process director lb1 "$DIRECTOR" run --config "$STATE/director.yaml" --watch
  DIRECTOR_PID=$STARTED
  wait_for 10 director_settled
  await_service
  file_of 7 "$STATE/director.new"
  mv "$STATE/director.new" "$STATE/director.yaml"
  expect_soon "with --watch a file in place of the other is read" 5 weight_is 7
  file_of 8 "$STATE/director.yaml"
  expect_soon "so is one that is written over" 5 weight_is 8
  file_of 'none' "$STATE/director.yaml"
  expect_soon "one that is refused is told by an event" 5 told_refused
  expect "and changes nothing" 8 "$(weight_of_first)"
}

file_of() { printf 'version: 1\nports:\n%s\nservices:\n%s\n' "$(lab_ports)" "$(services_of "$1")" >"$2"; }

weight_is() { [[ $(weight_of_first) == "$1" ]]; }

weight_of_first() {
  status_json '[server["weight"] for server in status["services"][0]["servers"] if server["address"] == "192.168.0.2"][0]'
}

over_since() { (($(microseconds "$EPOCHREALTIME" "$1") > $2 * 1000)); }

told_refused() { tapvs_command events -o json | grep -q '"event":"reload-refused"'; }
