# shellcheck shell=bash
# Errors about replies that never passed the director come to it all the same, and it gives them to the right server.
# Topology: labs/dr.sh; the router's link to the client takes 1400 bytes. Port 8081 is rs2's alone. UDP port 5300
# is answered by rs1, 5400 and TCP port 8400 are closed there, and port 81 is a server that is not there.
LAB=dr

CLIENT_MTU=1400 MEGABYTES=8

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: dr, servers: [
      { address: 115.205.4.216 }, { address: 115.205.4.217 }, { address: 115.205.4.218 } ] }
  - { address: $VIP, port: 8081, method: dr, servers: [{ address: 115.205.4.217 }] }
  - { address: $VIP, port: 5300, protocol: udp, method: dr, servers: [{ address: 115.205.4.216 }] }
  - { address: $VIP, port: 5400, protocol: udp, method: dr, servers: [{ address: 115.205.4.216 }] }
  - { address: $VIP, port: 8400, method: dr, servers: [{ address: 115.205.4.216 }] }
  - { address: $VIP, port: 81, method: dr, servers: [{ address: 115.205.4.212 }] }
YAML
}

scenario() {
  local offloads
  start_process udp-rs1 rs1 /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" rs1 5300 "$VIP"
  wait_for 5 grep -q ready "$STATE/logs/udp-rs1.log" || leave 1 "no UDP server in rs1"
  make_blob $MEGABYTES
  inside router ip link set eth0 mtu $CLIENT_MTU
  one_of_three
  for offloads in off on; do
    set_offloads $offloads
    all_three $offloads
  done
  expect "no bad TCP checksum at client or servers" "" "$(bad_checksums)"
  about_requests
}

# Only the server that sent too much is told, and only it learns from it.
one_of_three() {
  local server
  start_capture passed sw-wan lb1-wan "$(needed_fragmentation)"
  for server in rs1 rs2 rs3; do start_capture needed-$server $server eth0 "$(needed_fragmentation) and ether dst $(mac_of $server)"; done
  expect_success "$MEGABYTES MiB come from rs2 alone, byte for byte" download 8081
  expect_soon "rs2 was told the MTU" 3 capture_holds needed-rs2 1
  expect_at_least "by the director, to which the router had said it" 1 \
    "$(captured needed-rs2 "ether src $WAN_MAC and src $ROUTER" | wc -l)"
  expect "the others were not" "0 0" "$(captured needed-rs1 | wc -l) $(captured needed-rs3 | wc -l)"
  expect_match "rs2 believes it" "mtu $CLIENT_MTU" "$(path_mtu rs2)"
  expect "the others know nothing of it" "" "$(path_mtu rs1)$(path_mtu rs3)"
  expect_at_least "what the router sends to the VIP's MAC has the VIP as its destination" 1 \
    "$(captured passed "ether src $ROUTER_MAC and ether dst $WAN_MAC and dst $VIP" | wc -l)"
  expect "and what leaves has it, too" 0 "$(captured passed "ether src $WAN_MAC and not dst $VIP" | wc -l)"
  for server in rs1 rs2 rs3; do stop_capture needed-$server; done
  stop_capture passed
}

# all_three OFFLOADS: one download from each, in turn.
all_three() {
  local server turn
  for server in rs1 rs2 rs3; do inside $server ip route flush cache; done
  for turn in 1 2 3; do
    expect_success "$MEGABYTES MiB come byte for byte, offloads $1, download $turn" download 80
  done
  for server in rs1 rs2 rs3; do
    expect_match "$server knows the MTU, offloads $1" "mtu $CLIENT_MTU" "$(path_mtu $server)"
  done
}

# The director's own errors, and those of servers, which they send past it.
about_requests() {
  expect "a datagram that may go one hop further is answered" "answered" "$(errors udp 5300 3)"
  expect "time exceeded comes from the VIP" "11/0 0 from $VIP, EHOSTUNREACH" "$(errors udp 5300 2)"
  expect "a server's closed port is told by the VIP" "3/3 0 from $VIP, ECONNREFUSED" "$(errors udp 5400)"
  expect "its closed TCP port is refused" "ECONNREFUSED" "$(errors tcp 8400)"
  expect "a server that answers no ARP is an unreachable host, as the director says in its own name" \
    "3/1 0 from 115.205.4.215, EHOSTUNREACH" "$(errors tcp 81 | sed 's/^\(3.1 0 from [0-9.]*, \)\1*/\1/')"
  expect "a port without a service is unreachable" "3/3 0 from $VIP, ECONNREFUSED" "$(errors udp 9)"
  expect "no kernel saw a wrong ICMP checksum" "" "$(bad_icmp_checksums)"
}

# An ICMP filter: fragmentation needed.
needed_fragmentation() { printf 'icmp[0:2] = 0x0304'; }

mac_of() { printf '02:00:00:00:01:0%s' "${1#rs}"; }

# path_mtu SERVER: what it has learnt of the way from the VIP to the client.
path_mtu() { inside "$1" ip route get 10.0.0.2 from "$VIP" | grep -o 'mtu [0-9]*' || true; }
