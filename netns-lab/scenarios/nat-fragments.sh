# shellcheck shell=bash
# Datagrams in fragments reach one server and come back, also in a flood of fragments that belong to nothing.
# Topology: labs/nat.sh; servers answer UDP on port 5300, the VIP has it on port 53. Offloads are off, so that
# the kernels on both sides send real fragments.
LAB=nat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, servers: [{ address: 192.168.0.2 }] }
  - { address: $VIP, port: 53, protocol: udp, scheduler: rr, servers: [
      { address: 192.168.0.2, port: 5300 }, { address: 192.168.0.3, port: 5300 }, { address: 192.168.0.4, port: 5300 } ] }
YAML
}

FLOOD=$( ((LONG)) && printf 500000 || printf 40000)

scenario() {
  local server
  for server in rs1 rs2 rs3; do
    start_process "udp-$server" $server /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" $server 5300
    wait_for 5 grep -q ready "$STATE/logs/udp-$server.log" || leave 1 "no UDP server in $server"
  done
  set_offloads off
  there_and_back
  as_they_came
  in_a_flood
}

there_and_back() {
  expect "12 client ports are answered 10 times each, datagrams up to 60000 bytes" "12 lines of 10" "$(asked 12 10 60000)"
  expect_at_least "they were put together" 200 "$(counted datagrams-reassembled)"
  expect_at_least "and sent in fragments" 200 "$(counted datagrams-fragmented)"
  expect "no bad UDP checksum, nothing left over at client or servers" "" "$(bad_datagrams)"
}

# The server's fragments keep their sizes on the way to the client: 1500, 1500, 1080 bytes of IP.
as_they_came() {
  start_capture fragments client eth0 src "$VIP"
  expect "a datagram of 4012 bytes is answered" "1 lines of 1" "$(asked 1 1 4008)"
  wait_for 3 capture_holds fragments 3
  expect "it leaves as it came: fragments of 1500, 1500 and 1080 bytes" "1514 1514 1094" \
    "$(captured fragments | sed -nE 's/.*ethertype IPv4 \(0x0800\), length ([0-9]+):.*/\1/p' | xargs)"
  stop_capture fragments
}

in_a_flood() {
  local before
  before=$(resident)
  start_process flood router /usr/bin/python3 "$LAB_HOME/lib/fragments.py" eth1 "$WAN_MAC" "$VIP" lone "$FLOOD"
  expect "beside $FLOOD lone fragments datagrams of 8000 bytes are answered" "12 lines of 20" "$(asked 12 20 8000)"
  wait_for 60 process_ended flood
  expect "a thousand overlapping pairs are sent" 2000 \
    "$(inside router /usr/bin/python3 "$LAB_HOME/lib/fragments.py" eth1 "$WAN_MAC" "$VIP" overlapping 1000)"
  expect_at_least "the oldest made room" $((FLOOD / 2)) "$(counted fragment-memory-exceeded)"
  expect "overlapping ones went with all that they belong to" 2000 "$(counted fragment-overlap)"
  expect_at_least "memory grew by less than 32 MiB" 0 $((before + 32768 - $(resident)))
  expect_success "the client's curl is answered" service_answers
}

# asked PORTS TIMES LONGEST: "LINES lines of ANSWERS", all from one server each, unchanged.
asked() {
  inside client timeout 120 /usr/bin/python3 "$LAB_HOME/lib/udp_ask.py" "$VIP" 53 "$@" 2>&1 | awk '
    NR == 1 { count = NF }
    { for (i = 2; i <= NF; i++) if ($i != $1) mixed = 1; if (NF != count) mixed = 1; last = $0 }
    END { if (mixed) print last; else printf "%d lines of %d", NR, count }'
}
