# shellcheck shell=bash
# Ten thousand connections through the VIP are open at a time, and every one of them works.
# Topology: labs/nat.sh; the client has an address for each 5,000 connections.
LAB=nat

EACH=5000
CLIENTS='10.0.0.2 10.0.0.3'

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, servers: [{ address: 192.168.0.2 }, { address: 192.168.0.3 }, { address: 192.168.0.4 }] }
YAML
}

scenario() {
  local clients
  read -ra clients <<<"$CLIENTS"
  many_connections $EACH "${clients[@]}"
}
