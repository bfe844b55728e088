# shellcheck shell=bash
# Servers in another network serve the VIP: they see a local address of the director, and clients the VIP alone.
# Topology: labs/fullnat.sh. UDP port 53 is port 5300 of each server, 54 leads to one that is closed.
LAB=fullnat

CLIENT_PORT=20001 HELD=12 LOCAL_PATTERN='115\.205\.4\.21[67]'

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, protocol: tcp, scheduler: wrr, method: fullnat, local-addresses: [$LOCAL], servers: [
      { address: 172.16.1.2, weight: 3 }, { address: 172.16.1.3, weight: 2 }, { address: 172.16.2.2 } ] }
  - { address: $VIP, port: 53, protocol: udp, scheduler: rr, method: fullnat, local-addresses: [$LOCAL], servers: [
      { address: 172.16.1.2, port: 5300 }, { address: 172.16.1.3, port: 5300 }, { address: 172.16.2.2, port: 5300 } ] }
  - { address: $VIP, port: 54, protocol: udp, method: fullnat, local-addresses: [$LOCAL], servers: [{ address: 172.16.1.2, port: 5400 }] }
YAML
}

scenario() {
  expect "wrr shares 60 connections as 3 : 2 : 1" "30 rs1 20 rs2 10 rs3" \
    "$(from_client -H 'Connection: close' "http://$VIP/[1-60]" | sort | uniq -c | xargs)"
  one_connection
  listed
  datagrams
  of_a_server
}

# One request, followed to its server and back.
one_connection() {
  local server own name requests
  start_capture client client eth0 tcp port $CLIENT_PORT
  start_capture director sw-wan lb1-wan tcp
  for name in rs1 rs2 rs3; do start_capture $name $name eth0 tcp; done
  server=$(from_client --local-port $CLIENT_PORT "http://$VIP/seen")
  expect_match "the server sees a local address and port" "^rs[123] $LOCAL_PATTERN:[0-9]+\$" "$server"
  own=${server#* } server=${server%% *}
  requests=("10.0.0.2.$CLIENT_PORT" "$VIP.80" "${own/:/.}" "$(address_of "$server").80")
  for name in client director "$server"; do
    expect_soon "the whole connection is seen: $name" 5 capture_whole "$name"
  done
  expect "the client knows the VIP alone" "$(halves "${requests[@]:0:2}")" "$(tuples client)"
  expect "the server knows the local endpoint alone" "$(halves "${requests[@]:2:2}")" "$(tuples "$server")"
  expect "both meet at the director's port" "$( (halves "${requests[@]:0:2}"; halves "${requests[@]:2:2}") | sort)" \
    "$(tuples director)"
  for name in rs1 rs2 rs3; do
    expect "$name hears nothing of the client" "" "$(captured $name host 10.0.0.2)"
  done
  numbers "${own%:*}" "$(address_of "$server")"
  for name in client director rs1 rs2 rs3; do stop_capture $name; done
}

# capture_whole NAME: two FINs to each end that it sees, and the acknowledgement of the last.
capture_whole() {
  capture_holds "$1" $(($(tuples "$1" | wc -l))) 'tcp[tcpflags] & tcp-fin != 0' \
    && captured "$1" | tail -n 1 | grep -q 'Flags \[\.\]'
}

halves() { printf '%s > %s\n%s > %s\n' "$1" "$2" "$2" "$1" | sort; }

tuples() { endpoints "$1" | sort; }

# numbers LOCAL SERVER: what is shifted, and that the other direction says the same.
numbers() {
  local there back shift
  there=$(shifts 10.0.0.2 "$VIP" "$1" "$2")
  back=$(shifts "$2" "$1" "$VIP" 10.0.0.2)
  shift=$(awk '{ print $3 }' <<<"$there")
  expect_match "the client's sequence numbers grow by one number, its acknowledgments by none" \
    '^[0-9]+ seq [1-9][0-9]* ack 0$' "$there"
  expect "the server's acknowledgments shrink by the same, its sequence numbers stay" \
    "seq 0 ack $(((4294967296 - shift) % 4294967296))" "${back#* }"
}

shifts() { /usr/bin/python3 "$LAB_HOME/lib/shifts.py" "$STATE/captures/director.pcap" "$@" 2>&1; }

address_of() { tr ' ' '\n' <<<"$SERVERS" | sed -n "s/^$1://p"; }

listed() {
  hold_connections $HELD 10.0.0.2
  expect_answers "$HELD connections are open" $HELD
  expect "tapvs connections lists each once, with its server" "6 172.16.1.2:80 4 172.16.1.3:80 2 172.16.2.2:80" \
    "$(tapvs_command connections | awk '$5 == "ESTABLISHED" { print $4 }' | sort | uniq -c | xargs)"
  use_connections
  expect_answers "each is answered again" $HELD
  close_connections
  expect_answers "each is closed from both sides" $HELD
}

datagrams() {
  local server seen
  for server in rs1 rs2 rs3; do
    start_process "udp-$server" $server /usr/bin/python3 "$LAB_HOME/lib/udp_echo.py" $server 5300
    wait_for 5 grep -q ready "$STATE/logs/udp-$server.log" || leave 1 "no UDP server in $server"
  done
  start_capture datagrams sw-wan lb1-wan udp and net 172.16.0.0/16
  seen=$(inside client timeout 60 /usr/bin/python3 "$LAB_HOME/lib/udp_ask.py" "$VIP" 53 12 10 2>&1)
  expect "12 client ports are answered 10 times each by UDP, unchanged and from the VIP" "12 lines of 10" \
    "$(awk '{ if (NF != 10) exit 1 } END { printf "%d lines of %d", NR, NF }' <<<"$seen" || printf '%s' "$seen")"
  expect "each stays with one server, and they share them in turn" "4 rs1 4 rs2 4 rs3" \
    "$(awk '{ for (i = 2; i <= NF; i++) if ($i != $1) next; print $1 }' <<<"$seen" | sort | uniq -c | xargs)"
  expect_soon "the director's port saw all of it" 3 capture_holds datagrams 240
  expect "servers saw local addresses alone" "" "$(captured datagrams not net 115.205.4.216/31)"
  stop_capture datagrams
}

# The client's kernel believes no error that does not quote its own datagram.
of_a_server() {
  start_capture errors sw-wan lb1-wan icmp
  expect "a server's closed port is told as the VIP's" "3/3 0 from $VIP, ECONNREFUSED" "$(errors udp 54)"
  expect_soon "it has passed the director" 3 capture_holds errors 2
  expect_match "the server told the local address" \
    "172\.16\.1\.2 > $LOCAL_PATTERN: ICMP 172\.16\.1\.2 udp port 5400 unreachable" "$(captured errors)"
  expect_match "the client is told about its own datagram" \
    "$VIP > 10\.0\.0\.2: ICMP $VIP udp port 54 unreachable" "$(captured errors)"
  stop_capture errors
  expect "time exceeded comes from the VIP" "11/0 0 from $VIP, EHOSTUNREACH" "$(errors udp 53 2)"
  expect "no kernel saw a wrong ICMP checksum" "" "$(bad_icmp_checksums)"
}
