# shellcheck shell=bash
# Servers behind the VIP are reached by their MAC alone, and answer the client themselves, past the director.
# Topology: labs/dr.sh, watched at four places:
#
#   client eth0 ── router eth1 ── lb1-wan ── rsN eth0        replies: rsN eth0 ── router eth1 ── client eth0
LAB=dr

CLIENT_PORT=20001 HELD=12

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: wrr, method: dr, servers: [
      { address: 115.205.4.216, weight: 3 }, { address: 115.205.4.217, weight: 2 }, { address: 115.205.4.218 } ] }
  - { address: $VIP, port: 53, protocol: udp, scheduler: rr, method: dr, servers: [
      { address: 115.205.4.216 }, { address: 115.205.4.217 }, { address: 115.205.4.218 } ] }
YAML
}

scenario() {
  local server
  for server in rs1 rs2 rs3; do expect_success "$server is as a real server has to be" check_server $server; done
  start_capture director sw-wan lb1-wan ip
  expect "wrr shares 60 connections as 3 : 2 : 1" "30 rs1 20 rs2 10 rs3" \
    "$(from_client -H 'Connection: close' "http://$VIP/[1-60]" | sort | uniq -c | xargs)"
  one_connection
  listed
  datagrams
  expect_soon "the director's port saw all of it" 3 capture_holds director 120 "dst $VIP and udp"
  stop_capture director
  expect "no frame to the director's MAC carries the VIP as its source" 0 \
    "$(frames director "src $VIP and ether dst $WAN_MAC")"
  expect "nor does it send any with that source" 0 "$(frames director "src $VIP and ether src $WAN_MAC")"
}

# One request, followed to its server and back.
one_connection() {
  local name server mac
  for name in client:eth0 router:eth1 rs1:eth0 rs2:eth0 rs3:eth0; do
    start_capture "${name%:*}" "${name%:*}" "${name#*:}" tcp port $CLIENT_PORT
  done
  server=$(from_client --local-port $CLIENT_PORT "http://$VIP/seen")
  expect_match "the server sees the client's own address" "^rs[123] 10\.0\.0\.2:$CLIENT_PORT\$" "$server"
  server=${server%% *}
  mac=02:00:00:00:01:0${server#rs}
  for name in client router "$server"; do
    expect_soon "the whole connection is seen: $name" 5 capture_whole "$name"
  done
  only_the_link_address "$server" "$mac"
  past_the_director "$server" "$mac"
  for name in client router rs1 rs2 rs3; do stop_capture $name; done
}

# capture_whole NAME: two FINs, and the acknowledgement of the last.
capture_whole() {
  capture_holds "$1" 2 'tcp[tcpflags] & tcp-fin != 0' \
    && captured "$1" | tail -n 1 | grep -q 'Flags \[\.\]'
}

# only_the_link_address SERVER MAC: what the director changes of a request.
only_the_link_address() {
  local requests other
  requests=$(frames client "dst $VIP")
  expect_at_least "the client sends frames to the VIP" 4 "$requests"
  expect "the router sends every request to the director's MAC" "$requests" \
    "$(frames router "dst $VIP and ether dst $WAN_MAC and ip[8] = 63")"
  expect "$1 gets them from there, to its own MAC, with a time to live of one less" "$requests" \
    "$(frames "$1" "dst $VIP and ether src $WAN_MAC and ether dst $2 and ip[8] = 62")"
  expect "addresses, ports and all else are as the router sent them" \
    "$(packets router "dst $VIP")" "$(packets "$1" "dst $VIP")"
  for other in rs1 rs2 rs3; do
    [[ $other == "$1" ]] || expect "$other gets none" 0 "$(frames $other "dst $VIP and ether dst 02:00:00:00:01:0${other#rs}")"
  done
}

# past_the_director SERVER MAC: the way of the replies.
past_the_director() {
  local replies
  replies=$(frames "$1" "src $VIP")
  expect_at_least "$1 answers from the VIP" 3 "$replies"
  expect "every reply goes from its MAC to the router's" "$replies" \
    "$(frames router "src $VIP and ether src $2 and ether dst $ROUTER_MAC and ip[8] = 64")"
  expect "and reaches the client one hop later" "$replies" "$(frames client "src $VIP and ip[8] = 63")"
  expect "the client's four-tuple is the same all the way" \
    "$(tuples client),$(tuples client)" "$(tuples router),$(tuples "$1")"
}

frames() { captured "$@" | wc -l; }

tuples() { endpoints "$1" | paste -sd ,; }

# The director hears the client alone: that is enough to follow a connection, and to see it end.
listed() {
  hold_connections $HELD 10.0.0.2
  expect_answers "$HELD connections are open" $HELD
  expect "tapvs connections lists them as established" "$HELD ESTABLISHED" "$(states)"
  expect "tapvs status counts them, by weight" "6 4 2" "$(active)"
  close_connections
  expect_answers "each is closed from both sides" $HELD
  expect_soon "the client's FIN ends them for the director" 5 states_are "$HELD FIN_WAIT"
  expect_match "as it did before with the request of port $CLIENT_PORT" 'FIN_WAIT' \
    "$(tapvs_command connections | grep -F "10.0.0.2:$CLIENT_PORT ")"
  expect "none of them is active" "0 0 0" "$(active)"
}

# Of the connections that are held, how many are in each state.
states() {
  tapvs_command connections | awk '$2 ~ /^10\.0\.0\.2:100[0-9][0-9]$/ { print $5 }' | sort | uniq -c \
    | xargs
}

states_are() { [[ $(states) == "$1" ]]; }

# The ACTIVE column of the TCP service's servers.
active() { tapvs_command status | awk '$1 ~ /:80$/ && $2 == "dr" { print $4 }' | xargs; }

# Servers answer from the address that their socket is bound to.
datagrams() {
  local server seen
  for server in rs1 rs2 rs3; do
    start_process "udp-$server" $server /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" $server 53 "$VIP"
    wait_for 5 grep -q ready "$STATE/logs/udp-$server.log" || leave 1 "no UDP server in $server"
  done
  seen=$(inside client timeout 60 /usr/bin/python3 "$LAB_HOME/lib/udp_ask.py" "$VIP" 53 12 10 2>&1)
  expect "12 client ports are answered 10 times each by UDP, unchanged and from the VIP" "12 lines of 10" \
    "$(awk '{ if (NF != 10) exit 1 } END { printf "%d lines of %d", NR, NF }' <<<"$seen" || printf '%s' "$seen")"
  expect "each stays with one server, and they share them in turn" "4 rs1 4 rs2 4 rs3" \
    "$(awk '{ for (i = 2; i <= NF; i++) if ($i != $1) next; print $1 }' <<<"$seen" | sort | uniq -c | xargs)"
}
