# shellcheck shell=bash
# Captures prove what is rewritten, that both ways pass the director, and that the client's four-tuple never changes.
# Topology: labs/nat.sh, watched at four places:
#
#   client eth0 ── router ── lb1-wan ── tapvs ── lb1-lan ── rsN eth0
#        1                      2                   3           4
#   1, 2:  10.0.0.2:P <-> VIP:80                3, 4:  10.0.0.2:P <-> rsN:80
LAB=nat

CLIENT_PORT=20001

scenario() {
  local server address
  watch_all
  server=$(from_client --local-port $CLIENT_PORT "http://$VIP/")
  expect_match "one request is answered" '^rs[123]$' "$server"
  address=$(server_address "$server")
  await_end "$server"

  local outside inside
  outside="10.0.0.2.$CLIENT_PORT > $VIP.80,$VIP.80 > 10.0.0.2.$CLIENT_PORT"
  inside="10.0.0.2.$CLIENT_PORT > $address.80,$address.80 > 10.0.0.2.$CLIENT_PORT"
  expect "the client sees one four-tuple: itself and the VIP" "$outside" "$(tuples client)"
  expect "so does the director's outer segment" "$outside" "$(tuples wan)"
  expect "the director's inner segment sees client and $server" "$inside" "$(tuples lan)"
  expect "so does $server" "$inside" "$(tuples "$server")"

  both_ways_pass "$server" "$address"
  only_addresses_change "$server"
}

watch_all() {
  local server
  start_capture client client eth0 tcp
  start_capture wan sw-wan lb1-wan tcp
  start_capture lan sw-lan lb1-lan tcp
  for server in rs1 rs2 rs3; do start_capture $server $server eth0 tcp; done
}

server_address() { tr ' ' '\n' <<<"$SERVERS" | sed -n "s/^$1://p"; }

# The last acknowledgement has reached the server and all files hold the whole connection.
await_end() {
  local name
  for name in client wan lan "$1"; do
    wait_for 5 capture_whole "$name" || failed "capture $name holds the connection's end" "two FINs and the last ACK" "$(captured "$name")"
    stop_capture "$name"
  done
}

capture_whole() {
  capture_holds "$1" 2 'tcp[tcpflags] & tcp-fin != 0' \
    && captured "$1" | tail -n 1 | grep -q 'Flags \[\.\]'
}

tuples() { endpoints "$1" | sort | paste -sd ,; }

frames() { captured "$@" | wc -l; }

# MACs and counts: whatever one side sends reaches the other, through the director's two ports.
both_ways_pass() {
  local requests replies
  requests=$(frames client "dst host $VIP")
  replies=$(frames client "src host $VIP")
  expect "every request frame passes the director's port on wan" "$requests" \
    "$(frames wan "dst host $VIP and ether dst $WAN_MAC")"
  expect "and leaves from its port on lan" "$requests" "$(frames lan "dst host $2 and ether src $LAN_MAC")"
  expect "and reaches $1" "$requests" "$(frames "$1" "dst host $2")"
  expect "every reply frame passes the director's port on lan" "$replies" \
    "$(frames lan "src host $2 and ether dst $LAN_MAC")"
  expect "and leaves from its port on wan" "$replies" "$(frames wan "src host $VIP and ether src $WAN_MAC")"
  expect "no server's address is seen outside" 0 "$(frames wan net 192.168.0.0/24)"
  local other
  for other in rs1 rs2 rs3; do
    [[ $other == "$1" ]] || expect "$other sees nothing of it" 0 "$(frames "$other")"
  done
}

# Sequence and acknowledgement numbers, flags and windows stay as they were sent.
only_addresses_change() {
  expect "flags, sequence numbers and windows reach $1 unchanged" \
    "$(segments client "dst host $VIP")" "$(segments "$1" "src host 10.0.0.2")"
  expect "and come back unchanged" "$(segments "$1" "dst host 10.0.0.2")" "$(segments client "src host $VIP")"
}

segments() { captured "$@" | sed 's/.*: Flags/Flags/; s/: HTTP.*//'; }
