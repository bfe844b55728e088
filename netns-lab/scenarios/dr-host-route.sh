# shellcheck shell=bash
# A host route to the VIP through lo, as old instructions want it, decides nothing: a reply has its socket's address.
# Topology: labs/dr.sh; one server. It answers UDP on port 5300 from a socket bound to the VIP, on 5301 from one bound
# to no address.
LAB=dr

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, method: dr, servers: [{ address: 115.205.4.216 }] }
  - { address: $VIP, port: 5300, protocol: udp, method: dr, servers: [{ address: 115.205.4.216 }] }
  - { address: $VIP, port: 5301, protocol: udp, method: dr, servers: [{ address: 115.205.4.216 }] }
YAML
}

scenario() {
  start_process udp-bound rs1 /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" rs1 5300 "$VIP"
  start_process udp-unbound rs1 /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" rs1 5301
  wait_for 5 grep -q ready "$STATE/logs/udp-bound.log" || leave 1 "no bound UDP server in rs1"
  wait_for 5 grep -q ready "$STATE/logs/udp-unbound.log" || leave 1 "no unbound UDP server in rs1"
  sources without
  # `route add -host VIP dev lo`, in today's words.
  inside rs1 ip route add "$VIP/32" dev lo
  sources with
  asked_first
}

# sources WITH: whose address replies carry, and what the client makes of them.
sources() {
  start_capture "$1" rs1 eth0 'ip and ether src 02:00:00:00:01:01 and dst 10.0.0.2'
  expect "$1 the route: TCP is answered" rs1 "$(from_client "http://$VIP/")"
  expect "$1 the route: so is UDP of a socket bound to the VIP" "answered" "$(asked_by_udp 5300)"
  expect "$1 the route: what an unbound socket sends is not taken for an answer" "silence" "$(asked_by_udp 5301)"
  expect_soon "$1 the route: replies of all three are seen" 3 capture_holds "$1" 1 udp and src port 5301
  stop_capture "$1"
  expect "$1 the route: TCP replies have the VIP as their source" "$VIP.80" "$(reply_sources "$1" tcp)"
  expect "$1 the route: so have those of the bound socket" "$VIP.5300" "$(reply_sources "$1" udp and src port 5300)"
  expect "$1 the route: those of the unbound one have the server's own" "115.205.4.216.5301" \
    "$(reply_sources "$1" udp and src port 5301)"
}

# asked_by_udp PORT
asked_by_udp() {
  inside client timeout 20 /usr/bin/python3 "$LAB_HOME/lib/icmp_errors.py" udp "$VIP" "$1" 2>&1 | head -n 1
}

reply_sources() { endpoints "$1" "${@:2}" | sed 's/ > .*//' | sort -u | xargs; }

# Why it decides nothing: the local table comes before the main one, and has the address since it is on lo. For a
# reply the route to the client is looked up, not one to the VIP; a connection's socket brings its source along.
asked_first() {
  expect_match "the kernel finds the VIP in its local table, with the route as without" \
    "^local $VIP dev lo proto kernel scope host" "$(inside rs1 ip route get fibmatch "$VIP")"
  expect_match "the way to the client is by the router" "via $ROUTER dev eth0" "$(inside rs1 ip route get 10.0.0.2)"
  measured "a reply's source is its socket's address: what a connection was made to, what a UDP socket is bound to;"
  measured "an unbound UDP socket has none, and gets that of the interface on the way to the client"
}
