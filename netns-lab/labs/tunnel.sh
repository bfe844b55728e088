# shellcheck shell=bash
# Tunnels: servers in two networks behind the router, which have the VIP and answer the client themselves.
#
#   client        router             ┌─ sw-wan ─┐
#  ┌──────┐   ┌─────────────┐        │   br0    │  ┌─ lb1 ─┐
#  │ eth0 ├───┤eth0     eth1├────────┤   lb1-wan├──┤ tapvs │  VIP
#  └──────┘   │ eth2   eth3 │        │       lb1├──┤ wan   │
#             └──┬───────┬──┘        └──────────┘  └───────┘
#          ┌─ sw-one ─┐┌─ sw-two ─┐
#          └─┴──────┴─┘└────┴─────┘
#        rs1 eth0 rs2 eth0 rs3 eth0          each with VIP on lo
#
#   client, router, tapvs, lb1   as in lab dr; router 172.16.1.1/24, 172.16.2.1/24, too
#   rs1, rs2   172.16.1.2-3/24   gateway 172.16.1.1
#   rs3        172.16.2.2/24     gateway 172.16.2.1

# shellcheck source=netns-lab/labs/dr.sh
source "$LAB_HOME/labs/dr.sh"

SERVERS='rs1:172.16.1.2 rs2:172.16.1.3 rs3:172.16.2.2'
# Of each server: where it is plugged in, by the router's port of that network.
SWITCHES='rs1:sw-one rs2:sw-one rs3:sw-two'
# And what it takes packets out of, and how.
ENCAPSULATIONS='rs1:ipip rs2:ipip rs3:ipip' DECAP=ebpf

lab_topology() {
  add_node rs1 rs2 rs3
  outer_network
  inner_networks
}

# Two segments behind the router, as two VLANs would be, and the servers on them.
inner_networks() {
  local number server own
  add_segment sw-one
  add_segment sw-two
  plug router eth2 02:00:00:00:00:04 sw-one
  address router eth2 172.16.1.1/24
  plug router eth3 02:00:00:00:00:05 sw-two
  address router eth3 172.16.2.1/24
  # The director's checks reach the servers as any host of its segment would.
  gateway lb1 $ROUTER
  for server in $SERVERS; do
    own=${server#*:} server=${server%:*}
    number=${server#rs}
    plug "$server" eth0 "02:00:00:00:01:0$number" "$(switch_of "$server")"
    address "$server" eth0 "$own/24"
    gateway "$server" "${own%.*}.1"
    prepare_server "$server"
  done
}

# prepare_server NODE: it has the VIP, and takes packets to it out of those that the director sends.
prepare_server() {
  set_up_server "$1" --mode tunnel --vip "$VIP" --from "$OWN" --encapsulation "$(listed_for "$1" "$ENCAPSULATIONS")" --decap "$DECAP"
}

switch_of() { listed_for "$1" "$SWITCHES"; }

# listed_for SERVER LIST: what LIST says of it.
listed_for() { tr ' ' '\n' <<<"$2" | sed -n "s/^$1://p"; }

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, protocol: tcp, scheduler: wrr, method: tunnel, servers: [
      { address: 172.16.1.2, weight: 3 }, { address: 172.16.1.3, weight: 2 }, { address: 172.16.2.2 } ] }
YAML
}
