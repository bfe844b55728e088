# shellcheck shell=bash
# Visits at a steady rate while something happens: how many failed, and until when.

# begin_visits NAME PORT RATE [WAIT]: of the VIP, until end_visits; a visit fails after WAIT seconds (3).
begin_visits() {
  start_process "$1" client /usr/bin/python3 "$LAB_HOME/lib/steady_visits.py" "${SITE:-$VIP}" "$2" "$3" "${4:-3}"
  wait_for 5 grep -q ' answered ' "$STATE/logs/$1.log" || leave 1 "no visit to port $2 is answered"
}

# end_visits NAME: waits for those under way; VISITS is the line that tells of all.
end_visits() {
  process_runs "$1" && kill -TERM "$PID"
  wait_for 10 process_ended "$1" || leave 1 "visits $1 do not end"
  VISITS=$(tail -n 1 "$STATE/logs/$1.log")
}

# failures_by_kind NAME: as in "12 refused, 3 silent"; late visits were answered.
failures_by_kind() {
  grep -oE '(refused|reset|silent|broken|late)$' "$STATE/logs/$1.log" | sort | uniq -c \
    | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }'
}

# last_loss NAME FROM TO: milliseconds after FROM at which the last visit began that failed, or whose first SYN
# was lost; only those that began from FROM to TO count (EPOCHREALTIME). 0 if none did.
last_loss() {
  awk -v from="$2" -v to="$3" '
    $3 ~ /^(refused|reset|silent|broken|late)$/ && $1 >= from && $1 < to && $1 > last { last = $1 }
    END { printf "%d\n", last ? (last - from) * 1000 + 0.5 : 0 }' "$STATE/logs/$1.log"
}

# answers_again NAME SERVER TIME: SERVER has answered a visit after TIME.
answers_again() {
  awk -v server="$2" -v from="$3" '$2 == "answered" && $3 == server && $1 > from { found = 1 } END { exit !found }' \
    "$STATE/logs/$1.log"
}
