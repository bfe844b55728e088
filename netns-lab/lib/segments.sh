# shellcheck shell=bash
# Segments are switch namespaces with one bridge, br0; cables are veth pairs.

# add_segment SWITCH: forwards at once and floods multicast as a plain switch does.
add_segment() {
  add_node "$1"
  inside "$1" ip link add br0 type bridge forward_delay 0 mcast_snooping 0
  inside "$1" ip link set br0 up
}

# connect NODE IF NODE IF: a cable between two nodes.
connect() {
  inside "$1" ip link add "$2" type veth peer name "$4" netns "$LAB_NAME-$3"
  inside "$1" ip link set "$2" up
  inside "$3" ip link set "$4" up
}

# plug NODE IF MAC SWITCH: a cable into a segment; the port is called after the node.
plug() {
  inside "$1" ip link add "$2" address "$3" type veth peer name "$1" netns "$LAB_NAME-$4"
  inside "$4" ip link set "$1" master br0 up
  inside "$1" ip link set "$2" up
}

# address NODE IF ADDRESS/LENGTH
address() { inside "$1" ip address add "$3" dev "$2"; }

# gateway NODE ADDRESS
gateway() { inside "$1" ip route add default via "$2"; }

# set_offloads on|off: segmentation, its reverse and checksums of every cable end in the lab.
# (A switch's ports count too: what one end turns off the other end may still do.)
set_offloads() {
  local name device
  while read -r name; do
    for device in $(nsenter --net="$NAMESPACES/$name" -- ip -o link show type veth 2>/dev/null | sed 's/^[0-9]*: \([^@:]*\).*/\1/'); do
      nsenter --net="$NAMESPACES/$name" -- \
        ethtool -K "$device" tx "$1" gso "$1" tso "$1" gro "$1" >/dev/null
    done
  done <"$STATE/namespaces"
}

# finish_checksums NODE IF: the kernel completes each checksum on leaving here, so that the receiver
# verifies it; between two veth ends it would trust the frame unseen.
finish_checksums() { inside "$1" ethtool -K "$2" tx off >/dev/null; }
