#!/bin/bash
# The first program of a user-mode Linux that stands for a director: IPVS in its kernel, one server.
# What is wanted stands on the kernel's command line (ipvs.py); "ipvs ready" or the reason why not on its console.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

main() {
  local protocol port service
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  read_wishes
  modprobe --dirname "$lab_modules" --all ip_vs ip_vs_rr ipip
  sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1 \
    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
    net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
  ip link set lo up
  ip link set vec0 up
  sysctl -qw net.ipv4.conf.vec0.rp_filter=0 net.ipv4.conf.vec0.send_redirects=0
  for address in ${lab_addresses//,/ }; do ip address add "$address" dev vec0; done
  ip route add default via "$lab_gateway"
  for service in ${lab_services//,/ }; do
    protocol=${service#*/} port=${service%/*}
    ipvsadm -A "--$protocol-service" "$lab_vip:$port" -s rr
    ipvsadm -a "--$protocol-service" "$lab_vip:$port" -r "$lab_server:$port" "--$lab_method"
  done
  say "ipvs ready"
}

# Sets lab_NAME of each such word of the kernel's command line.
read_wishes() {
  local word
  for word in $(</proc/cmdline); do
    [[ $word != lab_* ]] || declare -g "$word"
  done
}

say() { printf '%s\n' "$*" >/dev/console; }

# A first program must not end: its kernel would panic.
trap 'say "ipvs failed in line $LINENO"; exec sleep infinity' ERR
main >/dev/console 2>&1
exec sleep infinity
