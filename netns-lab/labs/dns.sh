# shellcheck shell=bash
# One site twice: under a name with three public addresses, and under the VIP in front of the same servers.
#
#   client  resolver                 ┌─ sw-wan ─┐        lb1         ┌─ sw-lan ─┐
#  ┌──────┐┌──────┐                  │   br0    ├── ns               │   br0    │
#  │ eth0 ││ eth0 │                  │          │  ┌─────────────┐  │          │
#  └───┬──┘└──┬───┘                  │   lb1-wan├──┤    tapvs    ├──┤lb1-lan   │
#   ┌──┴─ sw-client ┐  ┌─ router ─┐  │       lb1├──┤ wan     lan ├──┤lb1       │
#   │      br0      ├──┤eth0  eth1├──┤          │  └─────────────┘  │          │
#   └───────────────┘  └──────────┘  └─┴──┴──┴──┘ rs1-3 eth0, eth1  └─┴──┴──┴──┘
#
#   client    10.0.0.2/24       resolver  10.0.0.53/24: unbound, which keeps answers for TTL seconds
#   ns        115.205.4.210/28: nsd, which has an address record for each server
#   rs1-3     115.205.4.216-218/28, gateway the router; 192.168.0.2-4/24, whose replies go by tapvs

# shellcheck source=netns-lab/labs/nat.sh
source "$LAB_HOME/labs/nat.sh"

SITE=www.site.example TTL=6
BEHIND_VIP='1 2 3'
RESOLVER=10.0.0.53 NAME_SERVER=115.205.4.210
LAB_CAPTURES='client:eth0 ns:eth0 sw-wan:lb1-wan sw-lan:lb1-lan'

lab_topology() {
  add_node client resolver router ns lb1 rs1 rs2 rs3
  add_segment sw-client
  add_segment sw-wan
  add_segment sw-lan

  outer_node client 02:00:00:00:00:02 sw-client 10.0.0.2/24 10.0.0.1
  outer_node resolver 02:00:00:00:00:53 sw-client $RESOLVER/24 10.0.0.1
  outer_node ns 02:00:00:00:00:10 sw-wan $NAME_SERVER/28 115.205.4.209
  plug router eth0 02:00:00:00:00:03 sw-client
  address router eth0 10.0.0.1/24
  inside router sysctl -qw net.ipv4.ip_forward=1
  plug router eth1 02:00:00:00:00:01 sw-wan
  address router eth1 115.205.4.209/28

  plug lb1 wan 02:00:00:00:00:19 sw-wan
  address lb1 wan 115.205.4.219/28
  plug lb1 lan 02:00:00:00:00:51 sw-lan
  address lb1 lan 192.168.0.251/24
  own_addresses_only lb1

  local number
  for number in 1 2 3; do
    outer_node "rs$number" "02:00:00:00:01:0$number" sw-wan "115.205.4.$((number + 215))/28" 115.205.4.209
    plug "rs$number" eth1 "02:00:00:00:01:1$number" sw-lan
    address "rs$number" eth1 "192.168.0.$((number + 1))/24"
    own_addresses_only "rs$number"
    inside "rs$number" ip route add default via 192.168.0.1 table 100
    inside "rs$number" ip rule add from 192.168.0.0/24 table 100
  done
  start_name_server 1 2 3
  start_resolver
}

# outer_node NODE MAC SWITCH ADDRESS/LENGTH GATEWAY
outer_node() {
  plug "$1" eth0 "$2" "$3"
  address "$1" eth0 "$4"
  gateway "$1" "$5"
}

# Two cards of one kernel: each answers for its own address alone.
own_addresses_only() {
  inside "$1" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
}

lab_services() {
  local number servers=''
  for number in $BEHIND_VIP; do servers+="${servers:+, }{ address: 192.168.0.$((number + 1)) }"; done
  printf '  - { address: %s, port: 80, scheduler: rr, servers: [%s] }\n' "$VIP" "$servers"
}

# By name, as everybody comes.
service_answers() { ANSWER=$(visit_site 1 | grep -o 'rs[123]'); }
