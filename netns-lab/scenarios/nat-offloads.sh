# shellcheck shell=bash
# Every rung of the ladder of offloads carries the same bytes with right checksums.
# Topology: labs/nat.sh; the router and the switch complete checksums themselves, so that both ends verify them.
LAB=nat

MEGABYTES=32

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN_MAC", addresses: [115.205.4.215/28], gateway: 115.205.4.209, offloads: ${LEVEL:-full} }
  lan: { tap: lb1-lan, netns: $LAB_NAME-sw-lan, mac: "$LAN_MAC", addresses: [192.168.0.1/24], offloads: ${LEVEL:-full} }
YAML
}

scenario() {
  make_blob $MEGABYTES
  finish_checksums router eth0
  finish_checksums sw-lan rs1
  finish_checksums sw-lan rs2
  finish_checksums sw-lan rs3
  rung full 'over 1514 bytes'
  rung no-uso 'over 1514 bytes'
  rung no-ecn 'over 1514 bytes'
  rung checksum 'at most 1514 bytes'
  rung none 'at most 1514 bytes'
  rung plain 'at most 1514 bytes'
}

# rung LEVEL FRAMES: a director that tries no more than LEVEL, and how long its frames become.
rung() {
  LEVEL=$1
  stop_process director
  start_director
  await_service
  start_capture "$1" sw-lan lb1-lan tcp and greater 1515
  expect_success "$1: $MEGABYTES MiB to the client" download
  expect_success "$1: $MEGABYTES MiB to a server" uploaded
  stop_capture "$1"
  expect "$1: frames are $2" "$2" "$(lengths "$1")"
  expect "$1: no bad TCP checksum" "" "$(bad_checksums)"
}

lengths() {
  if capture_holds "$1" 1; then printf 'over 1514 bytes'; else printf 'at most 1514 bytes'; fi
}
