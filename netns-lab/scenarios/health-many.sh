# shellcheck shell=bash
# A thousand checks a second, by TCP and by HTTP: they are spread in time, and what they cost the director.
# Topology: labs/nat.sh. A hundred services of one server each, checked every 100 ms.
LAB=nat

KIND=tcp

lab_services() {
  local number
  for ((number = 0; number < 100; number++)); do
    printf '  - { address: %s, port: %d, servers: [{ address: 192.168.0.%d, port: 80 }], checks: [{ type: %s, interval: 100ms, timeout: 90ms }] }\n' \
      "$VIP" $((number ? 10000 + number : 80)) $((2 + number % 3)) "$KIND"
  done
}

scenario() {
  thousand_checks "by TCP"
  KIND=http
  write_configuration
  expect_success "the checks are those of HTTP" inside lb1 "$DIRECTOR" reload
  thousand_checks "by HTTP"
  expect "no server is down" 0 \
    "$(status_json 'sum(server["health"]["state"] != "up" for service in status["services"] for server in service["servers"])')"
}

# thousand_checks BY-WHAT: for some seconds.
thousand_checks() {
  local seconds cpu count most began name="checks-${1##* }"
  seconds=$( ((LONG)) && printf 15 || printf 3)
  start_capture "$name" sw-lan lb1 'tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn'
  began=$EPOCHREALTIME
  cpu=$(cpu_ticks)
  wait_for $((seconds + 1)) checks_last "$began" "$seconds"
  cpu=$(($(cpu_ticks) - cpu))
  began=$(microseconds "$EPOCHREALTIME" "$began")
  read -r count most < <(tcpdump -Z root -nn -tt -r "$STATE/captures/$name.pcap" 2>/dev/null | awk '
    { slot = substr($1, 1, 13); if (++slots[slot] > most) most = slots[slot] } END { print NR + 0, most + 0 }')
  expect_at_least "$1, a thousand checks a second are made ($((count * 1000000 / began)))" 950 $((count * 1000000 / began))
  expect_at_least "and no more than 40 in any 10 ms (the most were $most)" 0 $((40 - most))
  measured "processor time of tapvs: $((cpu * 1000000 / began)) % of a core"
}

checks_last() { (($(microseconds "$EPOCHREALTIME" "$1") >= $2 * 1000000)); }
