# shellcheck shell=bash
# Floods of SYNs, UDP, pings and ARP fill what is bounded and no more; connections that are open go on working.
# Topology: labs/nat.sh; the table has room for 12,000 connections, and the inner network is a /16 of stations.
LAB=nat

HELD=100 LIMIT=12000
SEED=${TAPVS_LAB_SEED:-$RANDOM}

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, mac: "$WAN_MAC", addresses: [115.205.4.215/28], gateway: 115.205.4.209 }
  lan: { tap: lb1-lan, netns: $LAB_NAME-sw-lan, mac: "$LAN_MAC", addresses: [192.168.0.1/16] }
YAML
}

write_configuration() {
  printf 'version: 1\nconnections: { limit: %s, timeouts: { syn-recv: 6s } }\nports:\n%s\nservices:\n%s\n' \
    $LIMIT "$(lab_ports)" "$(lab_services)" >"$STATE/director.yaml"
}

scenario() {
  local server before
  # What is answered to addresses that nobody has ends here, and is said once.
  inside router ip route add blackhole 198.18.0.0/15
  for server in rs1 rs2 rs3; do inside $server sysctl -qw net.ipv4.tcp_synack_retries=0; done
  hold_connections $HELD 10.0.0.2
  use_connections
  expect_answers "$HELD connections are open" $HELD
  before=$(resident)
  flood aligned 10000 router eth1 "$VIP" "$WAN_MAC"
  expect_success "new connections are answered" service_answers
  udp_flood
  echo_flood
  arp_flood
  syn_flood
  measured "memory of tapvs: $before KiB before, $(resident) KiB after"
}

# flood KIND COUNT NODE IF TARGET PORT-MAC: sends it, and uses the held connections as long as it lasts.
flood() {
  local first=$((HELD_ROUNDS + 1)) rounds
  start_process flood "$3" /usr/bin/python3 "$LAB_HOME/lib/flood_frames.py" "$4" "$6" "$5" "$1" "$2" "$SEED"
  FULL='never'
  until process_ended flood && ((HELD_ROUNDS >= first)); do
    use_connections
    if table_full; then when_full; fi
  done
  rounds=$((HELD_ROUNDS - first + 1))
  expect "$1 flood: each of $HELD connections is answered again and again" "$rounds of $rounds times" \
    "$(rounds_since "$first" | grep -c ": $HELD answered,") of $rounds times"
  measured "$(<"$STATE/logs/flood.log") (seed $SEED); $rounds rounds of requests, the slowest: $(slowest "$first")"
  rm "$STATE/logs/flood.log"
}

rounds_since() { sed -n "/^round $1:/,\$p" "$STATE/logs/held.log"; }

slowest() { rounds_since "$1" | sed 's/.*wrong, //' | sort -n -k 5 | tail -n 1; }

udp_flood() {
  local dropped sent
  dropped=$(counted no-service)
  sent=$(counted originated)
  flood udp 20000 router eth1 "$VIP" "$WAN_MAC"
  expect_at_least "datagrams to no service are counted" 10000 $(($(counted no-service) - dropped))
  expect_at_least "few of them are answered by errors" 0 $((10000 - $(counted originated) + sent))
  measured "$(($(counted no-service) - dropped)) to no service, $(($(counted originated) - sent)) errors sent"
}

echo_flood() {
  flood echo 20000 router eth1 "$VIP" "$WAN_MAC"
  expect_soon "the VIP answers the client's ping" 5 vip_pings
}

vip_pings() { inside client ping -c 1 -W 1 "$VIP" >/dev/null; }

# Its stations push each other out of the neighbour table, and nobody who is needed.
arp_flood() {
  local kept
  flood arp 20000 rs1 eth0 192.168.0.1 "$LAN_MAC"
  kept=$(tapvs_command ports | awk '$NF == "lan" && $1 ~ /^192\.168\./' | wc -l)
  expect_at_least "no more than 1,100 neighbours are kept" 0 $((1100 - kept))
  measured "$kept neighbours"
  expect "the gateway and the servers keep their places" 4 "$(tapvs_command ports | awk '{ print $1, $2 }' \
    | grep -cxF -e '115.205.4.209 02:00:00:00:00:01' -e '192.168.0.2 02:00:00:00:01:01' \
      -e '192.168.0.3 02:00:00:00:01:02' -e '192.168.0.4 02:00:00:00:01:03')"
  expect "new connections are answered" 10 "$(from_client -H 'Connection: close' "http://$VIP/[1-10]" | grep -c '^rs')"
}

# Who is in the table stays, who is not waits until entries of the flood are over.
syn_flood() {
  expect_soon "entries of the earlier flood end by themselves" 20 few_connections
  start_downloads
  flood syn 40000 router eth1 "$VIP" "$WAN_MAC"
  expect_success "downloads over one connection go on" process_runs downloads
  measured "$(downloads_run)"
  stop_process downloads
  expect "tapvs status says that the table is full, and no new connection is answered then" "silence" "$FULL"
  expect_at_least "frames that found it full are counted" 1000 "$(counted connection-table-full)"
  measured "$(counted connection-table-full) frames found it full"
  expect_soon "once the flood's entries are over new connections are answered again" 20 room_again
  use_connections
  expect_answers "and those that were open still are" $HELD
}

table_full() { tapvs_command status | grep -q "^connections *$LIMIT of $LIMIT$"; }

few_connections() { (($(tapvs_command status | awk '$1 == "connections" { print $2 }') < LIMIT / 10)); }

room_again() { few_connections && service_answers; }

# It counts when no connection was opened meanwhile, by the flood or by us: then there was no place.
when_full() {
  local before answer
  before=$(opened)
  answer=$(inside client curl -sS -m 0.3 "http://$VIP/" 2>/dev/null || printf 'silence')
  if [[ $answer != silence && $(opened) == "$before" ]]; then
    FULL="an answer of $answer"
  elif [[ $answer == silence && $FULL == never ]]; then
    FULL=silence
  fi
}

# Connections since the start.
opened() { tapvs_command status | awk '/^(tcp|udp) / { total += $NF } END { print total }'; }

# One after the other over one connection; each says how fast it was.
start_downloads() {
  make_blob 16
  start_process downloads client curl -sS -o /dev/null -w '%{stderr}%{speed_download}\n' "http://$VIP/data/blob?[1-100000]"
  expect_soon "downloads run" 10 downloaded 5
  DOWNLOADED=$(wc -l <"$STATE/logs/downloads.log")
}

downloaded() { (($(wc -l <"$STATE/logs/downloads.log") >= $1)); }

# How fast they were before the flood and while it lasted: medians.
downloads_run() {
  printf 'downloads: %s before, %s during the flood' \
    "$(head -n "$DOWNLOADED" "$STATE/logs/downloads.log" | median)" "$(tail -n +$((DOWNLOADED + 1)) "$STATE/logs/downloads.log" | median)"
}

median() { sort -n | awk '{ speed[NR] = $1 } END { printf "%.0f MB/s", speed[int((NR + 1) / 2)] / 1000000 }'; }
