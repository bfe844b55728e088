# shellcheck shell=bash
# One server is the site: when it dies the site is down, until it is back.
# Topology: labs/one-server.sh
LAB=one-server

scenario() {
  expect "ten requests of ten are answered" 10 \
    "$(from_client -H 'Connection: close' "http://$SITE/[1-10]" | grep -c '^rs1')"

  stop_process rs1 KILL
  is_down "its nginx is killed: connections are refused" '^curl: \(7\) '

  inside rs1 ip link set eth0 down
  is_down "its machine is off as well: nothing answers" '^curl: \((7|28)\) '

  inside rs1 ip link set eth0 up
  gateway rs1 115.205.4.209
  start_server rs1
  expect_soon "the same server is back: the site answers" 10 service_answers
}

# is_down WHAT PATTERN: what the client's curl says of the site.
is_down() {
  local seen
  seen=$(inside client curl -sS -m 1 -o /dev/null "http://$SITE/" 2>&1) || true
  expect_match "$1" "$2" "$seen"
  measured "$seen"
}
