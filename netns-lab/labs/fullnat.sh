# shellcheck shell=bash
# FullNAT: servers in two networks behind the router, which know nothing of the VIPs; two directors serve them at once.
#
#   client        router             ┌─ sw-wan ─┐
#  ┌──────┐   ┌─────────────┐        │   br0    │  ┌─ lb1 ─┐
#  │ eth0 ├───┤eth0     eth1├────────┤   lb1-wan├──┤ tapvs │  VIP, LOCAL
#  └──────┘   │ eth2   eth3 │        │       lb1├──┤ wan   │
#             └──┬───────┬──┘        │          │  ├─ lb2 ─┤
#          ┌─ sw-one ─┐┌─ sw-two ─┐  │   lb2-wan├──┤ tapvs │  VIP2, LOCAL2
#          └─┴──────┴─┘└────┴─────┘  │       lb2├──┤ wan   │
#        rs1 eth0 rs2 eth0 rs3 eth0  └──────────┘  └───────┘
#
#   servers, router     as in lab tunnel; routes to BOTH by lb1 and by lb2 (ECMP)
#   lb1    115.205.4.214 VIP, 115.205.4.215/28 own, 115.205.4.216-217 local; kernel 115.205.4.219/28
#   lb2    115.205.4.222 VIP2, 115.205.4.213/28 own, 115.205.4.211-212 local; kernel 115.205.4.220/28
#   both   198.51.100.1 BOTH, which the router sends to either

# shellcheck source=netns-lab/labs/tunnel.sh
source "$LAB_HOME/labs/tunnel.sh"

VIP2=115.205.4.222 BOTH=198.51.100.1
WAN2_MAC=02:76:73:00:01:11
LOCAL='115.205.4.216, 115.205.4.217' LOCAL2='115.205.4.211, 115.205.4.212'
LAB_CAPTURES='client:eth0 sw-wan:lb1-wan sw-wan:lb2-wan'

lab_topology() {
  add_node rs1 rs2 rs3 lb2
  outer_network
  plug lb2 wan 02:00:00:00:00:20 sw-wan
  address lb2 wan 115.205.4.220/28
  # Each connection by one of them, told by addresses and ports.
  inside router sysctl -qw net.ipv4.fib_multipath_hash_policy=1
  inside router ip route add $BOTH/32 nexthop via 115.205.4.215 dev eth1 nexthop via 115.205.4.213 dev eth1
  inner_networks
}

# prepare_server NODE: it needs nothing; how it hears of clients' addresses is the scenarios' matter.
prepare_server() { :; }

lab_taps() {
  add_tap sw-wan lb1-wan 02:76:73:00:02:01
  add_tap sw-wan lb2-wan 02:76:73:00:02:11
}

# lb2's port is opened by its own director.
start_second_director() {
  printf 'version: 1\nports:\n%s\nservices:\n%s\n' "$(second_ports)" "$(services_at "$VIP2" "$LOCAL2")" \
    >"$STATE/director-lb2.yaml"
  start_process director-lb2 lb2 "$DIRECTOR" run --config "$STATE/director-lb2.yaml"
  wait_for 10 tap_attached sw-wan lb2-wan \
    || leave 1 "tapvs of lb2 does not hold its TAP after 10 s: $(tail -n 5 "$STATE/logs/director-lb2.log")"
}

second_ports() {
  cat <<YAML
  wan: { tap: lb2-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN2_MAC", addresses: [115.205.4.213/28], gateway: $ROUTER }
YAML
}

lab_services() { services_at "$VIP" "$LOCAL"; }

# services_at VIP LOCAL-ADDRESSES: that address, and the one of both.
services_at() {
  local address
  for address in "$1" "$BOTH"; do
    cat <<YAML
  - { address: $address, port: 80, protocol: tcp, scheduler: wrr, method: fullnat, local-addresses: [$2], servers: [
      { address: 172.16.1.2, weight: 3 }, { address: 172.16.1.3, weight: 2 }, { address: 172.16.2.2 } ] }
YAML
  done
}
