# shellcheck shell=bash
# The bench measures: each figure of its short form is there, and forwarders sent what arrived.
# Topology: labs/bench.sh, in a lab that the bench brings up by itself. How fast is of no concern.
LAB=bench

FIGURES='latency-p50 latency-p99 connections datagrams datagrams-unlimited
  one-stream-up one-stream-down eight-streams-up eight-streams-down
  cpu-per-connection cpu-per-datagram cpu-per-gigabyte bytes-carried bytes-forwarded
  total-cpu-per-connection total-cpu-per-datagram total-cpu-per-gigabyte'

bring_up() { create_state "$LAB"; }

scenario() {
  local row
  expect "an unknown row is a usage error" 2 "$("$LAB_HOME/bench" --rows nowhere >/dev/null 2>&1; printf '%s' "$?")"
  # Changed bytes would fail the row.
  expect_success "two rows are measured" measure --repetitions 1 --seconds 1 --rows c,tapvs -o json
  for row in c tapvs; do
    expect "$row: every figure is there" "$(sorted <<<"$FIGURES")" "$(seen $row)"
    expect_at_least "$row: the forwarder sent no less than arrived" "$(seen $row bytes-carried)" \
      "$(seen $row bytes-forwarded)"
  done
  # Replies that went through the director would fail the row.
  expect_success "rows of other methods are measured" \
    measure --repetitions 1 --seconds 1 --rows dr,tunnel,toa --figures one-stream-up,one-stream-down -o json
  for row in dr tunnel toa; do
    expect "$row: both streams are there" "bytes-carried bytes-forwarded one-stream-down one-stream-up" "$(seen $row)"
  done
}

# Recorded as the lab's processes are, so that it ends with the scenario.
measure() {
  local bench
  TAPVS=$DIRECTOR "$LAB_HOME/bench" "$@" >"$STATE/logs/bench.json" 2>"$STATE/logs/bench.log" &
  bench=$!
  record "$bench" >"$STATE/processes/bench"
  wait "$bench" || { cat "$STATE/logs/bench.log" && return 1; }
}

# seen ROW [FIGURE]: figures without those that may well be zero.
seen() {
  /usr/bin/python3 "$LAB_HOME/lib/bench_figures.py" "$STATE/logs/bench.json" "$@" \
    | sed -E 's/(connections-failed|retransmits)//g' | sorted
}

sorted() { xargs -n 1 | LC_ALL=C sort | xargs; }
