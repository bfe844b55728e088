# shellcheck shell=bash
# Who is believed to have the VIP, in labs where servers have it, too.

# setting NAME VALUE [CONF]: a kernel setting of every server, for all its interfaces or for CONF.
setting() {
  local server
  for server in rs1 rs2 rs3; do inside $server sysctl -qw "net.ipv4.conf.${3:-all}.$1=$2"; done
}

# believed: the MAC that the router has for the VIP.
believed() { inside router ip neighbour show "$VIP" dev eth1 | sed -n 's/.* lladdr \([0-9a-f:]*\) .*/\1/p'; }

# tries COUNT PROVOCATION: the router forgets the VIP, PROVOCATION is run, and the router's entry is
# looked at; prints how often that was whose, as "COUNT NAME, ...".
tries() {
  local turn
  for ((turn = 0; turn < $1; turn++)); do
    inside router ip neighbour flush to "$VIP" dev eth1
    # Whatever becomes of the attempt, the entry is what counts.
    "$2" || true
    station "$(believed)"
  done | sort | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }'
}

# station MAC: whose it is.
station() {
  case $1 in
    "$WAN_MAC") printf 'director\n' ;;
    02:00:00:00:01:0[123]) printf 'rs%s\n' "${1: -1}" ;;
    *) printf 'nobody\n' ;;
  esac
}

# wrong TRIES: how many of them did not end with the director.
wrong() { tr ',' '\n' <<<"$1" | awk '$2 != "director" { count += $1 } END { print count + 0 }'; }

# expect_reported: the director has heard that servers claim the VIP.
expect_reported() {
  expect_soon "status names the servers that claim the VIP" 5 claimed
  expect_match "in words" "conflict: $VIP claimed by 02:00:00:00:01:0[123] on wan, .* last [0-9]+ s ago" \
    "$(conflicts)"
  expect_match "so does the log" "our address $VIP is claimed by 02:00:00:00:01:0[123]" \
    "$(<"$STATE/logs/director.log")"
}

claimed() { [[ -n $(conflicts) ]]; }

conflicts() { tapvs_command status | grep '^conflict: ' || true; }
