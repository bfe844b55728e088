# shellcheck shell=bash
# tapvs is killed and started again with FullNAT: clients are reset, and local ports that servers hold delay nobody.
# Topology: labs/fullnat.sh; port 8080 has so few local ports that each is met again.
LAB=fullnat

HELD=100 FEW=40 FEW_HELD=20

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: fullnat, local-addresses: [115.205.4.217], servers: [
      { address: 172.16.1.2 }, { address: 172.16.1.3 }, { address: 172.16.2.2 } ] }
  - { address: $VIP, port: 8080, method: fullnat, local-addresses: [115.205.4.216], local-ports: 20000-$((20000 + FEW - 1)), servers: [
      { address: 172.16.1.2, port: 8081 } ] }
YAML
}

scenario() {
  start_capture resets sw-wan lb1-wan 'tcp[tcpflags] & tcp-rst != 0'
  restart_in_use $HELD
  expect_soon "its server, which goes on sending, is reset in the local address's name" 10 \
    capture_holds resets 1 "src 115.205.4.217 and ether src $WAN_MAC and ether dst $ROUTER_MAC"
  ports_of_the_past
}

# The server answers a SYN on a four-tuple that it holds with an ACK of old numbers; the client's reset in answer
# ends the old connection, with its number shifted, and the next SYN opens the new one.
ports_of_the_past() {
  local answered servers slowest
  start_process few client /usr/bin/python3 "$LAB_HOME/lib/idle_connections.py" "$VIP" 8080 $FEW_HELD
  wait_for 10 grep -q ready "$STATE/logs/few.log" || leave 1 "no $FEW_HELD connections: $(tail -n 3 "$STATE/logs/few.log")"
  stop_process director KILL
  start_director
  await_service
  expect "the server still holds $FEW_HELD of $FEW local ports" $FEW_HELD "$(old_ends)"
  read -r answered servers slowest < <(inside client timeout 60 /usr/bin/python3 "$LAB_HOME/lib/reuse_ports.py" \
    "$VIP" 8080 $FEW 1 2>&1 | tail -n 1)
  expect "as many new connections are answered as there are ports" "$FEW by 1" "$answered by $servers"
  expect_at_least "each within a second (the longest $slowest ms)" 0 $((1000 - slowest))
  expect_soon "those that met an old one have ended it" 3 \
    capture_holds resets $FEW_HELD "src 115.205.4.216 and dst 172.16.1.2 and dst port 8081"
  expect "of which none is left" 0 "$(old_ends)"
}

old_ends() { inside rs1 ss -Htn state established sport = 8081 | wc -l; }
