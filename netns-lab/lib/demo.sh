# shellcheck shell=bash
# demo: the whole thing in a minute, from nothing to nothing.

DEMO_PORT=20100

command_demo() {
  (($# == 0)) || leave 2 "demo takes no argument"
  use_lab demo
  load_lab nat
  require_all
  undo_on_exit
  local began=${EPOCHREALTIME/[.,]/} server
  build_lab nat
  start_director
  await_service
  topic "lab nat is up in $(seconds_since "$began"): a client, a router, three web servers, and tapvs on two TAPs"

  topic "the client asks http://$VIP/ six times (weights 3, 2, 1)"
  prompt client "curl http://$VIP/"
  from_client -H 'Connection: close' "http://$VIP/[1-6]" | sed 's/^/    /'

  topic "no other way leads to the servers"
  prompt client "ping -c 1 192.168.0.2"
  inside client ping -c 1 -W 1 192.168.0.2 2>&1 | sed -n 's/.*\(From.*\)/    \1/p' || true

  watch_connection
  show_connections
  take_down
  STATE_CREATED=0
  keep_on_exit
  topic "lab removed; netns-lab/lab up builds one that stays, netns-lab/lab --help says more"
}

topic() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }

prompt() { printf '  %s%s$ %s%s\n' "$DIM" "$1" "${*:2}" "$PLAIN"; }

# The handshake of one connection at its two ends.
watch_connection() {
  local server
  start_capture client client eth0 "tcp port $DEMO_PORT"
  for server in rs1 rs2 rs3; do start_capture "$server" "$server" eth0 "tcp port $DEMO_PORT"; done
  server=$(from_client --local-port $DEMO_PORT "http://$VIP/")
  wait_for 5 capture_holds "$server" 2 'tcp[tcpflags] & tcp-syn != 0' || true
  wait_for 5 capture_holds client 2 'tcp[tcpflags] & tcp-syn != 0' || true
  topic "what is rewritten: one connection as the client and as $server see it"
  handshake client "dst host $VIP" "$server" "src host 10.0.0.2"
  handshake "$server" "dst host 10.0.0.2" client "src host $VIP"
}

# handshake NODE FILTER NODE FILTER: a SYN before and after the director.
handshake() {
  local place
  printf '\n'
  for place in 1 3; do
    printf '    %-7s' "${!place}"
    shown "${!place}" "${@:place + 1:1}"
  done
}

# shown NODE FILTER: the frame with SYN, addresses in colour.
shown() {
  captured "$1" "$2 and tcp[tcpflags] & tcp-syn != 0" | head -n 1 \
    | sed -E "s/.* ([0-9.]+) > ([0-9.]+): Flags \[([^]]*)\], seq ([0-9]+).*/$GREEN\1 > \2$PLAIN  \3  seq \4/; s/  S\.  /  SYN+ACK  /; s/  S  /  SYN  /"
}

show_connections() {
  local listing
  listing=$(tapvs_command connections 2>/dev/null | head -n 20) || return 0
  topic "what tapvs remembers"
  prompt lb1 "tapvs connections"
  printf '%s\n' "$listing" | sed 's/^/    /'
}
