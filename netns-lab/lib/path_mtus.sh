# shellcheck shell=bash
# What kernels know of the MTU of their paths, and whether they ask for it.

# forget_paths: what client and servers have learnt, which would last ten minutes.
forget_paths() {
  local node
  for node in client rs1 rs2 rs3; do inside $node ip route flush cache; done
}

# set_fragmentation NODE 0|1: whether its datagrams may be fragmented on the way (1: no path MTU discovery).
set_fragmentation() { inside "$1" sysctl -qw "net.ipv4.ip_no_pmtu_disc=$2"; }
