# shellcheck shell=bash
# shell, exec, capture: a person's way into a node.

# enter_arguments COMMAND ARGUMENTS: checks the node; REST holds it and what follows.
enter_arguments() {
  local command=$1
  shift
  take_name "$@"
  ((${#REST[@]})) || leave 2 "$command wants a node"
  require_system
  require_lab
  require_node "${REST[0]}"
}

command_shell() {
  enter_arguments shell "$@"
  ((${#REST[@]} == 1)) || leave 2 "shell takes one node"
  exec nsenter --net="$(namespace_path "${REST[0]}")" -- \
    env PS1="[$LAB_NAME-${REST[0]}] \\w \\\$ " bash --norc --noprofile -i
}

command_exec() {
  enter_arguments exec "$@"
  ((${#REST[@]} > 1)) || leave 2 "exec wants a node and a command"
  exec nsenter --net="$(namespace_path "${REST[0]}")" -- "${REST[@]:1}"
}

command_capture() {
  enter_arguments capture "$@"
  ((${#REST[@]} < 3)) || leave 2 "capture takes a node and an interface"
  exec nsenter --net="$(namespace_path "${REST[0]}")" -- \
    tcpdump -Z root -nn -e -l -i "${REST[1]:-any}"
}
