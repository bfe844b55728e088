# shellcheck shell=bash
# A container without an engine: root of user, mount, network and pid namespaces of its own with a
# bounded set of capabilities, and with /run, /proc/sys and the cgroups read-only at first.

# hold_user_namespace: a process that keeps one in which every id is itself. (`unshare` alone, with
# --map-root-user, would forbid the setgroups(2) that tcpdump's `-Z root` makes.)
hold_user_namespace() {
  local map
  add_node host
  start_process user-namespace host unshare --user sleep infinity
  wait_for 10 user_namespace_settled || leave 1 "no user namespace within 10 s"
  process_runs user-namespace \
    || leave 77 "the kernel refuses user namespaces: $(<"$STATE/logs/user-namespace.log")"
  for map in uid_map gid_map; do
    { awk '{ print $1, $1, $3 }' /proc/self/$map >"/proc/$PID/$map"; } 2>/dev/null \
      || leave 77 "cannot write a user namespace's $map: it needs CAP_SETUID, CAP_SETGID and CAP_SETFCAP"
  done
  USER_NAMESPACE=/proc/$PID/ns/user
  # The container's /var/tmp: what is left there when a scenario fails is kept with the captures.
  OUTSIDE=$STATE/captures/container
  mkdir -m 1777 "$OUTSIDE"
}

user_namespace_settled() {
  local seen
  ! process_runs user-namespace \
    || { seen=$(readlink "/proc/$PID/ns/user") && [[ $seen != "$(readlink /proc/self/ns/user)" ]]; }
}

# contained CAPABILITIES PREPARATION CMD...: runs CMD in a container. CAPABILITIES are all that CMD and its
# children can have, as `setpriv` takes them; PREPARATION is a shell command that may do more.
# An engine hides parts of /proc, and then the kernel mounts no other for a user namespace: a whole
# one comes first.
contained() {
  timeout --kill-after=5 120 unshare --mount sh -euc 'mount -t proc proc /proc; exec "$@"' sh \
    nsenter --user="$USER_NAMESPACE" -- \
    unshare --mount --net --pid --kill-child --mount-proc \
    bash -euc "$(declare -f furnish_container); furnish_container '$OUTSIDE'; $2
      exec setpriv --bounding-set='-all$1' --inh-caps=-all -- \"\$@\"" container "${@:3}"
}

# furnish_container OUTSIDE: inside, before capabilities are dropped.
furnish_container() {
  mount --bind "$1" /var/tmp
  mount -t tmpfs -o ro none /run
  mount --bind /proc/sys /proc/sys
  mount -o remount,bind,ro /proc/sys
  [[ ! -d /sys/fs/cgroup ]] || mount -t tmpfs -o ro none /sys/fs/cgroup
}
