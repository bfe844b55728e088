# shellcheck shell=bash
# All segments of a connection go to one server, and big transfers arrive byte for byte, offloads on and off.
# Topology: labs/nat.sh. Each connection goes to the next server (rr).
LAB=nat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, servers: [
      { address: 192.168.0.2, port: 80 }, { address: 192.168.0.3, port: 80 }, { address: 192.168.0.4, port: 80 } ] }
YAML
}

# MiB of each transfer: seconds as a rule, 1 GiB with --long.
MEGABYTES=${TAPVS_LAB_MEGABYTES:-$( ((LONG)) && printf 1024 || printf 256)}
SPLIT_PORT=20002

scenario() {
  set_offloads off
  one_server_for_all_segments
  make_blob "$MEGABYTES"
  transfers "offloads off"
  set_offloads on
  transfers "offloads on"
  finish_checksums router eth0
  finish_checksums router eth1
  local server
  for server in rs1 rs2 rs3; do finish_checksums sw-lan $server; done
  transfers "offloads on, checksums verified at both ends"
}

# The request waits in its middle until two others were answered elsewhere.
one_server_for_all_segments() {
  local server seen first others
  for server in rs1 rs2 rs3; do start_capture $server $server eth0 tcp; done
  head -c 6000 /dev/urandom >"$BULK/data/split"
  seen=$(inside client timeout 20 /usr/bin/python3 "$LAB_HOME/lib/split_request.py" "$VIP" 80 $SPLIT_PORT \
    "$BULK/data/split" 2)
  first=$(sed -n 's/^split //p' <<<"$seen")
  others=$(sed -n 's/^other //p' <<<"$seen" | sort | xargs)
  expect_match "a request of 6000 bytes is answered" '^rs[123]$' "$first"
  expect_success "by the server that has all of it" cmp "$BULK/data/split" "$BULK/$first/split"
  expect "two connections made meanwhile go elsewhere" \
    "$(printf 'rs1\nrs2\nrs3\n' | grep -v "^$first$" | xargs)" "$others"
  for server in rs1 rs2 rs3; do
    if [[ $server == "$first" ]]; then
      expect_soon "it arrives at $server as at least 5 frames" 3 \
        capture_holds "$server" 5 "src port $SPLIT_PORT and $PAYLOAD > 0"
      expect "none of them over 1460 bytes" 0 "$(captured "$server" "src port $SPLIT_PORT and $PAYLOAD > 1460" | wc -l)"
    else
      expect "no frame of it at $server" 0 "$(captured "$server" "port $SPLIT_PORT" | wc -l)"
    fi
    stop_capture $server
  done
}

# Bytes of TCP payload, in the capture filter's words.
PAYLOAD='(ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2))'

transfers() {
  expect_success "$MEGABYTES MiB to the client, $1" download
  expect_success "$MEGABYTES MiB to a server, $1" uploaded
  expect "no bad TCP checksum at either end, $1" "" "$(bad_checksums)"
}
