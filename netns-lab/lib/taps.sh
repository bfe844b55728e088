# shellcheck shell=bash
# The director's TAPs: made here, ports of a segment's bridge, opened by tapvs from its own node.

# add_tap SWITCH TAP MAC: MAC is the interface's own and never the appliance's, since a bridge keeps
# frames for an address of its ports to itself.
add_tap() {
  inside "$1" ip tuntap add dev "$2" mode tap multi_queue vnet_hdr
  inside "$1" ip link set "$2" address "$3" txqueuelen 1000 master br0 up
}

# True while a program holds the TAP. (No carrier means nobody does.)
tap_attached() { inside "$1" ip link show "$2" 2>/dev/null | grep -q LOWER_UP; }

tap_exists() { inside "$1" ip link show "$2" >/dev/null 2>&1; }

# bytes_to_director: what bridges have given its TAPs.
bytes_to_director() {
  local tap
  for tap in $LAB_TAPS; do
    inside "${tap%:*}" ip -j -s link show "${tap#*:}"
  done | /usr/bin/python3 -c "
import json, sys
print(sum(json.loads(line)[0]['stats64']['tx']['bytes'] for line in sys.stdin if line.strip()))"
}
