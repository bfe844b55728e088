# shellcheck shell=bash
# What others than the director send by its tunnels, or what is wrong inside, reaches no server's application.
# Topology: labs/tunnel.sh; rs1 opens tunnels of every kind, first by the eBPF program, then by sockets alone.
# The router's end of the segment sends SYNs in tunnels, which are answered if they arrive.
LAB=tunnel

COUNT=20 SENDER=10.0.0.77

# Who opens tunnels is started here, so that what it counted can be read.
prepare_server() { set_up_server "$1" --mode tunnel --vip "$VIP" --from "$OWN" --decap none; }

lab_services() {
  printf '  - { address: %s, port: 80, method: tunnel, servers: [{ address: 172.16.1.2 }] }\n' "$VIP"
}

bring_up() {
  build_lab "$LAB"
  start_rings
  start_decapsulator ebpf
  start_director
  await_service
}

scenario() {
  /usr/bin/python3 "$LAB_HOME/lib/hostile_tunnels.py" --ports >"$STATE/ports"
  sent_to ebpf
  start_decapsulator socket
  sent_to socket
}

# start_decapsulator METHOD
start_decapsulator() {
  METHOD=$1
  rm -f "$STATE/logs/decap.log"
  start_process decap rs1 "$DIRECTOR" real-server decap --vip "$VIP" --from "$OWN" --method "$METHOD"
  wait_for 10 grep -q '^ready' "$STATE/logs/decap.log" || leave 1 "rs1 opens no tunnel: $(tail -n 1 "$STATE/logs/decap.log")"
}

# sent_to METHOD
sent_to() {
  local encapsulation kind
  for encapsulation in ipip gre gue; do
    start_capture answers rs1 eth0 "src port 80 and tcp[tcpflags] & tcp-syn != 0 and dst $SENDER"
    for kind in $(kinds | grep -v honest) honest; do send_tunnels $encapsulation "$kind"; done
    # Sent last: when they are answered, those before them were dealt with.
    expect_soon "in $encapsulation, $1: what a director would send is answered" 5 capture_holds answers 1 "dst port $(port_of honest)"
    stop_capture answers
    for kind in $(kinds | grep -v honest); do
      expect "nobody answers what is $kind" 0 "$(captured answers "dst port $(port_of "$kind")" | wc -l)"
    done
  done
  expect_success "the client is answered meanwhile" service_answers
  stop_process decap
  counted_by "$1" stranger $((2 * 3 * COUNT))
  counted_by "$1" notVirtual $((3 * COUNT))
  counted_by "$1" malformed $((5 * 3 * COUNT))
  counted_by "$1" nested $((3 * 3 * COUNT))
}

kinds() { cut -d ' ' -f 1 "$STATE/ports"; }

port_of() { sed -n "s/^$1 //p" "$STATE/ports"; }

# send_tunnels ENCAPSULATION KIND
send_tunnels() {
  inside router /usr/bin/python3 "$LAB_HOME/lib/hostile_tunnels.py" eth2 02:00:00:00:01:01 172.16.1.2 "$VIP" "$OWN" "$@" $COUNT $SENDER
}

# counted_by METHOD EVENT COUNT
counted_by() {
  expect "$1 counts $2" "tapvs: $1: $2: $3" "$(grep "^tapvs: $1: $2: " "$STATE/logs/decap.log")"
}
