# shellcheck shell=bash
# Nodes that `tapvs real-server` makes real servers. A program of it may run there beside the node's own, so
# they are recorded, and put back when the lab goes.

# set_up_server NODE ARGUMENTS...: of `tapvs real-server up`. Recorded first, so that `down` finds it whenever
# `up` stops; the program is written down since `down` looks for none.
set_up_server() {
  local node=$1 log=$STATE/logs/real-server-$1.log code=0
  printf '%s %s\n' "$node" "$DIRECTOR" >>"$STATE/real-servers"
  inside "$node" "$DIRECTOR" real-server up "${@:2}" >>"$log" 2>&1 || code=$?
  ((code == 0)) || leave "$code" "$node does not become a real server: $(tail -n 1 "$log")"
}

# check_server NODE: succeeds if it is as `up` was told; prints what is wrong.
check_server() { inside "$1" "$DIRECTOR" real-server check; }

# put_back_server NODE
put_back_server() { inside "$1" "$DIRECTOR" real-server down </dev/null; }

put_back_servers() {
  local node DIRECTOR said
  [[ -f $STATE/real-servers ]] || return 0
  while read -r node DIRECTOR; do
    said=$(put_back_server "$node" 2>&1) || complain "$node stays a real server: $said"
  done < <(sort -u "$STATE/real-servers")
}
