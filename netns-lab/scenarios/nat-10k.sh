# shellcheck shell=bash
# Ten thousand connections through the VIP are open at a time, and every one of them works.
# Topology: labs/nat.sh; the client has an address for each 5,000 connections.
LAB=nat

EACH=5000
CLIENTS='10.0.0.2 10.0.0.3'

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, servers: [{ address: 192.168.0.2 }, { address: 192.168.0.3 }, { address: 192.168.0.4 }] }
YAML
}

scenario() {
  local clients address count before after
  read -ra clients <<<"$CLIENTS"
  count=$((EACH * ${#clients[@]}))
  require_open_files $((count / 3 + 1000))
  for address in "${clients[@]:1}"; do address client eth0 "$address/24"; done
  before=$(resident)

  hold_connections $EACH "${clients[@]}"
  expect_answers "$count connections are opened and answered" "$count"
  after=$(resident)
  use_connections
  expect_answers "with all of them open each is answered again, by its server" "$count"

  expect "tapvs status counts them" "$count" "$(active_connections)"
  expect "tapvs connections lists them" "$(printf "$EACH %s\n" "${clients[@]}" | sort)" "$(listed_connections)"
  expect "the servers hold them" "$count" "$(server_connections)"
  measured "memory of tapvs: $before KiB before, $((after - before)) KiB more with $count connections"

  close_connections
  expect_answers "each is closed from both sides" "$count"
  expect_soon "none is active any more" 10 none_active
}

# The ACTIVE column of the service.
active_connections() { tapvs_command status | awk -v service="$VIP:80" '$2 == service { print $4 }'; }

none_active() { (($(active_connections) == 0)); }

# How many of each client are established.
listed_connections() {
  tapvs_command connections | awk '$5 == "ESTABLISHED" { sub(/:.*/, "", $2); print $2 }' \
    | sort | uniq -c | awk '{ print $1, $2 }' | sort
}

server_connections() {
  local server
  for server in rs1 rs2 rs3; do inside $server ss -Htn state established sport = 80; done | wc -l
}
