# shellcheck shell=bash
# Control groups of version 2, one for each server that hears of its clients by TOA: the programs see
# the sockets of the group in which they were made.
#   groups    in the lab's state: a directory and the tapvs that may have put programs there, one a line

# A group of the lab called NODE; its directory is in GROUP.
add_group() {
  local root
  root=$(findmnt -rno TARGET -t cgroup2 | head -n 1)
  [[ -n $root ]] || leave 77 "no control groups of version 2 are mounted: mount -t cgroup2 none /mnt"
  GROUP=$root/tapvs-lab-$LAB_NAME-$1
  printf '%s %s\n' "$GROUP" "$DIRECTOR" >>"$STATE/groups"
  mkdir "$GROUP" 2>/dev/null || leave 77 "control group $GROUP cannot be made: the file system is read-only"
}

# group_of NODE: its directory.
group_of() { sed -n "s/^\(.*-$1\) .*/\1/p" "$STATE/groups"; }

# in_group NODE CMD...: CMD in the node and its group.
# (The words in quotes are for the shell that joins the group and becomes CMD.)
# shellcheck disable=SC2016
in_group() { inside "$1" sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$(group_of "$1")" "${@:2}"; }

# start_in_group NAME NODE CMD...: as start_process.
# shellcheck disable=SC2016
start_in_group() {
  start_process "$1" "$2" sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$(group_of "$2")" "${@:3}"
}

# Their processes have ended. What was put there would otherwise stay in the BPF file system.
remove_groups() {
  local group program
  [[ -f $STATE/groups ]] || return 0
  while read -r group program; do
    [[ -d $group ]] || continue
    [[ ! -x $program ]] || "$program" real-server toa --remove --cgroup "$group" \
      || complain "programs of control group $group cannot be removed"
    rmdir "$group" || complain "cannot remove control group $group"
  done <"$STATE/groups"
}
