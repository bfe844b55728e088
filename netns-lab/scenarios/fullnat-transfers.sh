# shellcheck shell=bash
# Big transfers by FullNAT arrive byte for byte, offloads on and off, whatever the director takes from its port.
# Topology: labs/fullnat.sh. Each connection goes to the next server (rr), and tells it the client's address (TOA).
LAB=fullnat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: fullnat, local-addresses: [$LOCAL], tcp-timestamps: ${TIMESTAMPS:-remove}, servers: [
      { address: 172.16.1.2 }, { address: 172.16.1.3 }, { address: 172.16.2.2 } ] }
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
  # The last hop to each end.
  finish_checksums router eth0
  for server in rs1 rs2 rs3; do finish_checksums "$(switch_of $server)" $server; done
  transfers "offloads on, checksums verified at both ends"
  MEGABYTES=$SHORT
  make_blob $SHORT
  for level in none plain; do
    LEVEL=$level
    start_again
    transfers "a director that takes single frames ($level)"
  done
  TIMESTAMPS='shift'
  for level in plain full; do
    LEVEL=$level
    start_again
    transfers "timestamps shifted ($level)"
  done
  both_have_timestamps
}

start_again() {
  stop_process director
  start_director
  await_service
}

# What the server echoes must be what the client sent: it measures its round trips by it.
both_have_timestamps() {
  start_capture stamped client eth0 host "$VIP" and port 80
  expect_success "a page is answered" service_answers
  wait_for 3 capture_holds stamped 8
  stop_capture stamped
  expect_match "each of the server's segments echoes a timestamp of the client's" '^([1-9][0-9]*) of \1$' "$(echoed)"
}

# echoed: "N of M", those of the server's segments whose echo the client has sent before.
echoed() {
  captured stamped | sed -nE 's/.* ([0-9.]+)\.[0-9]+ > .*TS val ([0-9]+) ecr ([0-9]+).*/\1 \2 \3/p' | awk -v vip="$VIP" '
    $1 != vip { sent[$2] = 1; next }
    { all++; if ($3 in sent) right++ }
    END { printf "%d of %d", right, all }'
}

# transfers HOW
transfers() {
  local before=$(($(bytes_to_director) >> 20))
  expect_success "$MEGABYTES MiB to the client, $1" download
  expect_success "$MEGABYTES MiB to a server, $1" uploaded
  expect_at_least "the director carried both" $((2 * MEGABYTES)) $((($(bytes_to_director) >> 20) - before))
  expect "no segment was too full to tell the client's address" "" "$(counted client-addresses-untold)"
  expect "no bad TCP checksum at either end, $1" "" "$(bad_checksums)"
}
