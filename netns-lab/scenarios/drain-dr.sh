# shellcheck shell=bash
# Direct routing: a server is drained while it is used; no request fails, and clients that never close see what was announced.
# Topology: labs/dr.sh. What happens: lib/drains.sh.
LAB=dr

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: dr, slow-start: 0s, servers: [
      { address: 115.205.4.216 }, { address: 115.205.4.217 }, { address: 115.205.4.218 } ] }
YAML
}

scenario() { drain_in_use; }
