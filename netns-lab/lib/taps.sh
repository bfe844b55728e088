# shellcheck shell=bash
# The director's TAPs: made here, ports of a segment's bridge, opened by tapvs from its own node.

# add_tap SWITCH TAP MAC: MAC is the interface's own and never the appliance's, since a bridge keeps
# frames for an address of its ports to itself.
add_tap() {
  ip -n "$LAB_NAME-$1" tuntap add dev "$2" mode tap multi_queue vnet_hdr
  ip -n "$LAB_NAME-$1" link set "$2" address "$3" txqueuelen 1000 master br0 up
}

# True while a program holds the TAP. (No carrier means nobody does.)
tap_attached() { ip -n "$LAB_NAME-$1" link show "$2" 2>/dev/null | grep -q LOWER_UP; }

tap_exists() { ip -n "$LAB_NAME-$1" link show "$2" >/dev/null 2>&1; }
