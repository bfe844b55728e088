# shellcheck shell=bash
# Checks that go the way of the packets find what a check of the server's own address cannot see, and say why.
# Topology: labs/dr.sh, to which two servers of other methods are added:
#   rs4   NAT, 192.168.0.4/24 on segment sw-lan with the director's port lan (192.168.0.1/24) as gateway
#   rs5   tunnel, 115.205.4.212/28 on sw-wan
LAB=dr

LAB_TAPS='sw-wan:lb1-wan sw-lan:lb1-lan'
SERVERS='rs1:115.205.4.216 rs2:115.205.4.217 rs3:115.205.4.218 rs4:192.168.0.4 rs5:115.205.4.212'

eval "$(declare -f lab_topology | sed '1s/lab_topology/dr_topology/')"
eval "$(declare -f lab_taps | sed '1s/lab_taps/dr_taps/')"
eval "$(declare -f lab_ports | sed '1s/lab_ports/dr_ports/')"

lab_topology() {
  dr_topology
  add_node rs4 rs5
  add_segment sw-lan
  plug lb1 lan 02:00:00:00:00:51 sw-lan
  address lb1 lan 192.168.0.251/24
  inside lb1 sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
  plug rs4 eth0 02:00:00:00:01:04 sw-lan
  address rs4 eth0 192.168.0.4/24
  gateway rs4 192.168.0.1
  plug rs5 eth0 02:00:00:00:01:05 sw-wan
  address rs5 eth0 115.205.4.212/28
  gateway rs5 "$ROUTER"
  set_up_server rs5 --mode tunnel --vip "$VIP" --from "$OWN" --encapsulation ipip --decap ebpf
}

lab_taps() {
  dr_taps
  add_tap sw-lan lb1-lan 02:76:73:00:02:02
}

lab_ports() {
  dr_ports
  cat <<YAML
  lan: { tap: lb1-lan, netns: $LAB_NAME-sw-lan, mac: "$LAN_MAC", addresses: [192.168.0.1/24] }
YAML
}

# Two services of the same servers: port 80 is checked through the VIP, 8089 by the servers' own addresses.
lab_services() {
  local port checks
  for port in 80 8089; do
    checks='type: tcp, interval: 300ms, timeout: 250ms, fall: 2, rise: 1'
    ((port == 8089)) || checks+=', through: vip'
    cat <<YAML
  - { address: $VIP, port: $port, scheduler: rr, method: dr, checks: [{ $checks }], servers: [
      { address: 115.205.4.216 }, { address: 115.205.4.217 }, { address: 115.205.4.218 },
      { address: 192.168.0.4, port: $port, method: nat }, { address: 115.205.4.212, method: tunnel } ] }
YAML
  done
}

scenario() {
  expect_soon "all servers of all methods pass" 10 servers_have_health up rs1 rs2 rs3 rs4 rs5
  expect "and the site is served by all" "rs1 rs2 rs3 rs4 rs5" "$(site_servers)"

  inside rs1 ip address del "$VIP/32" dev lo
  found rs1 "a DR server without the VIP" 'VIP'
  inside rs1 ip address add "$VIP/32" dev lo
  well_again rs1

  inside rs4 ip route replace default via 192.168.0.251
  found rs4 "a NAT server with another gateway" 'gateway'
  inside rs4 ip route replace default via 192.168.0.1
  well_again rs4

  put_back_server rs5 >/dev/null
  inside rs5 ip address add "$VIP/32" dev lo
  found rs5 "a tunnel server that takes nothing out of tunnels" 'tunnel|decapsulat'
  inside rs5 ip address del "$VIP/32" dev lo
  set_up_server rs5 --mode tunnel --vip "$VIP" --from "$OWN" --encapsulation ipip --decap ebpf
  well_again rs5
}

# found SERVER WHAT REASON: service 80 takes it out and says why; the other one believes that it is well.
found() {
  local own
  own=$(address_of "$1")
  expect_soon "$2 is found" 10 health_is 80 "$own" down
  expect_match "the reason is said" "$3" "$(reason_of 80 "$own")"
  measured "$(reason_of 80 "$own")"
  expect "a check of its own address sees nothing" up "$(health_at 8089 "$own")"
  expect_failure "it gets no connection any more" grep -q "$1" <(site_servers)
}

well_again() {
  expect_soon "repaired, $1 is back" 10 health_is 80 "$(address_of "$1")" up
}

health_is() { [[ $(health_at "$1" "$2") == "$3" ]]; }

# health_at PORT ADDRESS, reason_of PORT ADDRESS
health_at() { server_of "$1" "$2" 'server["health"]["state"]'; }
reason_of() { server_of "$1" "$2" 'server["health"].get("reason", "")'; }

server_of() {
  tapvs_command status -o json | /usr/bin/python3 -c '
import json, sys
for service in json.load(sys.stdin)["services"]:
    for server in service["servers"]:
        if service["port"] == int(sys.argv[1]) and server["address"] == sys.argv[2]:
            print(eval(sys.argv[3]))' "$1" "$2" "$3"
}

# Who answers twenty visits.
site_servers() { from_client -H 'Connection: close' "http://$VIP/[1-20]" | sort -u | xargs; }
