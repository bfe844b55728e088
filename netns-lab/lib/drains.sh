# shellcheck shell=bash
# A server that is drained while it is used, comes back, and is drained again of clients that never close.

# drain_in_use: of rs2.
drain_in_use() {
  local server rate opened code=0
  server=$(address_of rs2)
  rate=$( ((LONG)) && printf 1000 || printf 300)
  hold_connections 30 10.0.0.2
  expect_answers "30 connections are open" 30
  begin_visits drained 80 "$rate"

  tapvs_command drain "$server" >"$STATE/logs/drain.log" 2>&1 || code=$?
  expect "tapvs drain is done at once" 0 "$code"
  expect_soon "visits to rs2 have ended" 5 only_held_left "$server" 10
  opened=$(opened_of "$server")
  use_connections
  expect_answers "the connections that are open go on, those to rs2, too" 30
  expect "rs2 got no new connection meanwhile" "$opened" "$(opened_of "$server")"
  expect "status says so" drained "$(health_of "$server")"

  # Half of its clients close; the command waits until there is none, and says how many there are.
  close_connections
  expect_answers "clients close their connections" 30
  expect_success "tapvs drain --wait ends when the last one is gone" \
    inside lb1 timeout 150 "$DIRECTOR" drain "$server" --wait --timeout 140s
  opened=$(opened_of "$server")
  tapvs_command undrain "$server" >>"$STATE/logs/drain.log" 2>&1
  expect_soon "after undrain it is visited again" 5 opened_more "$server" "$opened"

  # From another address: the ports of the first are not free yet.
  stop_process held
  : >"$STATE/logs/held.log"
  address client eth0 10.0.0.3/24
  hold_connections 30 10.0.0.3
  expect_answers "30 other connections are open" 30
  code=0
  tapvs_command drain "$server" --wait --timeout 2s --reset >"$STATE/logs/drain-reset.log" 2>&1 || code=$?
  expect "their clients never close: tapvs drain --timeout 2s --reset --wait ends with 1" 1 "$code"
  use_connections
  expect_match "the ten of rs2 see a reset, the others go on" "^20 answered, 10 reset, 0 silent, 0 wrong," "$HELD_ROUND"
  measured "$(tail -n 1 "$STATE/logs/drain-reset.log")"

  end_visits drained
  expect_match "no visit failed all the time" ", 0 failed," "$VISITS"
  measured "$VISITS"
}

# only_held_left ADDRESS COUNT: of its active connections.
only_held_left() { (($(server_json "$1" 'server["active"]') == $2)); }

opened_more() { (($(opened_of "$1") > $2)); }

opened_of() { server_json "$1" 'server["opened"]'; }

# server_json ADDRESS EXPRESSION: of the first service's server.
server_json() {
  tapvs_command status -o json | /usr/bin/python3 -c '
import json, sys
for server in json.load(sys.stdin)["services"][0]["servers"]:
    if server["address"] == sys.argv[1]:
        print(eval(sys.argv[2]))' "$1" "$2"
}
