# shellcheck shell=bash
# Unmodified servers hear of their clients by TOA: nginx, and Python on listeners of IPv4 and of both versions.
# Topology: labs/fullnat.sh; each server runs in a control group of its own. Ports 8001 and 8002 are rs1's
# Python: of IPv4, and of both.
LAB=fullnat

ACCESS_LOG=1
# Nobody's, of the client's network; what it claims to be; the servers' own sight of a forgery is the proof.
FORGER=10.0.0.77 CLAIM=8.8.8.8:4660

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: fullnat, local-addresses: [$LOCAL], servers: [
      { address: 172.16.1.2 }, { address: 172.16.1.3 }, { address: 172.16.2.2 } ] }
  - { address: $VIP, port: 8001, method: fullnat, local-addresses: [$LOCAL], servers: [{ address: 172.16.1.2 }] }
  - { address: $VIP, port: 8002, method: fullnat, local-addresses: [$LOCAL], servers: [{ address: 172.16.1.2 }] }
YAML
}

run_server() {
  add_group "$1"
  start_in_group "$1" "$@"
}

scenario() {
  start_in_group peers rs1 /usr/bin/python3 "$LAB_HOME/lib/name_peers.py" 8001 8002
  wait_for 5 grep -q ready "$STATE/logs/peers.log" || leave 1 "no Python server in rs1"
  all_see "without the programs servers see a local address" '115\.205\.4\.21[67]:[0-9]+'
  install_programs
  all_see "with them the client's own, of listeners that were there before" '10\.0\.0\.2:PORT'
  access_logs
  on_the_wire
  forgeries
  full_segments
  expect_success "the programs are removed from rs1" toa rs1 --remove
  expect_match "which sees a local address again" '^115\.205\.4\.21[67]:[0-9]+ 115' "$(peers 20900 8001)"
}

# toa NODE ARGUMENTS...: the command on that server.
toa() { inside "$1" "$DIRECTOR" real-server toa --cgroup "$(group_of "$1")" "${@:2}"; }

install_programs() {
  local output code=0
  output=$(toa rs1 --from 115.205.4.216 115.205.4.217 2>&1) || code=$?
  ((code != 77)) || leave 77 "$output"
  expect "rs1 takes the programs" "0 " "$code $output"
  expect_success "so does rs2, with a prefix" toa rs2 --from 115.205.4.216/31
  expect_success "and rs3, told nothing of its group" \
    in_group rs3 "$DIRECTOR" real-server toa --from 115.205.4.216/31
}

# all_see WHAT PATTERN: three servers' nginx, and both listeners of Python. PORT is the client's.
all_see() {
  local turn port seen=''
  for turn in 1 2 3; do
    port=$((NEXT_PORT++))
    seen+="$(from_client --local-port $port "http://$VIP/seen" | sed "s/:$port\$/:PORT/") "
  done
  expect_match "$1: nginx" "^rs[123] $2 rs[123] $2 rs[123] $2 \$" "$seen"
  for turn in 8001 8002; do
    port=$((NEXT_PORT++))
    expect_match "$1: Python, port $turn" "^$2 $2\$" "$(peers $port $turn | sed "s/:$port\\b/:PORT/g")"
  done
}
NEXT_PORT=20001

peers() { from_client --local-port "$1" "http://$VIP:$2/"; }

access_logs() {
  local server
  for server in rs1 rs2 rs3; do
    expect_soon "the access log of $server has the client with its port" 3 \
      grep -qE '^10\.0\.0\.2:200[0-9]{2} GET /seen HTTP/1.1 200$' "$STATE/$server/access.log"
  done
}

# The program finds what the director put first into early segments, and nothing else does.
on_the_wire() {
  start_capture wire sw-wan lb1-wan tcp
  start_capture client client eth0 'tcp[tcpflags] & tcp-syn != 0'
  from_client -o /dev/null "http://$VIP/"
  expect_soon "early segments carry the option behind the fixed header" 3 \
    capture_holds wire 2 'src net 115.205.4.216/31 and tcp[20:2] = 0xfe08 and tcp[24:4] = 0x0a000002'
  expect "SYNs do not" 0 "$(captured wire 'tcp[tcpflags] & tcp-syn != 0 and tcp[20] = 254' | wc -l)"
  expect_soon "the client is told a segment size of 8 less" 3 capture_holds client 1 "src $VIP and tcp[20:4] = 0x020405ac"
  stop_capture wire
  stop_capture client
}

forgeries() {
  expect_match "a client's own option is not believed: by the VIP" "^rs[123] $FORGER:3[0-9]+\$" "$(forge "$VIP")"
  expect_match "nor straight at a server" "^rs1 $FORGER:3[0-9]+\$" "$(forge 172.16.1.2)"
  expect_match "rs1 has counted it" 'not from a director  +[1-9]' "$(toa rs1)"
  expect_success "were it a director" toa rs2 --from $FORGER/32
  expect "it would be" "rs2 $CLAIM" "$(forge 172.16.1.3)"
  expect_success "which it is not" toa rs2 --from 115.205.4.216/31
  expect_match "any more" "^rs2 $FORGER:3[0-9]+\$" "$(forge 172.16.1.3)"
}

# forge ADDRESS: what a server says of a client that tells a false address.
forge() {
  inside client timeout 10 /usr/bin/python3 "$LAB_HOME/lib/forged_option.py" eth0 \
    "$(inside router ip -o link show eth0 | sed 's/.*ether \([0-9a-f:]*\) .*/\1/')" $FORGER "$1" 80 "${CLAIM%:*}" "${CLAIM#*:}" 2>&1
}

# The first segments of a request, which have the option, are full.
full_segments() {
  local offloads
  head -c 20000 /dev/urandom >"$BULK/data/blob"
  for offloads in off on; do
    set_offloads $offloads
    expect_success "20 KB are uploaded byte for byte, offloads $offloads" uploaded
  done
  expect "no segment was too full to tell the client's address" "" "$(counted client-addresses-untold)"
  expect "no bad TCP checksum at either end" "" "$(bad_checksums)"
}
