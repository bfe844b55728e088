# shellcheck shell=bash
# Servers where no eBPF program may be loaded take packets out of tunnels with sockets: slower, and as whole.
# Topology and services: scenario tunnel-transfers.
LAB=tunnel

# shellcheck source=netns-lab/scenarios/tunnel-transfers.sh
source "$LAB_HOME/scenarios/tunnel-transfers.sh"

DECAP=socket

scenario() {
  local server
  for server in rs1 rs2 rs3; do
    expect_match "$server is as a real server has to be: sockets open its tunnel" \
      "decapsulator +process [0-9]+ +socket +ok.*all is well" "$(check_server $server && printf 'all is well')"
  done
  expect "every link takes packets of 1500 bytes" "mtu 1500" "$(everywhere_1500)"
  make_blob "$MEGABYTES"
  # What a client on the same machine leaves to its card is finished by none on the way.
  set_offloads on
  tunnel_transfers "offloads on"
  set_offloads off
  tunnel_transfers "offloads off"
  for server in rs1 rs2 rs3; do
    expect_at_least "each segment came to $server by its sockets" \
      $(($(as_segments $server) * MEGABYTES * 1024 * 1024 / 1460)) "$(by_sockets $server)"
  done
  MEGABYTES=$SHORT
  make_blob $SHORT
  set_offloads on
  finish_inner_checksums
  tunnel_transfers "offloads on, checksums verified at both ends"
}

# as_segments SERVER: how many of the two uploads came to it in segments: by GUE one may come in superframes.
as_segments() { if [[ $1 == rs3 ]] && kernel_knows_tunnels; then printf 1; else printf 2; fi; }
