# shellcheck shell=bash
# Long-running processes: each has a record, and only what still matches its record is ended.

# start_process NAME NODE CMD...: in the background, in its own session; its pid is in STARTED.
# The process writes its record itself before it becomes CMD, so none can be lost.
start_process() {
  local name=$1 node=$2
  shift 2
  rm -f "$STATE/processes/$name"
  (
    record "$BASHPID" >"$STATE/processes/$name"
    exec env --default-signal=INT,QUIT,TERM setsid \
      nsenter --net="$(namespace_path "$node")" -- "$@"
  ) </dev/null >>"$STATE/logs/$name.log" 2>&1 &
  STARTED=$!
  # It is followed by its record; what the shell would say of its end is no news.
  disown "$STARTED"
  wait_for 5 test -s "$STATE/processes/$name" || leave 1 "cannot start $name"
}

# record PID: pid, start time in ticks, boot. The three name one process for ever.
record() {
  printf '%s %s %s\n' "$1" "$(start_time "$1")" "$(</proc/sys/kernel/random/boot_id)"
}

# Field 22 of /proc/PID/stat; the name before it may hold spaces and brackets. A zombie has ended.
start_time() {
  local stat fields
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  read -ra fields <<<"${stat##*) }"
  [[ ${fields[0]} == Z ]] || printf '%s' "${fields[19]}"
}

# process_runs NAME: its pid is in PID.
process_runs() {
  local start boot
  [[ -s $STATE/processes/$1 ]] || return 1
  read -r PID start boot <"$STATE/processes/$1"
  [[ -n $start && $start == "$(start_time "$PID")" && $boot == "$(</proc/sys/kernel/random/boot_id)" ]]
}

process_ended() { ! process_runs "$1"; }

# end_process NAME SIGNAL: fails unless it ends within five seconds.
end_process() {
  kill -"$2" "$PID" || true
  wait_for 5 process_ended "$1"
}

# stop_process NAME [SIGNAL]: asks, waits, and insists after five seconds.
stop_process() {
  if process_runs "$1"; then
    # What the shell itself says of a process that was killed is no news here.
    if ! end_process "$1" "${2:-TERM}" 2>/dev/null; then
      complain "$1 (pid $PID) did not end within 5 s: killed"
      end_process "$1" KILL 2>/dev/null || complain "$1 (pid $PID) cannot be ended"
    fi
  fi
  rm -f "$STATE/processes/$1"
}

stop_processes() {
  local file
  for file in "$STATE"/processes/*; do
    [[ ! -e $file ]] || stop_process "${file##*/}"
  done
}
