# shellcheck shell=bash
# Big transfers through tunnels, and who takes packets out of them. (Variables: labs/tunnel.sh)

# The device through which packets come into a server that its sockets took out of tunnels.
DECAP_DEVICE=tapvs-decap

# by_sockets SERVER: how many packets those are.
by_sockets() { inside "$1" awk -v device="$DECAP_DEVICE:" '$1 == device { print $3 }' /proc/net/dev; }

# by_all_sockets: of all servers, as "N N N".
by_all_sockets() {
  local server
  for server in rs1 rs2 rs3; do by_sockets $server; done | xargs
}

# finish_inner_checksums: the kernel completes each checksum at the last cable before a server or the
# client, also that of a packet inside another, so that the receiver verifies it.
finish_inner_checksums() {
  finish_checksums router eth0
  finish_checksums sw-one rs1
  finish_checksums sw-one rs2
  finish_checksums sw-two rs3
}

# everywhere_1500: no cable takes more than an Ethernet's usual packet.
everywhere_1500() {
  local name
  while read -r name; do
    nsenter --net="$NAMESPACES/$name" -- ip -o link show up 2>/dev/null | grep -v ': lo:' | grep -o 'mtu [0-9]*' || true
  done <"$STATE/namespaces" | sort -u
}

# There and back by each of three servers: with rr the next connection goes to the next of them.
tunnel_transfers() {
  local turn came went
  for turn in 1 2 3; do
    CARRIED=$(bytes_to_director)
    expect_success "$MEGABYTES MiB to the client, $1, turn $turn" download
    came=$((($(bytes_to_director) - CARRIED) >> 20))
    CARRIED=$(bytes_to_director)
    expect_success "$MEGABYTES MiB to a server, $1, turn $turn" uploaded
    went=$((($(bytes_to_director) - CARRIED) >> 20))
    expect_at_least "the director saw the upload" $((MEGABYTES - 1)) "$went"
    expect_at_least "and of the download acknowledgements alone" 0 $((MEGABYTES / 15 - came))
  done
  expect "no bad TCP checksum at either end, $1" "" "$(bad_checksums)"
}
