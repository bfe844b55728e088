# shellcheck shell=bash
# Servers in other networks get the client's packets in tunnels of every kind, unchanged, and answer it themselves.
# Topology: labs/tunnel.sh; rs1 is reached by IPIP, rs2 by GRE and rs3 by GUE; port 8081 is rs2's and port 8089 rs3's,
# with checksums in the outer headers. Watched where the director's port is plugged in.
LAB=tunnel

ENCAPSULATIONS='rs1:ipip rs2:gre rs3:gue'

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: wrr, method: tunnel, servers: [ { address: 172.16.1.2, weight: 3 },
      { address: 172.16.1.3, weight: 2, tunnel: { encapsulation: gre } }, { address: 172.16.2.2, tunnel: { encapsulation: gue } } ] }
  - { address: $VIP, port: 8081, method: tunnel, tunnel: { encapsulation: gre, checksum: true }, servers: [{ address: 172.16.1.3 }] }
  - { address: $VIP, port: 8089, method: tunnel, tunnel: { encapsulation: gue, checksum: true }, servers: [{ address: 172.16.2.2 }] }
YAML
}

scenario() {
  local server
  for server in rs1 rs2 rs3; do expect_success "$server is as a real server has to be" check_server $server; done
  expect "wrr shares 60 connections as 3 : 2 : 1" "30 rs1 20 rs2 10 rs3" \
    "$(from_client -H 'Connection: close' "http://$VIP/[1-60]" | sort | uniq -c | xargs)"
  followed
  past_the_director
  without_decapsulator
}

# The client finishes its checksums, so that what comes and what leaves can be compared.
followed() {
  finish_checksums client eth0
  SNAPSHOT=2000 start_capture director sw-wan lb1-wan ip
  expect "each server sees the client's own address" "30 rs1 10.0.0.2 20 rs2 10.0.0.2 10 rs3 10.0.0.2" "$(seen_by 80 60)"
  expect "rs2 does by GRE with checksums" "5 rs2 10.0.0.2" "$(seen_by 8081 5)"
  expect "rs3 does by GUE with checksums" "5 rs3 10.0.0.2" "$(seen_by 8089 5)"
  # The client's last acknowledgements may be on their way.
  expect_soon "the director's port saw all of it" 5 all_seen
  stop_capture director
  director_packets >"$STATE/packets"
  expect "what comes to the VIP is in no tunnel" "plain" "$(of "$ROUTER_MAC" 2)"
  expect "what leaves is, from the director's own address, each server by its tunnel" \
    "gre $OWN 172.16.1.3,gre+checksum $OWN 172.16.1.3,gue $OWN 172.16.2.2,gue+checksum $OWN 172.16.2.2,ipip $OWN 172.16.1.2" \
    "$(of "$WAN_MAC" 2,3,4)"
  expect "outer headers forbid fragments as those inside do, and live as long: one hop less than what came" \
    "df 62 62" "$(of "$WAN_MAC" 5,6,8)"
  expect "all checksums are right" "fine" "$(of "$WAN_MAC" 7)"
  expect "packets inside are what the router brought, but for time to live" \
    "$(inner "$ROUTER_MAC" | md5sum)" "$(inner "$WAN_MAC" | md5sum)"
  expect_at_least "at least four packets of each connection" 280 "$(inner "$WAN_MAC" | wc -l)"
}

# seen_by PORT COUNT: how many of COUNT requests which server answered, and from where it saw them come.
seen_by() {
  from_client -H 'Connection: close' "http://$VIP:$1/seen?[1-$2]" | sed 's/:[0-9]*$//' | sort | uniq -c | xargs
}

all_seen() {
  director_packets >"$STATE/packets"
  (($(inner "$ROUTER_MAC" | wc -l) >= 280)) && [[ $(inner "$ROUTER_MAC" | wc -l) == "$(inner "$WAN_MAC" | wc -l)" ]]
}

director_packets() { /usr/bin/python3 "$LAB_HOME/lib/tunnel_packets.py" "$STATE/captures/director.pcap" "$VIP" 2>/dev/null; }

# of MAC FIELDS: what these fields are in packets that MAC sent, each once.
of() { grep "^$1 " "$STATE/packets" | cut -d ' ' -f "$2" | sort -u | paste -sd ,; }

# inner MAC: the packets for the VIP that it sent, sorted.
inner() { grep "^$1 " "$STATE/packets" | cut -d ' ' -f 9 | sort; }

past_the_director() {
  expect "no reply passes the director" 0 "$(captured director "src $VIP" | wc -l)"
  expect "nor does any server send it anything else" 0 "$(captured director "net 172.16.0.0/16 and not src $OWN" | wc -l)"
}

# Servers that open no tunnel answer as if they knew of none, and the director names them.
without_decapsulator() {
  local server
  expect_match "nobody is told to open no tunnel" '^0$' "$(grep -c "takes nothing out" "$STATE/logs/director.log")"
  for server in rs1 rs2 rs3; do expect_success "$server is put back" put_back_server $server; done
  expect "rs1 has no VIP any more" "" "$(inside rs1 ip -o address show to "$VIP")"
  expect "visits are in vain" "" "$(from_client -m 1 --connect-timeout 0.3 "http://$VIP/[1-6]")"
  named 172.16.1.2 ipip protocol
  named 172.16.1.3 gre protocol
  named 172.16.2.2 gue port
  expect_at_least "tapvs status counts such answers" 3 "$(counted tunnels-refused)"
}

# named SERVER ENCAPSULATION WHAT
named() {
  expect_soon "the log names $1, which takes nothing out of $2" 5 \
    grep -q "real server $1 takes nothing out of its $2 tunnel: it answers $3 unreachable" "$STATE/logs/director.log"
}
