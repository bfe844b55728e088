# shellcheck shell=bash
# One local port serves all servers at once, new connections fail when none is left, and one that comes back serves again.
# Whatever the server remembers of it does not matter. Topology: labs/fullnat.sh.
LAB=fullnat

# Each server has the four ports once, port 8080 its one server through a pool of 64, and 8089 and 8090 through one port each.
PORTS=20000-20003 EACH=4 POOL=64 MEGABYTES=100

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: fullnat, local-addresses: [115.205.4.216], local-ports: $PORTS, servers: [
      { address: 172.16.1.2 }, { address: 172.16.1.3 }, { address: 172.16.2.2 } ] }
  - { address: $VIP, port: 8080, method: fullnat, local-addresses: [115.205.4.217], local-ports: 30000-$((30000 + POOL - 1)), servers: [
      { address: 172.16.1.2, port: 8081 } ] }
  - { address: $VIP, port: 8089, method: fullnat, local-addresses: [115.205.4.215], local-ports: 40000-40000, servers: [
      { address: 172.16.1.2, port: 8089 } ] }
  - { address: $VIP, port: 8090, method: fullnat, local-addresses: [115.205.4.215], local-ports: 40000-40000, tcp-timestamps: shift,
      servers: [{ address: 172.16.1.2, port: 8081 } ] }
YAML
}

CONNECTIONS=$( ((LONG)) && printf 20000 || printf 2000)
# A retransmitted SYN comes after a second.
PATIENCE_MS=500

scenario() {
  all_of_them
  exhausted
  back_again
  remembered
  far_ahead 8089
  far_ahead 8090
  expect "with shifted timestamps none is refused" 0 "$REFUSED"
}

all_of_them() {
  local server
  start_capture local sw-wan lb1-wan src 115.205.4.216
  hold_connections $((3 * EACH)) 10.0.0.2
  expect_answers "three servers have $EACH connections each through $EACH ports" $((3 * EACH))
  expect_soon "all of them were seen" 3 capture_holds local $((3 * EACH)) 'tcp[tcpflags] & tcp-syn != 0'
  for server in 172.16.1.2 172.16.1.3 172.16.2.2; do
    expect "$server has the four ports" "20000 20001 20002 20003" "$(ports_to $server)"
  done
  stop_capture local
  expect "the log said so while the last one was left" 3 \
    "$(grep -cE "4 of 4 ports of local address 115\.205\.4\.216 are in use for real server 172\.16\.[12]\.[23]:80" \
      "$STATE/logs/director.log")"
  expect "and nothing was dropped for want of one" "" "$(counted no-local-port)"
}

# ports_to SERVER: those that held connections have, since one that has ended may have given its own to another.
ports_to() {
  captured local "dst $1" | sed -nE 's/.* 115\.205\.4\.216\.([0-9]+) > .*/\1/p' | sort -u | xargs
}

exhausted() {
  expect_failure "one more is not served" from_client -m 0.5 -o /dev/null "http://$VIP/"
  expect_at_least "and counted as no-local-port" 1 "$(counted no-local-port)"
  use_connections
  expect_answers "those that are open are all answered" $((3 * EACH))
  expect "another service is served" rs1 "$(from_client "http://$VIP:8080/")"
}

back_again() {
  local seen
  close_connections
  expect_answers "each is closed from both sides" $((3 * EACH))
  seen=$(from_client -H 'Connection: close' "http://$VIP/[1-30]" | sort | uniq -c | xargs)
  expect "their ports serve 30 others, one after the other" "10 rs1 10 rs2 10 rs3" "$seen"
}

# The server closes first, and would know each four-tuple for a minute.
remembered() {
  local answered servers slowest
  read -r answered servers slowest < <(inside client timeout 300 /usr/bin/python3 "$LAB_HOME/lib/reuse_ports.py" \
    "$VIP" 8080 "$CONNECTIONS" 1 2>&1 | tail -n 1)
  expect "$CONNECTIONS connections to one server pass through $POOL ports" "$CONNECTIONS by 1" "$answered by $servers"
  expect_at_least "none waits for half a second (the longest $slowest ms)" 0 $((PATIENCE_MS - slowest))
  expect "while the server remembers as many as there are ports" $POOL \
    "$(inside rs1 ss -Htn state time-wait sport = 8081 dst 115.205.4.217 | wc -l)"
}

# An upload that is faster than the numbers of new connections grow (15.6 MB/s) leaves the server further than the
# next one begins. Its refusal ends what it remembers, and the client asks again at once. Timestamps that go on tell
# it that the next one is new.
far_ahead() {
  local turn took slowest=0
  make_blob $MEGABYTES
  start_capture refusals sw-wan lb1-wan 'src 115.205.4.215 and tcp[tcpflags] & tcp-rst != 0'
  for turn in 1 2 3; do
    expect_success "$MEGABYTES MiB are uploaded to port $1 through one local port" \
      inside client curl -sSf -m 60 -H 'Expect:' -H 'Connection: close' -T "$BULK/data/blob" -o /dev/null "http://$VIP:$1/upload/"
    took=$(from_client -o /dev/null -w '%{time_total}' "http://$VIP:$1/" | tr -d .)
    ((10#${took:-9999999} <= slowest)) || slowest=$((10#${took:-9999999}))
  done
  stop_capture refusals
  REFUSED=$(captured refusals | wc -l)
  measured "of three, $REFUSED were refused at first"
  expect_at_least "the next connection waits less than half a second (the longest $((slowest / 1000)) ms)" 0 \
    $((PATIENCE_MS - slowest / 1000))
}
