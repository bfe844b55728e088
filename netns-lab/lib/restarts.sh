# shellcheck shell=bash
# The director is killed and started again while it is used.

# The client's port of the download that is under way.
DOWNLOAD_PORT=20500

# restart_in_use COUNT: with COUNT connections held, a download and visits under way.
restart_in_use() {
  local count=$1 started
  hold_connections "$count" 10.0.0.2
  expect_answers "$count connections are open" "$count"
  make_blob 64
  start_process download client curl -sS --local-port $DOWNLOAD_PORT \
    --limit-rate 4M --keepalive-time 1 -o /dev/null "http://$VIP/data/blob"
  start_process visits client /usr/bin/python3 "$LAB_HOME/lib/visits.py" "$VIP" 0.01 0.2
  expect_soon "the VIP is visited without a pause" 5 answered_since 0

  KILLED=$EPOCHREALTIME
  stop_process director KILL
  started=$EPOCHREALTIME
  start_director
  expect_soon "it is killed and started again: visits are answered" 10 answered_since "$started"
  stop_process visits
  report_gap "$started"

  use_connections
  expect_match "each of the $count old connections is reset, none is left in silence" \
    "^0 answered, $count reset, 0 silent, 0 wrong," "$HELD_ROUND"
  measured "resets: ${HELD_ROUND#*wrong, }"
  expect_soon "a download ends as well, with its client's next segment" 10 process_ended download
  expect_match "because it is reset" 'reset by peer' "$(<"$STATE/logs/download.log")"
  expect "ten new connections are answered" 10 "$(from_client -H 'Connection: close' "http://$VIP/[1-10]" | grep -c '^rs')"
}

# answered_since TIME: some visit that began after it was answered.
answered_since() { [[ -n $(first_answer "$1") ]]; }

# first_answer TIME: when the first answer came to a visit that began after TIME.
first_answer() {
  awk -v from="$1" '$1 >= from && $3 ~ /^rs/ { print $4; exit }' "$STATE/logs/visits.log"
}

last_answer() { awk -v to="$KILLED" '$4 < to && $3 ~ /^rs/ { last = $4 } END { print last }' "$STATE/logs/visits.log"; }

# report_gap TIME: how long nobody was answered. TIME is when it was started.
report_gap() {
  local first gap
  first=$(first_answer "$1")
  gap=$(microseconds "$first" "$1")
  expect_at_least "the first answer comes within a second of the start" 0 $((1000000 - gap))
  measured "first answer $((gap / 1000)) ms after the start; no answer for $(($(microseconds "$first" "$(last_answer)") / 1000)) ms in all"
}

# microseconds TIME TIME: from the second to the first, both with six decimals.
microseconds() { printf '%d' $((${1/./} - ${2/./})); }
