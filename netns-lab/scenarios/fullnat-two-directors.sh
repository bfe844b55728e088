# shellcheck shell=bash
# Two directors with local addresses of their own serve the same servers at once, each at its VIP and both at one.
# Topology: labs/fullnat.sh.
LAB=fullnat

VISITS=200 EACH=100

scenario() {
  start_second_director
  expect_soon "the second director answers at its own VIP" 10 second_answers
  at_once
  both
}

second_answers() { from_client -m 1 --connect-timeout 0.3 -o /dev/null "http://$VIP2/"; }

# seen_at ADDRESS COUNT: server and local address of so many visits.
seen_at() {
  from_client -m 60 -H 'Connection: close' "http://$1/seen?[1-$2]" | sed 's/:[0-9]*$//'
}

# Two clients side by side, each at another director.
at_once() {
  local first=$STATE/logs/first second=$STATE/logs/second visitor
  seen_at "$VIP" $EACH >"$first" &
  visitor=$!
  seen_at "$VIP2" $EACH >"$second"
  wait "$visitor" || true
  expect "$EACH visits to lb1's VIP are served by lb1's local addresses" \
    "$EACH 115.205.4.216 115.205.4.217" "$(served "$first")"
  expect "$EACH at the same time to lb2's by lb2's" "$EACH 115.205.4.211 115.205.4.212" "$(served "$second")"
  expect "all servers serve both" "rs1 rs2 rs3,rs1 rs2 rs3" "$(servers "$first"),$(servers "$second")"
}

# served FILE: how many lines, and each local address in them.
served() {
  printf '%s %s' "$(grep -cE '^rs[123] ' "$1")" "$(awk '{ print $2 }' "$1" | sort -u | xargs)"
}

servers() { awk '{ print $1 }' "$1" | sort -u | xargs; }

# The router sends each connection of one address to one of them, and stays with it.
both() {
  local seen=$STATE/logs/both one two
  seen_at "$BOTH" $VISITS >"$seen"
  one=$(grep -cE ' 115\.205\.4\.21[67]$' "$seen")
  two=$(grep -cE ' 115\.205\.4\.21[12]$' "$seen")
  expect "$VISITS visits to the address of both are answered" $VISITS $((one + two))
  expect_at_least "lb1 has at least a fifth of them" $((VISITS / 5)) "$one"
  expect_at_least "and so does lb2" $((VISITS / 5)) "$two"
  VIP=$BOTH hold_connections $EACH 10.0.0.2
  expect_answers "$EACH connections to it are open" $EACH
  use_connections
  expect_answers "each is answered again, by its server" $EACH
  expect "each director lists its own, and together they have all" $EACH $(($(listed lb1) + $(listed lb2)))
  expect_at_least "lb1 has some of them" 1 "$(listed lb1)"
  expect_at_least "lb2 has some of them" 1 "$(listed lb2)"
  close_connections
  expect_answers "each is closed from both sides" $EACH
}

# listed NODE: its established connections to the address of both.
listed() {
  inside "$1" "$DIRECTOR" connections | awk -v site="$BOTH:80" '$3 == site && $5 == "ESTABLISHED"' | wc -l
}
