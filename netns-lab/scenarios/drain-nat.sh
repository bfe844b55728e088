# shellcheck shell=bash
# NAT: a server is drained while it is used; no request fails, and clients that never close see what was announced.
# Topology: labs/nat.sh. What happens: lib/drains.sh.
LAB=nat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: nat, slow-start: 0s, servers: [
      { address: 192.168.0.2 }, { address: 192.168.0.3 }, { address: 192.168.0.4 } ] }
YAML
}

scenario() { drain_in_use; }
