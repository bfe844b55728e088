# shellcheck shell=bash
# Direct routing: director and servers share one segment, all hold the VIP, and replies do not pass the director.
#
#   client        router             ┌─ sw-wan ─┐
#  ┌──────┐   ┌─────────────┐        │   br0    ├── rs1 eth0   VIP on lo
#  │ eth0 ├───┤eth0     eth1├────────┤          ├── rs2 eth0   VIP on lo
#  └──────┘   └─────────────┘        │          ├── rs3 eth0   VIP on lo
#                                    │          │  ┌─ lb1 ─┐
#                                    │   lb1-wan├──┤ tapvs │  VIP
#                                    │       lb1├──┤ wan   │
#                                    └──────────┘  └───────┘
#
#   client   10.0.0.2/24                        gateway 10.0.0.1
#   router   10.0.0.1/24, 115.205.4.209/28
#   tapvs    VIP 115.205.4.214, own 115.205.4.215/28
#   lb1      115.205.4.219/28                   kernel address for management
#   rs1-3    115.205.4.216-218/28, VIP/32 on lo gateway 115.205.4.209: replies go by the router

# shellcheck source=netns-lab/labs/nat.sh
source "$LAB_HOME/labs/nat.sh"

OWN=115.205.4.215 ROUTER=115.205.4.209 ROUTER_MAC=02:00:00:00:00:01
LAB_TAPS='sw-wan:lb1-wan'
LAB_CAPTURES='client:eth0 sw-wan:lb1-wan'
SERVERS='rs1:115.205.4.216 rs2:115.205.4.217 rs3:115.205.4.218'

lab_topology() {
  add_node rs1 rs2 rs3
  outer_network
  local number
  for number in 1 2 3; do
    plug "rs$number" eth0 "02:00:00:00:01:0$number" sw-wan
    address "rs$number" eth0 "115.205.4.$((number + 215))/28"
    gateway "rs$number" $ROUTER
    prepare_server "rs$number"
  done
}

# Client, router, and the segment of the director.
outer_network() {
  add_node client router lb1
  add_segment sw-wan

  connect client eth0 router eth0
  address client eth0 10.0.0.2/24
  address router eth0 10.0.0.1/24
  gateway client 10.0.0.1
  inside router sysctl -qw net.ipv4.ip_forward=1
  plug router eth1 $ROUTER_MAC sw-wan
  address router eth1 $ROUTER/28

  plug lb1 wan 02:00:00:00:00:19 sw-wan
  address lb1 wan 115.205.4.219/28
}

# prepare_server NODE: it takes packets for the VIP, and keeps from the segment that it does.
prepare_server() { set_up_server "$1" --mode dr --vip "$VIP"; }

lab_taps() { add_tap sw-wan lb1-wan 02:76:73:00:02:01; }

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN_MAC", addresses: [$OWN/28], gateway: $ROUTER, offloads: ${LEVEL:-full} }
YAML
}

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, protocol: tcp, scheduler: wrr, method: dr, servers: [
      { address: 115.205.4.216, weight: 3 }, { address: 115.205.4.217, weight: 2 }, { address: 115.205.4.218 } ] }
YAML
}
