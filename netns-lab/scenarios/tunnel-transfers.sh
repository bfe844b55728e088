# shellcheck shell=bash
# Big transfers by tunnels of every kind arrive byte for byte over links of 1500 bytes, offloads on and off.
# Topology: labs/tunnel.sh; rs1 is reached by IPIP, rs2 by GRE and rs3 by GUE. Each connection goes to the next (rr).
LAB=tunnel

ENCAPSULATIONS='rs1:ipip rs2:gre rs3:gue'

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: tunnel, servers: [ { address: 172.16.1.2 },
      { address: 172.16.1.3, tunnel: { encapsulation: gre } }, { address: 172.16.2.2, tunnel: { encapsulation: gue } } ] }
YAML
}

# MiB of each transfer: 1 GiB with --long. Those of the last part are always short.
MEGABYTES=${TAPVS_LAB_MEGABYTES:-$( ((LONG)) && printf 1024 || printf 100)}
SHORT=32

# Large frames leave in segments, which must not overtake the small ones between them: those that do are most of all.
# What is lost in the port's queue makes a few late, too.
in_order() {
  local turn late
  for turn in 1 2 3; do expect_success "$MEGABYTES MiB to server $turn" uploaded; done
  late=$(out_of_order)
  measured "$late segments came before one that was sent earlier"
  expect_at_least "fewer than one in twenty" 0 $((3 * MEGABYTES * 1048576 / 1440 / 20 - late))
}

scenario() {
  expect "every link takes packets of 1500 bytes" "mtu 1500" "$(everywhere_1500)"
  make_blob "$MEGABYTES"
  in_order
  start_capture needed client eth0 icmp
  set_offloads off
  tunnel_transfers "offloads off"
  set_offloads on
  tunnel_transfers "offloads on"
  MEGABYTES=$SHORT
  make_blob $SHORT
  finish_inner_checksums
  tunnel_transfers "offloads on, checksums verified at both ends"
  expect "servers announce segments that fit: the client is never told an MTU" 0 "$(captured needed | wc -l)"
  expect "the eBPF program took every packet" "0 0 0" "$(by_all_sockets)"
}
