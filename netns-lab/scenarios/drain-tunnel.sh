# shellcheck shell=bash
# Tunnels: a server is drained while it is used; no request fails, and clients that never close see what was announced.
# Topology: labs/tunnel.sh. What happens: lib/drains.sh.
LAB=tunnel

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: tunnel, slow-start: 0s, servers: [
      { address: 172.16.1.2 }, { address: 172.16.1.3 }, { address: 172.16.2.2 } ] }
YAML
}

scenario() { drain_in_use; }
