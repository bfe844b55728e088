# shellcheck shell=bash
# The director answers ARP once, with its port's MAC, for the VIP and its own addresses, and for nothing else.
# Topology: labs/nat.sh. The router asks on the outer segment, rs1 on the inner one.
LAB=nat

ROUTER=115.205.4.209 KERNEL=115.205.4.219 NOBODY=115.205.4.212

scenario() {
  local kind
  for kind in broadcast unicast; do
    expect "one answer to a $kind request for the VIP" "$(answer "$WAN_MAC" $ROUTER)" "$(ask $kind "$VIP")"
  done
  expect "one answer to a probe for the VIP" "$(answer "$WAN_MAC" 0.0.0.0)" "$(ask probe "$VIP")"
  expect "one answer for the port's own address" "$(answer "$WAN_MAC" $ROUTER)" "$(ask broadcast 115.205.4.215)"
  expect "one answer for the servers' gateway" "$(answer "$LAN_MAC" 192.168.0.2)" \
    "$(inside rs1 /usr/bin/python3 "$LAB_HOME/lib/arp_ask.py" eth0 broadcast 192.168.0.1 192.168.0.2)"

  for kind in broadcast unicast probe; do
    expect "none to a $kind request for $NOBODY" "" "$(ask $kind $NOBODY)"
  done
  expect "none for a server's address outside" "" "$(ask broadcast 192.168.0.2)"
  expect "the kernel's own address is answered by the kernel alone" "$(answer 02:00:00:00:00:19 $ROUTER)" \
    "$(ask broadcast $KERNEL)"
  learned

  stop_process director
  for kind in broadcast unicast probe; do
    expect "none to a $kind request for the VIP with the director stopped" "" "$(ask $kind "$VIP")"
  done
  expect "while the segment still works" "$(answer 02:00:00:00:00:19 $ROUTER)" "$(ask broadcast $KERNEL)"
}

# ask KIND ADDRESS: from the router; unicast goes to the port's MAC.
# A request that could not be sent must not pass for one without an answer.
ask() {
  inside router /usr/bin/python3 "$LAB_HOME/lib/arp_ask.py" eth1 "$1" "$2" $ROUTER "$WAN_MAC" \
    || printf 'not asked'
}

# answer MAC ASKER: what exactly one answer looks like.
answer() { printf '%s from %s to me about %s' "$1" "$1" "$2"; }

learned() {
  expect_match "the router knows the VIP by the port's MAC" "lladdr $WAN_MAC" \
    "$(inside router ip neighbour show "$VIP")"
}
