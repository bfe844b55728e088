# shellcheck shell=bash
# UDP through the VIP: datagrams of one client port stay with one server and come back as they went.
# Topology: labs/nat.sh; each server also answers UDP on port 5300, the VIP has it on port 53.
LAB=nat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, servers: [{ address: 192.168.0.2 }, { address: 192.168.0.3 }, { address: 192.168.0.4 }] }
  - { address: $VIP, port: 53, protocol: udp, scheduler: rr, servers: [
      { address: 192.168.0.2, port: 5300 }, { address: 192.168.0.3, port: 5300 }, { address: 192.168.0.4, port: 5300 } ] }
YAML
}

scenario() {
  local server
  for server in rs1 rs2 rs3; do
    start_process "udp-$server" $server /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" $server 5300
    wait_for 5 grep -q ready "$STATE/logs/udp-$server.log" || leave 1 "no UDP server in $server"
    start_capture $server $server eth0 udp
  done
  finish_checksums router eth0
  for server in rs1 rs2 rs3; do finish_checksums sw-lan $server; done
  twelve_ports
  only_the_service
}

# A client port's first datagram chooses its server, in turn; the others follow.
twelve_ports() {
  local seen
  seen=$(inside client timeout 60 /usr/bin/python3 "$LAB_HOME/lib/udp_ask.py" "$VIP" 53 12 10 2>&1)
  expect "12 client ports are answered 10 times each, unchanged" "12 lines of 10" \
    "$(awk '{ if (NF != 10) exit 1 } END { printf "%d lines of %d", NR, NF }' <<<"$seen" || printf '%s' "$seen")"
  expect "each stays with one server" 12 "$(awk '{ for (i = 2; i <= NF; i++) if ($i != $1) next; print }' <<<"$seen" | wc -l)"
  expect "servers share them in turn" "4 rs1 4 rs2 4 rs3" "$(awk '{ print $1 }' <<<"$seen" | sort | uniq -c | xargs)"
  expect "no bad UDP checksum at client or servers" "" "$(bad_udp_checksums)"
}

only_the_service() {
  local server
  for server in rs1 rs2 rs3; do
    expect "$server sees the client and itself alone" \
      "10.0.0.2 > 5300, 5300 > 10.0.0.2" "$(halves $server)"
    stop_capture $server
  done
}

# The client's ports and the server's address aside: who speaks to whom.
halves() {
  wait_for 3 capture_holds "$1" 80
  captured "$1" | sed -nE 's/.* (10\.0\.0\.2)\.[0-9]+ > 192\.168\.0\.[0-9]+\.([0-9]+): .*/1 \1 > \2/p
    s/.* 192\.168\.0\.[0-9]+\.([0-9]+) > (10\.0\.0\.2)\.[0-9]+: .*/2 \1 > \2/p' \
    | sort -u | sed 's/^. //' | paste -sd , | sed 's/,/, /g'
}

bad_udp_checksums() {
  local node
  for node in client rs1 rs2 rs3; do
    inside $node awk -v node=$node '/^Udp: [0-9]/ && $8 > 0 { print node ": " $8 }' /proc/net/snmp
  done
}
