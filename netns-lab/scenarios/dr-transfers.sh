# shellcheck shell=bash
# Big transfers by direct routing arrive byte for byte, offloads on and off, whatever the director takes from its port.
# Topology: labs/dr.sh. Each connection goes to the next server (rr).
LAB=dr

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: dr, servers: [
      { address: 115.205.4.216 }, { address: 115.205.4.217 }, { address: 115.205.4.218 } ] }
YAML
}

# MiB of each transfer: 1 GiB with --long. Those of the last part are always short.
MEGABYTES=${TAPVS_LAB_MEGABYTES:-$( ((LONG)) && printf 1024 || printf 100)}
SHORT=32

scenario() {
  local server level
  make_blob "$MEGABYTES"
  set_offloads off
  transfers "offloads off"
  set_offloads on
  transfers "offloads on"
  finish_checksums router eth0
  finish_checksums router eth1
  for server in rs1 rs2 rs3; do finish_checksums sw-wan $server; done
  transfers "offloads on, checksums verified at both ends"
  MEGABYTES=$SHORT
  make_blob $SHORT
  for level in none plain; do
    LEVEL=$level
    stop_process director
    start_director
    await_service
    transfers "a director that takes single frames ($level)"
  done
}

# transfers HOW
transfers() {
  local came went
  CARRIED=$(bytes_to_director)
  expect_success "$MEGABYTES MiB to the client, $1" download
  came=$((($(bytes_to_director) - CARRIED) >> 20))
  CARRIED=$(bytes_to_director)
  expect_success "$MEGABYTES MiB to a server, $1" uploaded
  went=$((($(bytes_to_director) - CARRIED) >> 20))
  expect_at_least "the director saw the upload" $((MEGABYTES - 1)) "$went"
  expect_at_least "and of the download acknowledgements alone" 0 $((MEGABYTES / 15 - came))
  expect "no bad TCP checksum at either end, $1" "" "$(bad_checksums)"
}
