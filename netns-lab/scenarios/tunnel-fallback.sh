# shellcheck shell=bash
# Servers where no eBPF program may be loaded take packets out of tunnels with sockets: slower, and as whole.
# Topology: labs/tunnel.sh; rs1 is reached by IPIP, rs2 by GRE and rs3 by GUE. Each connection goes to the next (rr).
LAB=tunnel

ENCAPSULATIONS='rs1:ipip rs2:gre rs3:gue' DECAP=socket

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: tunnel, servers: [ { address: 172.16.1.2 },
      { address: 172.16.1.3, tunnel: { encapsulation: gre } }, { address: 172.16.2.2, tunnel: { encapsulation: gue } } ] }
YAML
}

# MiB of each transfer: 1 GiB with --long. Those of the last part are always short.
MEGABYTES=${TAPVS_LAB_MEGABYTES:-$( ((LONG)) && printf 1024 || printf 100)}
SHORT=32

scenario() {
  local server
  for server in rs1 rs2 rs3; do
    expect_match "$server is as a real server has to be, and sockets open its tunnel" "decapsulator +process [0-9]+ +socket +ok" \
      "$(check_server $server 2>&1 || true)"
  done
  expect_success "rs1 is as a real server has to be, all in all" check_server rs1
  expect "every link takes packets of 1500 bytes" "mtu 1500" "$(everywhere_1500)"
  make_blob "$MEGABYTES"
  # What a client on the same machine leaves to its card is finished by none on the way.
  set_offloads on
  tunnel_transfers "offloads on"
  set_offloads off
  tunnel_transfers "offloads off"
  for server in rs1 rs2 rs3; do
    expect_at_least "each segment came to $server by its sockets" $((2 * MEGABYTES * 1024 * 1024 / 1460)) "$(by_sockets $server)"
  done
  MEGABYTES=$SHORT
  make_blob $SHORT
  set_offloads on
  finish_inner_checksums
  tunnel_transfers "offloads on, checksums verified at both ends"
}
