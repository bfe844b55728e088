# shellcheck shell=bash
# What happens to addresses in the field: a foreign host claims the VIP, servers change their MAC, and another
# station answers for a server. Topology: labs/nat.sh, with `thief` on the outer segment and `twin` on the inner
# one; each server has a port of the VIP to itself.
LAB=nat

THIEF_MAC=02:00:00:00:06:66 TWIN_MAC=02:00:00:00:06:67
CLAIMS=20

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, servers: [{ address: 192.168.0.4 }] }
  - { address: $VIP, port: 81, servers: [{ address: 192.168.0.2, port: 80 }] }
  - { address: $VIP, port: 82, servers: [{ address: 192.168.0.3, port: 80 }] }
YAML
}

scenario() {
  add_node thief twin
  plug thief eth0 $THIEF_MAC sw-wan
  plug twin eth0 $TWIN_MAC sw-lan
  # The director announces its addresses twice at its start; what repairs the segment is to be seen alone.
  wait_for 10 uptime_is 3
  expect_success "rs2 answers" answers 82 rs2
  silent_move
  one_claim
  many_claims
  twin_answers
  announced_move
  silent_move_is_over
}

# A server that says nothing is asked when its address is 30 s old, and in use for 5 s more.
silent_move() {
  inside rs2 ip link set eth0 address 02:00:00:00:02:02
  MOVED=${EPOCHREALTIME/[.,]/}
}

silent_move_is_over() {
  expect_soon "rs2, which moved without a word, answers within 45 s" \
    $((45 - (${EPOCHREALTIME/[.,]/} - MOVED) / 1000000)) answers 82 rs2
  expect "its move is on the log" 1 "$(logged 'neighbour 192.168.0.3 moved from 02:00:00:00:01:02 to 02:00:00:00:02:02')"
}

# The first claim is answered at once.
one_claim() {
  start_capture repairs router eth1 arp
  claim 1
  expect_soon "a claim of the VIP is answered by an announcement" 2 capture_holds repairs 1 "$(announcement)"
  expect_soon "the router knows the VIP by the port's MAC" 2 router_knows "$WAN_MAC"
  expect_success "the VIP answers" answers 80 rs3
  expect_match "status tells who claimed it" "conflict: $VIP claimed by $THIEF_MAC on wan, once, last [0-9]+ s ago" \
    "$(tapvs_command status)"
  expect "the log tells it at once" 1 "$(logged "our address $VIP is claimed by $THIEF_MAC\$")"
}

# Others are not, for ten seconds; whom they misled is told otherwise then.
many_claims() {
  claim $CLAIMS
  expect_soon "$CLAIMS more claims mislead the router" 2 router_knows "$THIEF_MAC"
  expect "they get no announcement of their own" 1 "$(captured repairs "$(announcement)" | wc -l)"
  expect_soon "the last word is the director's" 12 router_knows "$WAN_MAC"
  expect "it took one more announcement" 2 "$(captured repairs "$(announcement)" | wc -l)"
  stop_capture repairs
  expect_success "the VIP answers again" answers 80 rs3
  expect "status has one conflict of $((CLAIMS + 1)) claims" "$VIP $THIEF_MAC wan $((CLAIMS + 1))" "$(conflicts)"
  expect "the log has one line for the $CLAIMS" 1 \
    "$(logged "our address $VIP is claimed by $THIEF_MAC, $CLAIMS times since the last line")"
}

# rs1 was never asked for; twin answers after it, within the time in which the first answer holds.
twin_answers() {
  start_process twin twin /usr/bin/python3 "$LAB_HOME/lib/arp_tell.py" eth0 answer 192.168.0.2
  wait_for 5 grep -q ready "$STATE/logs/twin.log" || leave 1 "twin does not listen"
  expect_success "rs1 answers" answers 81 rs1
  expect_soon "twin answered for rs1's address, too" 3 grep -q 'answered 192.168.0.1' "$STATE/logs/twin.log"
  expect_match "the first answer holds" '192\.168\.0\.2 +02:00:00:00:01:01 ' "$(tapvs_command ports)"
  expect_success "rs1 answers still" answers 81 rs1
  stop_process twin
}

# A server that asks for its gateway has told where it is.
announced_move() {
  inside rs3 ip link set eth0 address 02:00:00:00:02:03
  expect_soon "rs3, which moved and asks for its gateway, answers at once" 4 asks_and_answers
  expect "its move is on the log" 1 "$(logged 'neighbour 192.168.0.4 moved from 02:00:00:00:01:03 to 02:00:00:00:02:03')"
}

asks_and_answers() {
  inside rs3 ping -c 1 -W 1 -q 192.168.0.1 >/dev/null
  answers 80 rs3
}

claim() { inside thief /usr/bin/python3 "$LAB_HOME/lib/arp_tell.py" eth0 claim "$VIP" "$1"; }

# A filter for the director's gratuitous requests for the VIP.
announcement() { printf 'ether src %s and arp[14:4] = 0x73cd04d6 and arp[24:4] = 0x73cd04d6' "$WAN_MAC"; }

router_knows() { [[ $(inside router ip neighbour show "$VIP") == *"lladdr $1 "* ]]; }

# answers PORT SERVER
answers() { [[ $(from_client -m 3 "http://$VIP:$1/") == "$2" ]]; }

conflicts() {
  status_json '"\n".join(f"{c['\''address'\'']} {c['\''mac'\'']} {c['\''port'\'']} {c['\''count'\'']}" for c in status["conflicts"])'
}

# logged EXTENDED-REGULAR-EXPRESSION: how many lines of the director's log match.
logged() { grep -cE "$1" "$STATE/logs/director.log"; }
