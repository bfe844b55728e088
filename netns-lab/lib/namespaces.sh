# shellcheck shell=bash
# Nodes are network namespaces called LAB-NODE. Commands enter with nsenter --net alone, so that
# mounts (bpffs, cgroup2) stay in sight. (`ip -n` would mount /sys anew, which a container may refuse.)

namespace_path() { printf '%s/%s-%s' "$NAMESPACES" "$LAB_NAME" "$1"; }

# inside NODE CMD...: runs a command in a node.
inside() { nsenter --net="$(namespace_path "$1")" -- "${@:2}"; }

# add_node NODE...: recorded first, so that `down` finds it whenever `up` stops.
# `ip netns add` would also make the mount shared, which a container may refuse and no node needs.
add_node() {
  local node name
  for node; do
    name=$LAB_NAME-$node
    [[ ! -e $NAMESPACES/$name ]] || leave 1 "namespace $name exists and is not of a lab; remove it first"
    printf '%s\n' "$name" >>"$STATE/namespaces"
    : >"$NAMESPACES/$name"
    unshare --net="$NAMESPACES/$name" true
    inside "$node" ip link set lo up
    tune_node "$node"
  done
}

# Plain TCP (reno: others pace in software), no IPv6, and no route that the lab did not draw.
tune_node() {
  inside "$1" sysctl -qwe \
    net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 \
    net.ipv4.tcp_congestion_control=reno \
    net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
    net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0 \
    net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.default.accept_redirects=0 \
    net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 \
    net.bridge.bridge-nf-call-arptables=0 2>/dev/null || true
}

remove_nodes() {
  local name
  [[ -f $STATE/namespaces ]] || return 0
  while read -r name; do
    [[ ! -e $NAMESPACES/$name ]] || ip netns del "$name" || complain "cannot remove namespace $name"
  done <"$STATE/namespaces"
}

# require_node NODE: complains with the names that there are.
require_node() {
  grep -qxF "$LAB_NAME-$1" "$STATE/namespaces" 2>/dev/null \
    || leave 1 "lab $LAB_NAME has no node $1; it has $(sed "s/^$LAB_NAME-//" "$STATE/namespaces" | xargs)"
}
