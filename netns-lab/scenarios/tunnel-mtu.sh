# shellcheck shell=bash
# Packets that fill a link do not fit in a tunnel: clients are told what does, or outer packets go in fragments.
# Topology: labs/tunnel.sh; rs1 is reached by IPIP, rs2 by GRE (port 8081) and rs3 by GUE (port 8089); each answers
# UDP on port 53. No server lowers the segment size that it announces. Checksums are finished before the servers.
LAB=tunnel

ENCAPSULATIONS='rs1:ipip rs2:gre rs3:gue'
MEGABYTES=8 DISCOVERY=true

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, method: tunnel, servers: [{ address: 172.16.1.2 }] }
  - { address: $VIP, port: 8081, method: tunnel, tunnel: { encapsulation: gre }, servers: [{ address: 172.16.1.3 }] }
  - { address: $VIP, port: 8089, method: tunnel, tunnel: { encapsulation: gue }, servers: [{ address: 172.16.2.2 }] }
  - { address: $VIP, port: 53, protocol: udp, scheduler: rr, method: tunnel, servers: [ { address: 172.16.1.2 },
      { address: 172.16.1.3, tunnel: { encapsulation: gre } }, { address: 172.16.2.2, tunnel: { encapsulation: gue } } ] }
pmtu-discovery: $DISCOVERY
YAML
}

scenario() {
  local server offloads
  for server in $SERVERS; do
    server=${server%:*}
    start_process "udp-$server" "$server" /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" "$server" 53 "$VIP"
    wait_for 5 grep -q ready "$STATE/logs/udp-$server.log" || leave 1 "no UDP server in $server"
    announce_usual_segments "$server"
  done
  make_blob $MEGABYTES
  told
  for offloads in off on; do
    set_offloads $offloads
    finish_inner_checksums
    told_by_need rs1 80 1480 "$offloads"
    told_by_need rs2 8081 1476 "$offloads"
    told_by_need rs3 8089 1468 "$offloads"
  done
  expect "no outer packet came in fragments" "0 0 0" "$(by_all_sockets)"
  datagrams 1472
  datagrams 8000
  DISCOVERY=false
  stop_process director
  start_director
  await_service
  set_offloads off
  finish_inner_checksums
  in_fragments rs1 80
  in_fragments rs2 8081
  in_fragments rs3 8089
  set_offloads on
  finish_inner_checksums
  made_shorter rs1 80
  made_shorter rs2 8081
  made_shorter rs3 8089
  datagrams 1472
  datagrams 8000
  expect "no bad TCP checksum at either end" "" "$(bad_checksums)"
  expect "no bad UDP checksum either, and nothing left of fragments" "" "$(bad_datagrams)"
}

# announce_usual_segments SERVER: 1460 bytes, which is too much for a tunnel.
announce_usual_segments() {
  local own
  own=$(listed_for "$1" "$SERVERS")
  inside "$1" ip route change default via "${own%.*}.1"
  expect_match "$1 announces too large a segment, and its check says so" "advmss of default +none.*" "$(check_server "$1" 2>&1 || true)"
}

# A datagram that must not be fragmented: the client hears of each server what fits.
told() {
  expect "datagrams that must not be fragmented are told the MTU of each tunnel by the VIP" \
    "3/4 1468 from $VIP,3/4 1476 from $VIP,3/4 1480 from $VIP" "$(for _ in 1 2 3; do too_large; done | sort | paste -sd ,)"
}

too_large() {
  forget_paths
  inside client timeout 20 /usr/bin/python3 "$LAB_HOME/lib/icmp_errors.py" udp "$VIP" 53 64 1 1472 2>&1 | head -n 1
}

# datagrams MOST: those that may be fragmented, up to so many bytes.
datagrams() {
  local before
  set_fragmentation client 1
  before=$(by_all_sockets)
  expect "datagrams of up to $1 bytes that may be fragmented come back unchanged, pmtu-discovery $DISCOVERY" "6 lines of 9" \
    "$(inside client timeout 30 /usr/bin/python3 "$LAB_HOME/lib/udp_ask.py" "$VIP" 53 6 9 "$1" 2>&1 \
      | awk '{ count = NF } END { printf "%d lines of %d", NR, count }')"
  set_fragmentation client 0
  expect_match "some came to each server in fragments" '^[1-9][0-9]* [1-9][0-9]* [1-9][0-9]*$' "$(paste -d ' ' \
    <(tr ' ' '\n' <<<"$before") <(by_all_sockets | tr ' ' '\n') | awk '{ print $2 - $1 }' | xargs)"
}

# told_by_need SERVER PORT MTU OFFLOADS
told_by_need() {
  forget_paths
  start_capture needed client eth0 icmp
  expect_success "$MEGABYTES MiB arrive at $1, offloads $4" uploaded "$2"
  expect_soon "the client heard from the VIP that $3 bytes fit" 3 capture_holds needed 1 "src $VIP and icmp[0:2] = 0x0304 and icmp[6:2] = $3"
  expect "and of no other size" 0 "$(captured needed "not (src $VIP and icmp[0:2] = 0x0304 and icmp[6:2] = $3)" | wc -l)"
  expect_match "it believes it" "mtu $3" "$(inside client ip route get "$VIP")"
  stop_capture needed
}

# in_fragments SERVER PORT: each full segment comes as one packet to the director.
in_fragments() {
  start_capture outer "$1" eth0 "src $OWN and ip[6:2] & 0x3fff != 0"
  in_silence "$1" "$2" "in fragments"
  expect_at_least "sockets took each segment, put together by the kernel" $((MEGABYTES * 1024 * 1024 / 1460)) "$BY_SOCKETS"
  expect_soon "the outer packets were in fragments" 3 capture_holds outer $((2 * MEGABYTES * 1024 * 1024 / 1460))
  stop_capture outer
}

# made_shorter SERVER PORT: segments that are yet to be cut from a large frame are cut as they fit.
made_shorter() {
  in_silence "$1" "$2" "in segments that the director makes"
  expect_at_least "few of them had to be fragmented" 0 $((MEGABYTES * 1024 * 1024 / 1460 / 4 - BY_SOCKETS))
}

# in_silence SERVER PORT HOW: an upload about which the client is told nothing; of its packets BY_SOCKETS
# were taken by sockets.
in_silence() {
  local before
  forget_paths
  start_capture needed client eth0 icmp
  before=$(by_sockets "$1")
  expect_success "$MEGABYTES MiB arrive at $1 $3" uploaded "$2"
  BY_SOCKETS=$(($(by_sockets "$1") - before))
  expect "nobody was told an MTU" 0 "$(captured needed | wc -l)"
  stop_capture needed
}
