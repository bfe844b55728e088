# shellcheck shell=bash
# Errors: those about packets of a connection reach the other end, and the director sends its own, in moderation.
# Topology: labs/nat.sh. Port 53 is answered, 54 is closed at the servers, 81 is a server that is not there,
# 82 has no server that may take anything.
LAB=nat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, servers: [{ address: 192.168.0.2 }, { address: 192.168.0.3 }] }
  - { address: $VIP, port: 81, servers: [{ address: 192.168.0.99, port: 80 }] }
  - { address: $VIP, port: 82, servers: [{ address: 192.168.0.2, port: 80, weight: 0 }] }
  - { address: $VIP, port: 53, protocol: udp, servers: [{ address: 192.168.0.2, port: 5300 }] }
  - { address: $VIP, port: 54, protocol: udp, servers: [{ address: 192.168.0.2, port: 5400 }] }
YAML
}

scenario() {
  start_process udp-rs1 rs1 /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" rs1 5300
  wait_for 5 grep -q ready "$STATE/logs/udp-rs1.log" || leave 1 "no UDP server in rs1"
  set_offloads off
  of_a_server
  of_a_client
  of_our_own
  in_moderation
  expect "no kernel saw a wrong ICMP checksum" "" "$(bad_icmp_checksums)"
}

of_a_server() {
  expect "a server's closed port is told as the VIP's" "3/3 0 from $VIP, ECONNREFUSED" "$(errors udp 54)"
  expect "a datagram that may go one hop further is answered" "answered" "$(errors udp 53 3)"
}

# Nobody is at the client's port when the answer comes: its kernel says so, and the server is to hear it.
of_a_client() {
  start_capture rs1-errors rs1 eth0 icmp
  inside client /usr/bin/python3 -c "
import socket, struct
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
wire.sendto(struct.pack('!HHHH', 20999, 53, 11, 0) + b'bye', ('$VIP', 0))"
  expect_soon "a client's closed port is told to its server" 3 capture_holds rs1-errors 1 'icmp[0] == 3'
  expect_match "from the client, about what the server sent" \
    '10\.0\.0\.2 > 192\.168\.0\.2: ICMP 10\.0\.0\.2 udp port 20999 unreachable' "$(captured rs1-errors)"
  stop_capture rs1-errors
}

of_our_own() {
  expect "time exceeded comes from the VIP" "11/0 0 from $VIP, EHOSTUNREACH" "$(errors udp 53 2)"
  expect "a UDP port without a service is unreachable" "3/3 0 from $VIP, ECONNREFUSED" "$(errors udp 9)"
  expect "a TCP port without a service is refused" "ECONNREFUSED" "$(errors tcp 9)"
  expect "a service without a usable server is unreachable, for TCP, too" \
    "3/3 0 from $VIP, ECONNREFUSED" "$(errors tcp 82)"
  expect "a server that answers no ARP is an unreachable host" \
    "3/1 0 from $VIP, EHOSTUNREACH" "$(errors tcp 81 | sed 's/^\(3.1 0 from [0-9.]*, \)\1*/\1/')"
  expect_success "a ping of 3000 bytes is answered" inside client ping -c 1 -W 2 -s 3000 "$VIP"
}

in_moderation() {
  local sent
  wait_for 10 budget_is_back
  expect_at_least "of 200 datagrams at once few are told to be in vain" 1 \
    $((12 - $(errors udp 9 64 200 | grep -o '3/3' | wc -l)))
  # The client is content with the first error; the director may still be at the last datagrams.
  expect_soon "the others are counted" 5 suppressed 180
  sent=$(counted icmp-errors-sent)
  expect_at_least "and so are the errors sent" 5 "$sent"
}

suppressed() { (($(counted icmp-errors-suppressed) >= $1)); }

# The limit for one destination is used up by what came before: one error a second grows back.
budget_is_back() { [[ $(errors udp 9) == 3/3* && $(errors udp 9) == 3/3* ]]; }
