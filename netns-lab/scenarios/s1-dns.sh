# shellcheck shell=bash
# DNS rotation keeps sending clients to a dead server until caches forget it; behind the VIP one change ends it.
# Topology: labs/dns.sh. Both ways lead to the same three servers, and one of them is killed.
# Nobody checks the servers' health here: on both sides an operator takes the dead one out, in the zone
# and in the configuration of tapvs. Until then about a third of the visits fails on either.
LAB=dns

scenario() {
  local seen
  expect "the name has the three servers' public addresses" "115.205.4.216 115.205.4.217 115.205.4.218" \
    "$(look_up "$RESOLVER" | cut -d ' ' -f 2- | tr ' ' '\n' | sort | xargs)"
  seen=$(visit_site 90 | awk '{ print $2, $3 }' | sort | uniq -c | awk '{ print $2, $3, $1 }')
  expect "90 visits by name go to each, straight from the client" \
    "115.205.4.216 rs1, 115.205.4.217 rs2, 115.205.4.218 rs3" "$(cut -d ' ' -f 1,2 <<<"$seen" | paste -sd , | sed 's/,/, /g')"
  measured "by name: $(awk '{ printf "%s%s %d", (NR > 1 ? ", " : ""), $2, $3 }' <<<"$seen")"

  start_visits name "$SITE@$RESOLVER"
  start_visits vip "$VIP"
  expect_soon "the resolver has just renewed its answer" $((TTL + 4)) renewed
  one_dies
  take_out
  expect_soon "the cached answer expires" $((TTL + 4)) serves_addresses "$RESOLVER" 2
  EXPIRED=$EPOCHREALTIME
  expect_soon "30 visits by name come after it" 10 visited name 30
  expect_soon "30 visits of the VIP come after it" 10 visited vip 30
  what_clients_saw
}

# start_visits NAME SITE: for as long as the scenario runs, 20 visits a second at most. A SYN that is
# lost while tapvs starts again is repeated after a second, and that is no failure.
start_visits() {
  start_process "visits-$1" client /usr/bin/python3 "$LAB_HOME/lib/visits.py" "$2" 0.05 2.5
}

renewed() { (($(look_up "$RESOLVER" | awk 'END { print $1 + 0 }') >= TTL - 1)); }

one_dies() {
  KILLED=$EPOCHREALTIME
  stop_process rs2 KILL
  expect_soon "rs2 is killed: visits by name fail" 10 failing name
  expect_soon "and so do visits of the VIP" 10 failing vip
}

failing() { grep -q failed "$STATE/logs/visits-$1.log"; }

# A configuration is read at the start: tapvs starts again with the changed one.
take_out() {
  serve_zone 1 3
  ZONE_CHANGED=$EPOCHREALTIME
  BEHIND_VIP='1 3'
  stop_process director
  start_director
  VIP_CHANGED=$EPOCHREALTIME
}

# visited NAME COUNT: so many visits began after the cached answer expired.
visited() { (($(visits "$1" "$EXPIRED" '' | wc -l) >= $2)); }

# visits NAME FROM TO [OUTCOME]: the visits that began between the two times.
visits() {
  awk -v from="$2" -v to="${3:-9999999999}" -v outcome="${4:-.}" \
    '$1 >= from && $1 < to && $3 ~ outcome' "$STATE/logs/visits-$1.log"
}

what_clients_saw() {
  local last
  stop_process visits-name
  stop_process visits-vip
  expect_at_least "visits by name fail after the zone was changed" 1 "$(failures name "$ZONE_CHANGED" "$EXPIRED")"
  last=$(visits name "$ZONE_CHANGED" '' failed | tail -n 1 | awk -v from="$ZONE_CHANGED" '{ printf "%.1f", $1 - from }')
  measured "by name: $(failures name "$KILLED" "$ZONE_CHANGED") failed until the zone was changed, $(
    failures name "$ZONE_CHANGED" '') of $(visits name "$ZONE_CHANGED" "$EXPIRED" | wc -l) in the $last s after it (TTL $TTL s)"
  expect "none fails once the cached answer has expired" 0 "$(failures name "$EXPIRED" '')"

  expect "no visit of the VIP fails once its configuration was changed" 0 "$(failures vip "$VIP_CHANGED" '')"
  measured "VIP: $(failures vip "$KILLED" "$VIP_CHANGED") failed until the configuration was changed, $(
    failures vip "$VIP_CHANGED" '') of $(visits vip "$VIP_CHANGED" '' | wc -l) after it"
}

failures() { visits "$@" failed | wc -l; }
