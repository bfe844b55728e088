# shellcheck shell=bash
# NAT, one-armed: router, director and servers share one segment, and one port serves both sides.
#
#   client        router             ┌─ sw-wan ─┐
#  ┌──────┐   ┌─────────────┐        │   br0    ├── rs1 eth0
#  │ eth0 ├───┤eth0     eth1├────────┤          ├── rs2 eth0
#  └──────┘   └─────────────┘        │          ├── rs3 eth0
#                                    │          │  ┌─ lb1 ─┐
#                                    │   lb1-wan├──┤ tapvs │
#                                    │       lb1├──┤ wan   │
#                                    └──────────┘  └───────┘
#
#   Addresses as in lab nat; tapvs holds 115.205.4.215/28 and 192.168.0.1/24 on its one port.

# shellcheck source=netns-lab/labs/nat.sh
source "$LAB_HOME/labs/nat.sh"

LAB_TAPS='sw-wan:lb1-wan'
LAB_CAPTURES='client:eth0 sw-wan:lb1-wan'

lab_topology() {
  add_node client router lb1 rs1 rs2 rs3
  add_segment sw-wan

  connect client eth0 router eth0
  address client eth0 10.0.0.2/24
  address router eth0 10.0.0.1/24
  gateway client 10.0.0.1
  inside router sysctl -qw net.ipv4.ip_forward=1
  plug router eth1 02:00:00:00:00:01 sw-wan
  address router eth1 115.205.4.209/28

  plug lb1 wan 02:00:00:00:00:19 sw-wan
  address lb1 wan 115.205.4.219/28
  address lb1 wan 192.168.0.251/24

  local number
  for number in 1 2 3; do
    plug "rs$number" eth0 "02:00:00:00:01:0$number" sw-wan
    address "rs$number" eth0 "192.168.0.$((number + 1))/24"
    gateway "rs$number" 192.168.0.1
  done
}

lab_taps() { add_tap sw-wan lb1-wan 02:76:73:00:02:01; }

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN_MAC", addresses: [115.205.4.215/28, 192.168.0.1/24], gateway: 115.205.4.209 }
YAML
}
