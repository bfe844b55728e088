# shellcheck shell=bash
# Ten thousand connections by direct routing are open at a time, every one of them works, and replies cost nothing.
# Topology: labs/dr.sh; the client has an address for each 5,000 connections. Scenario nat-10k has the same figures
# of a director that carries both ways.
LAB=dr

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: dr, servers: [{ address: 115.205.4.216 }, { address: 115.205.4.217 }, { address: 115.205.4.218 }] }
YAML
}

scenario() {
  many_connections 5000 10.0.0.2 10.0.0.3
  expect_at_least "the director hears acknowledgements of the download, and none of its data" 0 \
    $((MEGABYTES / 20 - CARRIED))
}
