# shellcheck shell=bash
# One-armed, a server for each way back to the client, and beside the director what one would use instead.
#
#   client        router             ┌─ sw-wan ─┐
#  ┌──────┐   ┌─────────────┐        │   br0    ├── rs1 eth0
#  │ eth0 ├───┤eth0     eth1├────────┤          ├── rs2 eth0
#  └──────┘   └─────────────┘        │          ├── rs3 eth0
#                                    │          ├── peer eth0
#                                    │          │  ┌─ lb1 ─┐
#                                    │   lb1-wan├──┤ tapvs │
#                                    │       lb1├──┤ wan   │
#                                    └──────────┘  └───────┘
#
#   client, router, tapvs    as in lab one-arm
#   rs1    192.168.0.2/24      gateway 192.168.0.1: through tapvs; proxies connect to it
#   rs2    192.168.0.12/24     gateway 192.168.0.250: through the kernel of peer
#   rs3    115.205.4.216/28    gateway 115.205.4.209: reached directly, and by DR, tunnels and FullNAT
#   peer   115.205.4.221/28, 192.168.0.250/24    kernel DNAT and proxies
#
# So every row crosses the segment once on each leg between router, forwarder and server, whatever its method.

# shellcheck source=netns-lab/labs/one-arm.sh
source "$LAB_HOME/labs/one-arm.sh"

SERVERS='rs1:192.168.0.2'
ROUTER=115.205.4.209 ROUTER_MAC=02:00:00:00:00:01 SERVER_MAC=02:00:00:00:01:01 OWN=115.205.4.215
GATEWAY=192.168.0.1 SERVER=192.168.0.2 SERVER_BEHIND_PEER=192.168.0.12 DIRECT=115.205.4.216
PEER=115.205.4.221
LOCAL='115.205.4.210, 115.205.4.211, 115.205.4.212, 115.205.4.213'

lab_topology() {
  add_node client router lb1 peer rs1 rs2 rs3
  add_segment sw-wan
  local node
  for node in client router peer rs1 rs2 rs3; do prepare_for_load $node; done

  connect client eth0 router eth0
  address client eth0 10.0.0.2/24
  address router eth0 10.0.0.1/24
  gateway client 10.0.0.1
  inside router sysctl -qw net.ipv4.ip_forward=1
  plug router eth1 $ROUTER_MAC sw-wan
  address router eth1 115.205.4.209/28

  plug lb1 wan 02:00:00:00:00:19 sw-wan
  address lb1 wan 115.205.4.219/28
  address lb1 wan 192.168.0.251/24

  plug peer eth0 02:00:00:00:00:21 sw-wan
  address peer eth0 $PEER/28
  address peer eth0 192.168.0.250/24
  gateway peer 115.205.4.209
  inside peer sysctl -qw net.ipv4.ip_forward=1

  server rs1 $SERVER_MAC $SERVER/24 $GATEWAY
  server rs2 02:00:00:00:01:02 $SERVER_BEHIND_PEER/24 192.168.0.250
  server rs3 02:00:00:00:01:03 $DIRECT/28 115.205.4.209
}

# server NODE MAC ADDRESS/LENGTH GATEWAY
server() {
  plug "$1" eth0 "$2" sw-wan
  address "$1" eth0 "$3"
  gateway "$1" "$4"
}

# Ports and queues for ten thousand connections a second; closed ones make room for others early.
prepare_for_load() {
  inside "$1" sysctl -qwe net.ipv4.ip_local_port_range='1024 65000' net.core.somaxconn=16384 \
    net.ipv4.tcp_max_syn_backlog=16384 net.ipv4.tcp_max_tw_buckets=3000 net.ipv4.tcp_syncookies=0 \
    net.ipv4.tcp_no_metrics_save=1
}

# IPVS in a user-mode Linux opens one of a single queue.
lab_taps() {
  add_tap sw-wan lb1-wan 02:76:73:00:02:01
  inside sw-wan ip tuntap add dev lb1-uml mode tap
  inside sw-wan ip link set lb1-uml address 02:76:73:00:02:02 txqueuelen 1000 master br0 up
}

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN_MAC", addresses: [$OWN/28, $GATEWAY/24], gateway: 115.205.4.209, offloads: ${LEVEL:-full} }
YAML
}

# Echo, short connections and the UDP sink of traffic/main.c, iperf3, and the server's nginx.
lab_services() {
  local port server=$SERVER options=''
  [[ ${METHOD:-nat} == nat ]] || server=$DIRECT
  for port in 7000/tcp 7001/tcp 7001/udp 5201/tcp 80/tcp; do
    if [[ ${METHOD:-nat} == fullnat ]]; then
      options=", local-addresses: [$LOCAL]"
      [[ $port == */udp ]] \
        || options+=", client-address: ${CLIENT_ADDRESS:-none}, tcp-timestamps: ${TIMESTAMPS:-remove}"
    fi
    printf '  - { address: %s, port: %s, protocol: %s, method: %s%s, servers: [{ address: %s, port: %s }] }\n' \
      $VIP ${port%/*} ${port#*/} "${METHOD:-nat}" "$options" $server ${port%/*}
  done
}
