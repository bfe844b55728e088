# shellcheck shell=bash
# tapvs is killed and started again with direct routing: clients are reset, servers are not told and keep their ends.
# Topology: labs/dr.sh
LAB=dr

HELD=100

scenario() {
  local held
  start_capture director sw-wan lb1-wan 'tcp[tcpflags] & tcp-rst != 0'
  restart_in_use $HELD
  expect_soon "the resets are the director's, in the VIP's name" 3 \
    capture_holds director $HELD "src $VIP and ether src $WAN_MAC and ether dst $ROUTER_MAC"
  # The download's server goes on sending past the director. What the client answers does not reach it any more.
  expect_soon "a client that still gets data answers with a reset" 10 \
    capture_holds director 1 "src port $DOWNLOAD_PORT and ether dst $WAN_MAC"
  expect "which the director knows no server for" 0 "$(captured director "src port $DOWNLOAD_PORT and ether src $WAN_MAC" | wc -l)"
  held=$(server_ends)
  expect "the servers still hold their ends of the $HELD" $HELD "$held"
}

# Ends of the held connections at servers.
server_ends() {
  local server
  for server in rs1 rs2 rs3; do
    inside $server ss -Htn state established "dport >= 10000 and dport < $((10000 + HELD))"
  done | wc -l
}
