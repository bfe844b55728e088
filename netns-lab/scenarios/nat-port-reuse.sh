# shellcheck shell=bash
# A client that uses its ports again at once never waits for a retransmission: what its last connection left
# behind, at the director and in the server's TIME_WAIT, gives way. Topology: labs/nat.sh.
LAB=nat

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, servers: [{ address: 192.168.0.2 }, { address: 192.168.0.3 }, { address: 192.168.0.4 }] }
  - { address: $VIP, port: 8080, scheduler: rr, servers: [
      { address: 192.168.0.2, port: 80 }, { address: 192.168.0.3, port: 80 }, { address: 192.168.0.4, port: 80 } ] }
  - { address: $VIP, port: 8081, servers: [{ address: 192.168.0.2 }] }
YAML
}

ROUNDS=$( ((LONG)) && printf 400 || printf 40)
# A retransmitted SYN comes after a second.
PATIENCE_MS=900

scenario() {
  reuse "three servers" 3 80
  reuse "one server" 1 8081
  reuse "two services on the same servers" 3 80,8080
}

# reuse WHAT SERVERS PORTS
reuse() {
  local answered servers slowest wanted ports
  IFS=, read -ra ports <<<"$3"
  wanted=$((20 * ROUNDS * ${#ports[@]}))
  read -r answered servers slowest < <(inside client timeout 120 /usr/bin/python3 "$LAB_HOME/lib/reuse_ports.py" \
    "$VIP" "$3" 20 "$ROUNDS" 2>&1 | tail -n 1)
  expect "$1: $wanted connections from 20 ports are answered by as many servers" "$wanted by $2" "$answered by $servers"
  expect_at_least "$1: none waits for a second (the longest $slowest ms)" 0 $((PATIENCE_MS - slowest))
}
