# shellcheck shell=bash
# FullNAT: a server is drained while it is used; no request fails, and clients that never close see what was announced.
# Topology: labs/fullnat.sh. What happens: lib/drains.sh.
LAB=fullnat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: fullnat, local-addresses: [115.205.4.216, 115.205.4.217], slow-start: 0s, servers: [
      { address: 172.16.1.2 }, { address: 172.16.1.3 }, { address: 172.16.2.2 } ] }
YAML
}

scenario() { drain_in_use; }
