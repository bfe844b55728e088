# shellcheck shell=bash
# The VIP answers HTTP, servers share it by weight, and no other way leads to them.
# Topology: labs/nat.sh. One service per scheduler.
LAB=nat

# Port 80 as the lab has it (wrr); 8080 in turn (rr); 8088 the least loaded (wlc, the default).
# 8090 and 8091 lead to the same ports of the same servers, and begin with the same one.
lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: wrr, servers: [
      { address: 192.168.0.2, port: 80, weight: 3 }, { address: 192.168.0.3, port: 80, weight: 2 }, { address: 192.168.0.4, port: 80 } ] }
  - { address: $VIP, port: 8080, scheduler: rr, servers: [
      { address: 192.168.0.2, port: 8081 }, { address: 192.168.0.3, port: 8081 }, { address: 192.168.0.4, port: 8081 } ] }
  - { address: $VIP, port: 8088, servers: [
      { address: 192.168.0.2, port: 8089 }, { address: 192.168.0.3, port: 8089 }, { address: 192.168.0.4, port: 8089 } ] }
  - { address: $VIP, port: 8090, scheduler: rr, servers: [
      { address: 192.168.0.2, port: 80 }, { address: 192.168.0.3, port: 80 }, { address: 192.168.0.4, port: 80 } ] }
  - { address: $VIP, port: 8091, scheduler: rr, servers: [
      { address: 192.168.0.2, port: 80 }, { address: 192.168.0.3, port: 80 }, { address: 192.168.0.4, port: 80 } ] }
YAML
}

scenario() {
  expect_match "curl reaches a server through the VIP" '^rs[123]$' "$(from_client "http://$VIP/")"
  expect_match "the server sees the client's own address" '^rs[123] 10\.0\.0\.2:20001$' \
    "$(from_client --local-port 20001 "http://$VIP/seen")"
  no_other_way
  weights
  turns
  least_loaded
  keep_alive
  one_client_port
  expect "ICMP echo to the VIP is answered" 0 \
    "$(inside client ping -c 1 -W 2 "$VIP" >/dev/null 2>&1; printf '%s' "$?")"
}

no_other_way() {
  expect_failure "the client cannot ping 192.168.0.2" inside client ping -c 1 -W 0.5 192.168.0.2
  expect_failure "the client cannot curl 192.168.0.2" \
    inside client curl -s -m 1 -o /dev/null http://192.168.0.2/
  expect "the router has no route to the intranet" "" "$(inside router ip route get 192.168.0.2 2>/dev/null)"
  expect_failure "another port of the VIP is not served" \
    inside client curl -s -m 1 -o /dev/null "http://$VIP:81/"
}

# Over any whole number of turns of 3 + 2 + 1 the share is exact, wherever the first one began.
weights() {
  expect "wrr shares 60 connections as 3 : 2 : 1" "30 rs1, 20 rs2, 10 rs3" "$(answers 60 80 | count)"
}

turns() {
  local seen
  seen=$(answers 60 8080 | xargs)
  expect "rr shares 60 connections evenly" "20 rs1, 20 rs2, 20 rs3" "$(tr ' ' '\n' <<<"$seen" | count)"
  expect "rr repeats one order" "$(printf "${seen:0:12}%.0s" {1..20} | xargs)" "$seen"
}

# Connections that stay open weigh; three of them go to three servers.
least_loaded() {
  expect "wlc spreads connections that stay open" "rs1 rs2 rs3" \
    "$(inside client timeout 20 /usr/bin/python3 "$LAB_HOME/lib/open_connections.py" "$VIP" 8088 3 | sort | xargs)"
}

keep_alive() {
  expect "requests over one kept connection make one connection" "1 0 0" \
    "$(from_client -o /dev/null -w '%{num_connects}\n' "http://$VIP/[1-3]" | xargs)"
  expect "and stay with one server" 1 "$(from_client "http://$VIP/[1-3]" | sort -u | grep -c '^rs')"
}

# A client may use one port of its own for two services; their servers' port 80 must not take one
# connection for the other. No answer takes a second, as it would after a lost segment.
one_client_port() {
  expect "one client port serves two services of the same servers, 20 times" 40 \
    "$(inside client timeout 60 /usr/bin/python3 "$LAB_HOME/lib/one_port.py" "$VIP" 22001 20 8090 8091 2>&1)"
}

# answers COUNT PORT: each over a connection of its own.
answers() { from_client -H 'Connection: close' "http://$VIP:$2/[1-$1]"; }

# How often each line occurs, in one line.
count() { sort | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }'; }
