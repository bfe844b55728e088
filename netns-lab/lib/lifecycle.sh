# shellcheck shell=bash
# up, down, status: a lab from nothing to its first answer, and back to nothing.

command_up() {
  local lab=nat name=tapvs
  while (($#)); do
    case $1 in
      --name) (($# > 1)) || leave 2 "--name wants a name" && name=$2 && shift ;;
      --name=*) name=${1#--name=} ;;
      -*) leave 2 "up has no option $1" ;;
      *) lab=$1 ;;
    esac
    shift
  done
  use_lab "$name"
  load_lab "$lab"
  require_all
  undo_on_exit
  local began=${EPOCHREALTIME/[.,]/}
  build_lab "$lab"
  start_director
  await_service
  keep_on_exit
  printf 'lab %s: %s is up in %s; http://%s/ answers the client: %s\n' \
    "$LAB_NAME" "$lab" "$(seconds_since "$began")" "${SITE:-$VIP}" "$ANSWER"
}

load_lab() {
  [[ $1 != */* && -f $LAB_HOME/labs/$1.sh ]] \
    || leave 2 "no lab '$1'; there are: $(names_in labs)"
  # shellcheck source=/dev/null
  source "$LAB_HOME/labs/$1.sh"
}

require_all() {
  require_system
  install_packages "$LAB_PACKAGES"
  require_namespaces
  find_director
}

# An `up` that fails or is interrupted leaves nothing.
undo_on_exit() {
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  trap 'status=$?; trap - EXIT; trap "" INT TERM HUP; ((STATE_CREATED == 0)) || take_down; exit $status' EXIT
}
STATE_CREATED=0

keep_on_exit() { trap - EXIT INT TERM HUP; }

# Everything but the director.
build_lab() {
  local server
  create_state "$1"
  lab_topology
  lab_taps
  for server in $SERVERS; do start_server "${server%:*}"; done
  for server in $SERVERS; do await_server "${server%:*}" "${server#*:}"; done
}

command_down() {
  take_name "$@"
  ((${#REST[@]} == 0)) || leave 2 "down takes only --name N"
  require_system
  if [[ ! -d $STATE ]]; then
    printf 'lab %s: nothing stands\n' "$LAB_NAME"
    return
  fi
  take_down
  printf 'lab %s: removed\n' "$LAB_NAME"
}

# Works on whatever part of a lab there is.
take_down() {
  stop_processes
  put_back_servers
  remove_groups
  remove_nodes
  remove_state
}

command_status() {
  (($# == 0)) || leave 2 "status takes no argument"
  local directory found=0
  for directory in "$STATES"/*/; do
    [[ -f $directory/lab ]] || continue
    ((found++)) || printf '%-16s %-10s %-18s %s\n' NAME LAB DIRECTOR NODES
    use_lab "$(basename "$directory")"
    printf '%-16s %-10s %-18s %s\n' "$LAB_NAME" "$(<"$STATE/lab")" \
      "$(process_runs director && printf 'running (%s)' "$PID" || printf 'not running')" \
      "$(sed "s/^$LAB_NAME-//" "$STATE/namespaces" | xargs)"
  done
  ((found)) || printf 'no lab stands\n'
}

names_in() {
  local file
  for file in "$LAB_HOME/$1"/*.sh; do basename "$file" .sh; done | xargs
}

# The sentence on top of each file.
command_list() {
  local kind file
  for kind in labs scenarios; do
    printf '%s\n' "$kind"
    for file in "$LAB_HOME/$kind"/*.sh; do
      printf '  %-22s %s\n' "$(basename "$file" .sh)" "$(sed -n '2s/^# //p' "$file")"
    done
  done
}
