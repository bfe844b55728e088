# shellcheck shell=bash
# Links of different MTU on the way: path MTU discovery works through the director in both directions, and
# what may be fragmented is. Topology: labs/nat.sh, but the director sends at most 1400 bytes into `lan`.
LAB=nat

LAN_MTU=1400 CLIENT_MTU=1200

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN_MAC", addresses: [115.205.4.215/28], gateway: 115.205.4.209 }
  lan: { tap: lb1-lan, netns: $LAB_NAME-sw-lan, mac: "$LAN_MAC", addresses: [192.168.0.1/24], mtu: $LAN_MTU }
YAML
}

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, servers: [{ address: 192.168.0.2 }] }
  - { address: $VIP, port: 8080, mss-clamp: auto, servers: [{ address: 192.168.0.2, port: 80 }] }
  - { address: $VIP, port: 53, protocol: udp, servers: [{ address: 192.168.0.2, port: 5300 }] }
YAML
}

scenario() {
  local offloads
  start_process udp-rs1 rs1 /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" rs1 5300
  wait_for 5 grep -q ready "$STATE/logs/udp-rs1.log" || leave 1 "no UDP server in rs1"
  make_blob 8
  expect "a datagram that must not be fragmented is told the MTU" "3/4 $LAN_MTU from $VIP, EMSGSIZE" "$(too_large)"
  for offloads in off on; do
    set_offloads $offloads
    forget_paths
    towards_the_server $offloads
    towards_the_client $offloads
  done
  announced_sizes
  expect "no bad TCP checksum at client or servers" "" "$(bad_checksums)"
}

# Where SYNs are clamped nobody sends what does not fit: no error is needed.
announced_sizes() {
  local place
  forget_paths
  start_capture syn-rs1 rs1 eth0 'tcp[tcpflags] & tcp-syn != 0 and src 10.0.0.2'
  start_capture syn-client client eth0 "tcp[tcpflags] & tcp-syn != 0 and src $VIP and port 8080"
  start_capture needed client eth0 icmp
  expect "a service with mss-clamp: auto answers" "rs1" "$(from_client -T "$BULK/data/blob" "http://$VIP:8080/upload/" \
    -o /dev/null -D - | tr -d '\r' | sed -n 's/^X-Server: //p')"
  for place in syn-rs1 syn-client; do
    expect_soon "$place: a SYN was seen" 3 capture_holds $place 1
    expect "$place: it announces what fits the way to the server" "mss $((LAN_MTU - 40))" \
      "$(captured $place | grep -oE 'mss [0-9]+' | tail -n 1)"
  done
  expect "nobody had to be told the MTU" 0 "$(captured needed | wc -l)"
}

# The client's segments of 1460 bytes do not fit: the director says so, from the VIP.
towards_the_server() {
  start_capture needed client eth0 icmp
  expect_success "8 MiB arrive at the server, offloads $1" uploaded
  expect_soon "the client heard the MTU from the VIP" 3 capture_holds needed 1 "src $VIP and icmp[0:2] == 0x0304"
  expect_match "it believes it" "mtu $LAN_MTU" "$(inside client ip route get "$VIP")"
  stop_capture needed
  set_fragmentation client 1
  expect "datagrams that may be fragmented come back unchanged, offloads $1" "4 lines of 5" \
    "$(inside client timeout 30 /usr/bin/python3 "$LAB_HOME/lib/udp_ask.py" "$VIP" 53 4 5 1460 2>&1 \
      | awk '{ count = NF } END { printf "%d lines of %d", NR, count }')"
  set_fragmentation client 0
}

# The router's link to the client is narrower still: what it says of the server's segments reaches the server.
towards_the_client() {
  inside router ip link set eth0 mtu $CLIENT_MTU
  start_capture needed rs1 eth0 icmp
  expect_success "8 MiB arrive at the client, offloads $1" download
  expect_soon "the server heard the router" 3 capture_holds needed 1 'src 10.0.0.1 or src 115.205.4.209 and icmp[0:2] == 0x0304'
  expect_match "it believes it" "mtu $CLIENT_MTU" "$(inside rs1 ip route get 10.0.0.2)"
  stop_capture needed
  inside router ip link set eth0 mtu 1500
}

too_large() {
  inside client timeout 20 /usr/bin/python3 "$LAB_HOME/lib/icmp_errors.py" udp "$VIP" 53 64 1 1450 2>&1 \
    | paste -sd , | sed 's/,/, /g'
}
