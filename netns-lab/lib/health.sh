# shellcheck shell=bash
# Servers that die while they are visited: by their checks alone, and with passive detection.
#
# Service 80 is checked every 500 ms, three failures bring a server down, suspicion is off. Service 8089
# is checked every 5 s, and what its traffic shows makes a server suspect.

CHECK_INTERVAL=500 CHECK_TIMEOUT=300 CHECK_FALL=3
CHECK_BOUND=$((CHECK_FALL * CHECK_INTERVAL + CHECK_TIMEOUT + 100))

# checked_services METHOD SERVER...: both services; SERVER is an address.
checked_services() {
  local method=$1 port checks servers=''
  shift
  servers=$(printf '{ address: %s }, ' "$@")
  for port in 80 8089; do
    if ((port == 80)); then
      checks="{ type: tcp, interval: ${CHECK_INTERVAL}ms, timeout: ${CHECK_TIMEOUT}ms, fall: $CHECK_FALL, rise: 2, suspicion: false }"
    else
      checks="{ type: tcp, interval: 5s, timeout: 1s, rise: 1 }"
    fi
    printf '  - { address: %s, port: %s, scheduler: rr, method: %s,%s checks: [%s], servers: [%s] }\n' \
      "$VIP" "$port" "$method" "${SERVICE_KEYS:-}" "$checks" "${servers%, }"
  done
}

# servers_die PASSIVE-BOUND: rs2's process is killed, then rs3 is cut off; both come back. In milliseconds,
# PASSIVE-BOUND is how long the second service may send them connections.
servers_die() {
  local rate
  rate=$( ((LONG)) && printf 1000 || printf 300)
  begin_visits checked 80 "$rate"
  begin_visits suspected 8089 "$rate"
  expect_soon "all checks pass" 10 servers_have_health up rs1 rs2 rs3

  FELL=$EPOCHREALTIME
  stop_process rs2 KILL
  server_fell rs2 "the process of rs2 is killed" "$1"
  start_server rs2
  server_returns rs2

  FELL=$EPOCHREALTIME
  cut_off rs3
  server_fell rs3 "rs3 is cut off" "$1"
  join_again rs3
  server_returns rs3

  end_visits checked
  measured "checked alone: $VISITS ($(failures_by_kind checked))"
  end_visits suspected
  measured "with passive detection: $VISITS ($(failures_by_kind suspected))"
  expect "the events tell what happened to the servers, in order" \
    "server-down rs2, server-up rs2, server-down rs3, server-up rs3" "$(told_of_servers 80)"
}

# server_fell SERVER WHAT PASSIVE-BOUND: waits until both services know.
server_fell() {
  local seen until
  expect_soon "$2: both services find out" 10 servers_have_health down "$1"
  # Visits that failed without a word have failed by then.
  until=$EPOCHREALTIME
  wait_for 5 visited_since "$until"
  seen=$(last_loss checked "$FELL" "$EPOCHREALTIME")
  expect_at_least "by checks it gets no connection after $CHECK_BOUND ms (it got the last after $seen ms)" 0 $((CHECK_BOUND - seen))
  seen=$(last_loss suspected "$FELL" "$EPOCHREALTIME")
  expect_at_least "with passive detection none after $3 ms (the last after $seen ms)" 0 $(($3 - seen))
}

# visited_since TIME: a visit that began three seconds after TIME could have failed by now.
visited_since() { (($(microseconds "$EPOCHREALTIME" "$1") > 3200000)); }

server_returns() {
  local from=$EPOCHREALTIME
  expect_soon "$1 comes back: all checks pass" 20 servers_have_health up "$1"
  expect_soon "and it is visited again" 5 visited_by_both "$1" "$from"
}

visited_by_both() { answers_again checked "$1" "$2" && answers_again suspected "$1" "$2"; }

# cut_off NODE, join_again NODE: its switch lets nothing come or go.
cut_off() { inside "$(switch_with "$1")" ip link set "$1" down; }
join_again() { inside "$(switch_with "$1")" ip link set "$1" up; }

# switch_with NODE: the segment into which it is plugged.
switch_with() {
  local name
  for name in sw-lan sw-wan sw-one sw-two; do
    [[ ! -e $(namespace_path $name) ]] || ! inside $name ip link show "$1" >/dev/null 2>&1 || printf '%s' $name
  done
}

# servers_have_health HEALTH SERVER...: with every service.
servers_have_health() {
  local wanted=$1 server
  shift
  for server; do
    [[ $(health_of "$(address_of "$server")" | sort -u) == "$wanted" ]] || return 1
  done
}

# health_of ADDRESS: what status says, a line for each service.
health_of() {
  tapvs_command status -o json | /usr/bin/python3 -c '
import json, sys
for service in json.load(sys.stdin)["services"]:
    for server in service["servers"]:
        if server["address"] == sys.argv[1]:
            print(server["health"]["state"])' "$1"
}

# address_of SERVER: its own address.
address_of() { tr ' ' '\n' <<<"$SERVERS" | sed -n "s/^$1://p"; }

# told_of_servers PORT: of the service at that port, in the order of the events.
told_of_servers() {
  local list=''
  list=$(for server in $SERVERS; do printf '%s ' "$server"; done)
  tapvs_command events -o json | /usr/bin/python3 -c '
import json, sys
names = {item.split(":")[1]: item.split(":")[0] for item in sys.argv[2].split()}
told = []
for line in sys.stdin:
    event = json.loads(line)
    if event["event"] in ("server-up", "server-down") and event["service"].endswith(":%s/tcp" % sys.argv[1]):
        told.append("%s %s" % (event["event"], names[event["server"].split(":")[0]]))
print(", ".join(told))' "$1" "$list"
}
