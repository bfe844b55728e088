# shellcheck shell=bash
# One server with a public address, and no director: the site is as alive as it is.
#
#   client        router             ┌─ sw-wan ─┐
#  ┌──────┐   ┌─────────────┐        │   br0    │
#  │ eth0 ├───┤eth0     eth1├────────┤          ├── rs1 eth0
#  └──────┘   └─────────────┘        └──────────┘
#
#   client   10.0.0.2/24               gateway 10.0.0.1
#   router   10.0.0.1/24, 115.205.4.209/28
#   rs1      115.205.4.216/28          gateway 115.205.4.209; the site

SITE=115.205.4.216
LAB_TAPS=''
LAB_CAPTURES='client:eth0 rs1:eth0'
SERVERS="rs1:$SITE"

lab_topology() {
  add_node client router rs1
  add_segment sw-wan

  connect client eth0 router eth0
  address client eth0 10.0.0.2/24
  address router eth0 10.0.0.1/24
  gateway client 10.0.0.1
  inside router sysctl -qw net.ipv4.ip_forward=1
  plug router eth1 02:00:00:00:00:01 sw-wan
  address router eth1 115.205.4.209/28

  plug rs1 eth0 02:00:00:00:01:01 sw-wan
  address rs1 eth0 $SITE/28
  gateway rs1 115.205.4.209
}

lab_taps() { :; }
