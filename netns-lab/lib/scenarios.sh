# shellcheck shell=bash
# run: each scenario on a fresh lab of its own, evidence kept when it fails.

FAILURES=/var/tmp/tapvs-lab.failures
LONG=0

command_run() {
  local names=() repeat=1 turn name count_passed=0 count_failed=0 count_skipped=0
  while (($#)); do
    case $1 in
      --repeat) (($# > 1)) || leave 2 "--repeat wants a number" && repeat=$2 && shift ;;
      --repeat=*) repeat=${1#--repeat=} ;;
      --long) LONG=1 ;;
      -*) leave 2 "run has no option $1" ;;
      all) add_all_scenarios ;;
      *) add_scenario "$1" ;;
    esac
    shift
  done
  [[ $repeat =~ ^[1-9][0-9]{0,5}$ ]] || leave 2 "--repeat wants a number from 1, not '$repeat'"
  ((${#names[@]})) || add_all_scenarios
  require_all
  trap 'interrupt_scenario 130' INT
  trap 'interrupt_scenario 143' TERM HUP
  for ((turn = 1; turn <= repeat; turn++)); do
    for name in "${names[@]}"; do
      run_scenario "$name"
      case $OUTCOME in
        0) ((++count_passed)) ;;
        77) ((++count_skipped)) ;;
        *) ((++count_failed)) ;;
      esac
    done
  done
  printf '%d passed, %d failed' "$count_passed" "$count_failed"
  ((count_skipped == 0)) || printf ', %d skipped' "$count_skipped"
  printf '\n'
  ((count_failed == 0))
}

add_all_scenarios() {
  local file
  for file in "$LAB_HOME"/scenarios/*.sh; do names+=("$(basename "$file" .sh)"); done
}

add_scenario() {
  [[ $1 != */* && -f $LAB_HOME/scenarios/$1.sh ]] \
    || leave 2 "no scenario '$1'; there are: $(names_in scenarios)"
  names+=("$1")
}

# In a process of its own, so that nothing of one scenario reaches the next. Sets OUTCOME.
run_scenario() {
  printf '%s%s%s\n' "$BOLD" "$1" "$PLAIN"
  (play_scenario "$1") &
  SCENARIO=$!
  OUTCOME=0
  wait "$SCENARIO" || OUTCOME=$?
}

interrupt_scenario() {
  trap '' INT TERM HUP
  if [[ -n ${SCENARIO:-} ]]; then
    kill -TERM "$SCENARIO" 2>/dev/null || true
    wait "$SCENARIO" || true
  fi
  exit "$1"
}

# A scenario file sets LAB, defines `scenario`, and may replace any function of its lab or `bring_up`.
play_scenario() {
  local file=$LAB_HOME/scenarios/$1.sh
  BEGAN=${EPOCHREALTIME/[.,]/}
  PLAYED=$1
  trap 'exit 143' TERM
  trap 'exit 141' PIPE
  load_lab "$(sed -n 's/^LAB=//p' "$file")"
  # shellcheck source=/dev/null
  source "$file"
  use_lab "$1-$$"
  trap 'finish_scenario $?' EXIT
  bring_up
  scenario
  ((CHECKS_FAILED == 0))
}

bring_up() {
  build_lab "$LAB"
  start_rings
  start_director
  await_service
}

# Evidence alone: what cannot be captured stops no scenario.
start_rings() {
  local place
  captures_allowed || return 0
  for place in $LAB_CAPTURES; do start_ring "ring-${place#*:}" "${place%:*}" "${place#*:}"; done
  for place in $LAB_CAPTURES; do await_capture "ring-${place#*:}"; done
}

# finish_scenario STATUS
finish_scenario() {
  trap - EXIT
  trap '' TERM PIPE
  # Nobody may be there to read; what was made is removed all the same.
  set +e
  case $1 in
    0) printf '  %spassed in %s%s\n' "$DIM" "$(seconds_since "$BEGAN")" "$PLAIN" ;;
    77) printf '  skipped\n' ;;
    141 | 143) printf '  interrupted\n' 2>/dev/null ;;
    *) keep_evidence ;;
  esac
  ((STATE_CREATED == 0)) || take_down
  exit "$1"
}

# Captures, logs and the configuration outlive the lab.
keep_evidence() {
  local kept
  ((STATE_CREATED)) || return 0
  stop_processes
  mkdir -p "$FAILURES"
  kept=$(mktemp -d "$FAILURES/$PLAYED.XXXXXX")
  cp -r "$STATE/captures" "$STATE/logs" "$STATE"/director*.yaml "$kept" 2>/dev/null || true
  printf '  %sfailed%s; the end of the director'\''s log:\n' "$RED" "$PLAIN"
  tail -n 10 "$STATE/logs/director.log" 2>/dev/null | sed 's/^/    /' || true
  printf '  captures, logs and configuration are in %s\n' "$kept"
}
