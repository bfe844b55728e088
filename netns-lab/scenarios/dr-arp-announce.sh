# shellcheck shell=bash
# arp_announce: a server that answers from the VIP asks for its gateway in the VIP's name, unless it is told not to.
# Topology: labs/dr.sh
LAB=dr

TRIES=12

scenario() {
  local seen
  # The director announces its addresses twice at its start, which would hide what the router learns.
  wait_for 10 uptime_is 3
  start_capture asked sw-wan lb1-wan arp
  seen=$(tries $TRIES visit)
  expect "all.arp_announce=2: the router keeps the director's MAC $TRIES times" "$TRIES director" "$seen"
  expect_soon "servers asked for the gateway" 3 capture_holds asked $TRIES "$(gateway_asked)"
  expect "by their own addresses" 0 "$(captured asked "$(gateway_asked) and $FOR_THE_VIP" | wc -l)"
  expect "nobody claims the VIP" "" "$(conflicts)"

  setting arp_announce 0
  hijacked "without"
  reported

  setting arp_announce 2 lo
  hijacked "lo.arp_announce=2 alone"

  setting arp_announce 2
  seen=$(tries $TRIES visit)
  expect "with it again: $TRIES times the director" "$TRIES director" "$seen"
}

# What a server asks when it does not know its gateway.
gateway_asked() { printf 'arp[6:2] = 1 and ether[6:4] = 0x02000000 and ether[10] = 1 and arp[24:4] = 0x73cd04d1'; }

# Its sender is the VIP.
FOR_THE_VIP='arp[14:4] = 0x73cd04d6'

# hijacked SETTING
hijacked() {
  local seen before
  before=$(captured asked "$(gateway_asked) and $FOR_THE_VIP" | wc -l)
  seen=$(tries $TRIES visit)
  expect_at_least "$1: asking for the gateway gives the router the server's MAC for the VIP" 1 "$(wrong "$seen")"
  measured "of $TRIES tries: $seen"
  expect_soon "$1: the sender of that request is the VIP" 3 \
    capture_holds asked $((before + 1)) "$(gateway_asked) and $FOR_THE_VIP"
}

# The director hears it, and tells the segment and the administrator.
reported() {
  expect_reported
  expect_soon "it contradicts them: the router knows better in the end" 15 repaired
}

repaired() { [[ $(station "$(believed)") == director ]]; }

# The reply of a server that knows no gateway any more: it asks for one.
visit() {
  local server
  for server in rs1 rs2 rs3; do inside $server ip neighbour flush to "$ROUTER" dev eth0; done
  from_client -m 5 -o /dev/null "http://$VIP/"
}
