# shellcheck shell=bash
# What the lab needs of the system. Each check says in one line what is missing and what to do.

STATES=/run/tapvs-lab

require_system() {
  ((EUID == 0)) || leave 77 "the lab makes network namespaces: run it as root"
  [[ $(uname -s) == Linux ]] || leave 77 "the lab needs Linux"
  [[ -c /dev/net/tun ]] \
    || leave 77 "no /dev/net/tun: modprobe tun (in a container: --device /dev/net/tun)"
  (: <>/dev/net/tun) 2>/dev/null \
    || leave 77 "/dev/net/tun cannot be opened: allow the device to this container"
  { command -v unshare && unshare --net true; } >/dev/null 2>&1 \
    || leave 77 "no network namespaces: needs CAP_SYS_ADMIN (in a container: --privileged)"
  { mkdir -p "$STATES" && [[ -w $STATES ]]; } 2>/dev/null \
    || leave 77 "$STATES is not writable: mount /run read-write"
  raise_open_files
}

# Servers and clients hold a descriptor for each connection.
raise_open_files() {
  local most
  most=$(ulimit -Hn)
  [[ $most != unlimited ]] && ((most < 65536)) || most=65536
  ulimit -Sn "$most"
}

# require_open_files NUMBER: for scenarios in which one process holds thousands of connections.
require_open_files() {
  (($(ulimit -Sn) >= $1)) \
    || leave 77 "needs $1 open files a process, $(ulimit -Hn) are allowed: ulimit -Hn $1"
}
