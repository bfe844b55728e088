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
  local before
  expect "every link takes packets of 1500 bytes" "mtu 1500" "$(everywhere_1500)"
  make_blob "$MEGABYTES"
  in_order
  start_capture needed client eth0 icmp
  set_offloads off
  before=$(superframes)
  tunnel_transfers "offloads off"
  expect "no frame of many segments went into a tunnel" "$before" "$(superframes)"
  set_offloads on
  tunnel_transfers "offloads on"
  superframes_used $(($(superframes) - before))
  MEGABYTES=$SHORT
  make_blob $SHORT
  finish_inner_checksums
  tunnel_transfers "offloads on, checksums verified at both ends"
  expect "servers announce segments that fit: the client is never told an MTU" 0 "$(captured needed | wc -l)"
  single_frames
  expect "the eBPF program took every packet" "0 0 0" "$(by_all_sockets)"
}

# superframes: how many frames of many segments went into a tunnel whole.
superframes() {
  local count
  count=$(counted tunnel-superframes)
  printf '%d\n' "${count:-0}"
}

# superframes_used COUNT: where the kernel takes TCP segments in GUE as one frame, most went so: such frames hold
# at most 64 KiB.
superframes_used() {
  if kernel_knows_tunnels; then
    expect_at_least "segments went into the GUE tunnel as one frame" $((MEGABYTES * 8)) "$1"
  else
    expect "this kernel takes no segments in tunnels" 0 "$1"
  fi
}

# Whether a TAP takes the flag TUN_F_UDP_TUNNEL_GSO (Linux 6.17) beside those of other offloads.
kernel_knows_tunnels() {
  inside client /usr/bin/python3 -c 'import fcntl, struct
tap = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(tap, 0x400454ca, struct.pack("16sH22x", b"probe", 0x5002))
fcntl.ioctl(tap, 0x400454d0, 0xff)' 2>/dev/null
}

# A director whose TAP is asked for single frames alone gets none of many segments to wrap.
single_frames() {
  local turn
  LEVEL=none
  stop_process director
  start_director
  await_service
  for turn in 1 2 3; do expect_success "$MEGABYTES MiB to a server, offloads: none, turn $turn" uploaded; done
  expect "none went into a tunnel as one of many" 0 "$(superframes)"
}
