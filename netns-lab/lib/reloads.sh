# shellcheck shell=bash
# A director whose configuration changes while it is used.

# reload_in_use: reload upon reload, every second one of a file that is refused, with connections
# held, a download and visits under way: 1,000 with --long, else 100.
# `reloaded_services TURN` prints the services as they are for a turn.
reload_in_use() {
  local turns rate visited before after began
  turns=$( ((LONG)) && printf 1000 || printf 100)
  rate=$( ((LONG)) && printf 500 || printf 200)
  hold_connections 100 10.0.0.2
  expect_answers "100 connections are open" 100
  make_blob 64
  start_process download client /usr/bin/python3 "$LAB_HOME/lib/slow_download.py" "$VIP" /data/blob $((1 << 20))
  begin_visits reloads 80 "$rate"
  expect_soon "a download begins" 5 grep -q begun "$STATE/logs/download.log"

  # Memory that the first of each kind takes is not growth.
  reload_turns 1 20
  before=$(resident)
  began=$EPOCHREALTIME
  reload_turns 21 "$turns"
  after=$(resident)
  expect "$((turns / 2)) reloads are done, $((turns / 2)) refused" "0 wrong" "$RELOADS_WRONG wrong"
  measured "$((turns - 20)) in $(($(microseconds "$EPOCHREALTIME" "$began") / 1000)) ms"
  expect_at_least "memory stays within 5 % ($before KiB before, $after KiB after)" 0 $((before * 105 / 100 - after))

  use_connections
  expect_answers "each of the 100 connections goes on" 100
  expect "the download goes on" begun "$(tail -n 1 "$STATE/logs/download.log")"
  end_visits reloads
  visited=${VISITS%% *}
  expect_match "every visit is answered" "^$visited visits, $visited answered, 0 failed," "$VISITS"
  measured "$VISITS"
  expect "tapvs status counts the reloads" "$((turns / 2)) $((turns / 2))" \
    "$(status_json '"%d %d" % (status["reloads"]["applied"], status["reloads"]["refused"])')"
}

# reload_turns FIRST LAST: the odd ones are of a file that is refused.
reload_turns() {
  local turn code
  RELOADS_WRONG=${RELOADS_WRONG:-0}
  for ((turn = $1; turn <= $2; turn++)); do
    if ((turn % 2)); then
      write_broken "$turn"
      code=0
      tapvs_command reload >"$STATE/logs/refused.log" 2>&1 || code=$?
      # It says where: FILE:LINE:COLUMN.
      if ((code != 2)) || ! grep -qE "director\.yaml:[0-9]+:[0-9]+: " "$STATE/logs/refused.log"; then count_wrong; fi
    else
      write_turn "$turn"
      tapvs_command reload >>"$STATE/logs/reload.log" 2>&1 || count_wrong
    fi
  done
}

count_wrong() { ((++RELOADS_WRONG)); }

# write_turn TURN: the file of that turn, in place of the other at once.
write_turn() {
  printf 'version: 1\nports:\n%s\nservices:\n%s\n' "$(lab_ports)" "$(reloaded_services "$1")" >"$STATE/director.new"
  mv "$STATE/director.new" "$STATE/director.yaml"
}

# write_broken TURN: refused for another reason each time.
write_broken() {
  local text
  text=$(printf 'version: 1\nports:\n%s\nservices:\n%s\n' "$(lab_ports)" "$(reloaded_services "$1")")
  case $(($1 / 2 % 3)) in
    0) text+=$'\n  - { address: 115.205.4.214, port: 80, servers: [] }' ;;
    1) text=${text/scheduler: /schedular: } ;;
    2) text=${text/weight: /weight: -} ;;
  esac
  printf '%s\n' "$text" >"$STATE/director.new"
  mv "$STATE/director.new" "$STATE/director.yaml"
}

# turned_services TURN METHOD KEYS SERVER...: the service that is used, whose weights change, and another that
# comes and goes with its servers.
turned_services() {
  local turn=$1 method=$2 keys=$3 server servers='' number=0
  shift 3
  for server; do
    servers+="{ address: $server, weight: $((1 + (turn / 2 + number++) % 3)) }, "
  done
  printf '  - { address: %s, port: 80, scheduler: wrr, method: %s,%s servers: [%s],\n' "$VIP" "$method" "$keys" "${servers%, }"
  printf '      checks: [{ type: tcp, interval: 1s, timeout: 500ms }] }\n'
  ((turn / 2 % 2)) || printf '  - { address: %s, port: 8089, scheduler: rr, method: %s,%s servers: [%s] }\n' \
    "$VIP" "$method" "$keys" "${servers%, }"
}
