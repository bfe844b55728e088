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

# What waits is bounded by 4 MiB, that is 2700 lone fragments of this flood. It lasts until it is ended.
FLOOD=10000000
# How many datagrams each of 12 client ports sends beside it.
TIMES=$( ((LONG)) && printf 400 || printf 20)

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

# Under load the queue of the port or the kernel's backlog overflows at times, and what is lost there nobody
# can answer: a datagram in twenty may be asked for again, as a resolver would. Were the flood to displace
# what is whole, four of five would.
in_a_flood() {
  local before
  before=$(resident)
  start_process flood router /usr/bin/python3 "$LAB_HOME/lib/fragments.py" eth1 "$WAN_MAC" "$VIP" lone $FLOOD
  wait_for 30 displaced 1 || leave 1 "the flood does not displace anything"
  expect "beside lone fragments 12 client ports are answered $TIMES times each, datagrams up to 8000 bytes" \
    "12 lines of $TIMES" "$(asked 12 "$TIMES" 8000 $((12 * TIMES / 20)))"
  expect_soon "the oldest made room" 30 displaced 20000
  expect_success "the flood lasted longer than the questions" process_runs flood
  stop_process flood
  expect_success "the client's curl is answered" service_answers
  overlapping
  expect_at_least "memory grew by less than 32 MiB" 0 $((before + 32768 - $(resident)))
  expect_success "the client's curl is answered" service_answers
}

# 800 frames, fewer than the port's queue holds, so that each is judged.
overlapping() {
  expect "400 overlapping pairs are sent" 800 \
    "$(inside router /usr/bin/python3 "$LAB_HOME/lib/fragments.py" eth1 "$WAN_MAC" "$VIP" overlapping 400)"
  expect_soon "each went with all that it belongs to" 5 all_overlapped
}

displaced() { (($(counted fragment-memory-exceeded) >= $1)); }

all_overlapped() { (($(counted fragment-overlap) == 800)); }

# asked PORTS TIMES LONGEST [REPEATS]: "LINES lines of ANSWERS", all from one server each, unchanged.
asked() {
  inside client timeout 120 /usr/bin/python3 "$LAB_HOME/lib/udp_ask.py" "$VIP" 53 "$@" 2>&1 | awk '
    /^[0-9]+ repeated$/ { next }
    !lines { count = NF }
    { lines++; for (i = 2; i <= NF; i++) if ($i != $1) mixed = 1; if (NF != count) mixed = 1; last = $0 }
    END { if (mixed) print last; else printf "%d lines of %d", lines, count }'
}
