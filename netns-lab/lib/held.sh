# shellcheck shell=bash
# Connections that are held: opened by one client process, and used when the scenario says so.

# hold_connections EACH CLIENT-ADDRESS...: opens EACH from every address and waits until each has had
# an answer, or has failed. HELD_ROUND is what became of them.
hold_connections() {
  HELD_ROUNDS=1
  start_process held client /usr/bin/python3 "$LAB_HOME/lib/held_connections.py" "$VIP" 80 "$@"
  HELD_PID=$STARTED
  await_round
}

# use_connections: a request on each of them.
use_connections() { tell_holder USR1; }

# close_connections: the end of each of them, from the client's side.
close_connections() { tell_holder USR2; }

tell_holder() {
  ((++HELD_ROUNDS))
  kill -"$1" "$HELD_PID"
  await_round
}

await_round() {
  wait_for 60 round_over || leave 1 "the client that holds connections says nothing: $(tail -n 3 "$STATE/logs/held.log")"
  HELD_ROUND=$(sed -n "s/^round $HELD_ROUNDS: //p" "$STATE/logs/held.log")
}

round_over() { grep -q "^round $HELD_ROUNDS: " "$STATE/logs/held.log"; }

# expect_answers WHAT COUNT: of the last round, every request was answered.
expect_answers() {
  expect_match "$1" "^$2 answered, 0 reset, 0 silent, 0 wrong," "$HELD_ROUND"
  measured "${HELD_ROUND#*wrong, }"
}
