# shellcheck shell=bash
# What the lab needs of the system. Each check says in one line what is missing and what to do.

STATES=/run/tapvs-lab
NAMESPACES=/run/netns

# What every command needs.
require_system() {
  ((EUID == 0)) || leave 77 "the lab makes network namespaces: run it as root"
  [[ $(uname -s) == Linux ]] || leave 77 "the lab needs Linux"
  [[ -c /dev/net/tun ]] \
    || leave 77 "no /dev/net/tun: modprobe tun (in a container: --device /dev/net/tun)"
  (: <>/dev/net/tun) 2>/dev/null \
    || leave 77 "/dev/net/tun cannot be opened: allow the device (in a container: --device /dev/net/tun)"
  require_capabilities
  provide_directory "$STATES"
  provide_directory "$NAMESPACES"
  [[ -w /tmp && -w /var/tmp ]] \
    || leave 77 "/tmp or /var/tmp is not writable (in a container: --tmpfs /tmp --tmpfs /var/tmp)"
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

# Capabilities and their bits in CapEff: for nodes, their links, captures and ping, tcpdump's `-Z root`,
# servers on port 80.
readonly CAPABILITIES='SYS_ADMIN:21 NET_ADMIN:12 NET_RAW:13 SETGID:6 NET_BIND_SERVICE:10'

require_capabilities() {
  local held need missing=() options=()
  held=$((16#$(awk '/^CapEff/ { print $2 }' /proc/self/status)))
  for need in $CAPABILITIES; do
    ((held >> ${need#*:} & 1)) || missing+=("CAP_${need%:*}") options+=("--cap-add ${need%:*}")
  done
  ((${#missing[@]} == 0)) || leave 77 "missing ${missing[*]} (in a container: ${options[*]})"
}

# provide_directory PATH: exists and is writable. What is read-only, as /run may be in a container,
# is covered by a tmpfs that stays until the container ends.
provide_directory() {
  if ! mkdir -p "$1" 2>/dev/null; then
    cover_directory "${1%/*}"
    mkdir -p "$1"
  fi
  [[ -w $1 ]] || cover_directory "$1"
}

# A system that systemd runs keeps what it needs in /run: there it is not for the lab to cover.
cover_directory() {
  if [[ -d /run/systemd/system ]] || ! mount -t tmpfs -o mode=755 tapvs-lab "$1" 2>/dev/null; then
    leave 77 "$1 is read-only: mount it read-write (in a container: --tmpfs /run)"
  fi
}

# What building a lab needs beside: tried, since a container's rules may refuse what capabilities allow.
require_namespaces() {
  unshare --net --mount true 2>/dev/null \
    || leave 77 "namespaces or mounts are refused (in a container: --security-opt apparmor=unconfined)"
  unshare --net sh -c 'ip link add type bridge && ip link add type veth' 2>/dev/null \
    || leave 77 "the kernel has no bridge or no veth: modprobe bridge veth (in a container: on its host)"
  provide_sysctls
}

# Engines mount /proc/sys read-only in a container.
provide_sysctls() {
  sysctls_writable || { mount -o remount,bind,rw /proc/sys && sysctls_writable; } 2>/dev/null \
    || leave 77 "/proc/sys is read-only (in a container: --security-opt systempaths=unconfined)"
}

sysctls_writable() { unshare --net test -w /proc/sys/net/ipv4/ip_forward; }
