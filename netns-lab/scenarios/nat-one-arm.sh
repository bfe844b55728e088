# shellcheck shell=bash
# One port serves both sides: router and servers share its segment, the servers' gateway is its own address.
# Topology: labs/one-arm.sh
LAB=one-arm

CLIENT_PORT=20003

scenario() {
  local server seen
  start_capture segment sw-wan lb1-wan tcp port 80
  server=$(from_client --local-port $CLIENT_PORT "http://$VIP/")
  expect_match "curl reaches a server through the VIP" '^rs[123]$' "$server"
  seen=$(tr ' ' '\n' <<<"$SERVERS" | sed -n "s/^$server://p")
  expect_soon "the connection's end passes the port" 3 \
    capture_holds segment 4 "port $CLIENT_PORT and tcp[tcpflags] & tcp-fin != 0"
  stop_capture segment
  expect "the one port carries both halves of the connection" "$(four_halves "$seen")" \
    "$(endpoints segment "port $CLIENT_PORT" | LC_ALL=C sort)"
  expect "every frame has the port's MAC on one end" 0 \
    "$(captured segment "port $CLIENT_PORT and not ether host $WAN_MAC" | wc -l)"

  expect "wrr shares 12 connections as 3 : 2 : 1" "6 rs1 4 rs2 2 rs3" \
    "$(from_client -H 'Connection: close' "http://$VIP/[1-12]" | sort | uniq -c | xargs)"
  expect_failure "the client cannot curl 192.168.0.2" \
    inside client curl -s -m 1 -o /dev/null http://192.168.0.2/
  make_blob 32
  expect_success "32 MiB come back byte for byte" download
  expect_success "and go to a server byte for byte" uploaded
}

four_halves() {
  LC_ALL=C sort <<TEXT
10.0.0.2.$CLIENT_PORT > $VIP.80
10.0.0.2.$CLIENT_PORT > $1.80
$1.80 > 10.0.0.2.$CLIENT_PORT
$VIP.80 > 10.0.0.2.$CLIENT_PORT
TEXT
}
