# shellcheck shell=bash
# A kernel of its own as a node: user-mode Linux, which has modules that the host's kernel may lack. It sees the
# host's files, read-only but for its directory, and is plugged into a segment by a TAP.

# require_kernel MODULE...: user-mode Linux is there, or is installed, and has these.
require_kernel() {
  local module
  install_packages 'user-mode-linux linux.uml' 'kmod modprobe'
  KERNEL_MODULES=$(find /usr/lib/uml/modules -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)
  for module; do
    [[ -n $(find "${KERNEL_MODULES:-/dev/null}" -name "$module.ko*") ]] || leave 77 "user-mode Linux has no module $module"
  done
}

# start_kernel NAME SWITCH MAC: boots it; its device is vec0.
start_kernel() {
  local directory=$STATE/kernel
  mkdir -p "$directory/uml" "$directory/lib/modules"
  ln -s "$KERNEL_MODULES" "$directory/lib/modules/"
  inside "$2" ip tuntap add dev "$1" mode tap
  inside "$2" ip link set "$1" master br0 up
  start_process kernel "$2" linux.uml mem=192M umid=lab uml_dir="$directory/uml" \
    root=/dev/root rootfstype=hostfs rootflags=/ ro init="$LAB_HOME/lib/kernel_server" lab="$directory" \
    con=null con0=null,fd:1 ssl=null "vec0:transport=tap,ifname=$1,depth=128,gro=0,mac=$3" quiet
  wait_for 30 test -e "$directory/ready" \
    || leave 1 "user-mode Linux does not boot: $(tail -n 3 "$STATE/logs/kernel.log")"
}

# in_kernel COMMAND...: a line of shell that it runs; prints what it prints and ends as it ends.
in_kernel() {
  local directory=$STATE/kernel
  rm -f "$directory/code"
  printf '%s\n' "$*" >"$directory/command.new"
  mv "$directory/command.new" "$directory/command"
  wait_for 60 test -e "$directory/code" || leave 1 "user-mode Linux does not answer: $*"
  cat "$directory/answer"
  return "$(<"$directory/code")"
}

# stop_kernel: as one switches a machine off.
stop_kernel() {
  printf 'echo o >/proc/sysrq-trigger\n' >"$STATE/kernel/command"
  wait_for 10 process_ended kernel || complain "user-mode Linux does not switch off"
}
