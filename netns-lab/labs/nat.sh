# shellcheck shell=bash
# NAT, two-armed: only the VIP is public, servers sit on an intranet whose gateway is the director.
#
#   client        router             ┌─ sw-wan ─┐        lb1         ┌─ sw-lan ─┐
#  ┌──────┐   ┌─────────────┐        │   br0    │  ┌─────────────┐  │   br0    ├── rs1 eth0
#  │ eth0 ├───┤eth0     eth1├────────┤    lb1-wan├──┤    tapvs    ├──┤lb1-lan   ├── rs2 eth0
#  └──────┘   └─────────────┘        │          │  │  (VIP is    │  │          ├── rs3 eth0
#                                    │      lb1 ├──┤ only here)  ├──┤ lb1      │
#                                    └──────────┘  └─wan─────lan─┘  └──────────┘
#
#   client   10.0.0.2/24                        gateway 10.0.0.1, no route to the intranet
#   router   10.0.0.1/24, 115.205.4.209/28      knows nothing of 192.168.0.0/24
#   tapvs    VIP 115.205.4.214, own 115.205.4.215/28 on wan; 192.168.0.1/24 on lan
#   lb1      115.205.4.219/28, 192.168.0.251/24 kernel addresses for management
#   rs1-3    192.168.0.2-4/24                   gateway 192.168.0.1

VIP=115.205.4.214
WAN_MAC=02:76:73:00:01:01 LAN_MAC=02:76:73:00:01:02
LAB_TAPS='sw-wan:lb1-wan sw-lan:lb1-lan'
LAB_CAPTURES='client:eth0 sw-wan:lb1-wan sw-lan:lb1-lan'
SERVERS='rs1:192.168.0.2 rs2:192.168.0.3 rs3:192.168.0.4'

lab_topology() {
  add_node client router lb1 rs1 rs2 rs3
  add_segment sw-wan
  add_segment sw-lan

  connect client eth0 router eth0
  address client eth0 10.0.0.2/24
  address router eth0 10.0.0.1/24
  gateway client 10.0.0.1
  inside router sysctl -qw net.ipv4.ip_forward=1
  plug router eth1 02:00:00:00:00:01 sw-wan
  address router eth1 115.205.4.209/28

  plug lb1 wan 02:00:00:00:00:19 sw-wan
  address lb1 wan 115.205.4.219/28
  plug lb1 lan 02:00:00:00:00:51 sw-lan
  address lb1 lan 192.168.0.251/24
  # Two cards of one kernel: each answers for its own address alone.
  inside lb1 sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2

  local number
  for number in 1 2 3; do
    plug "rs$number" eth0 "02:00:00:00:01:0$number" sw-lan
    address "rs$number" eth0 "192.168.0.$((number + 1))/24"
    gateway "rs$number" 192.168.0.1
  done
}

lab_taps() {
  add_tap sw-wan lb1-wan 02:76:73:00:02:01
  add_tap sw-lan lb1-lan 02:76:73:00:02:02
}

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN_MAC", addresses: [115.205.4.215/28], gateway: 115.205.4.209 }
  lan: { tap: lb1-lan, netns: $LAB_NAME-sw-lan, mac: "$LAN_MAC", addresses: [192.168.0.1/24] }
YAML
}

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, protocol: tcp, scheduler: wrr, method: nat, servers: [
      { address: 192.168.0.2, port: 80, weight: 3 }, { address: 192.168.0.3, port: 80, weight: 2 }, { address: 192.168.0.4, port: 80 } ] }
YAML
}
