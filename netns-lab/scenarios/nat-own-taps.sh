# shellcheck shell=bash
# tapvs makes its TAPs itself, as ports of the segments' bridges, and they go with it, however it ends.
# Topology: labs/nat.sh, but the lab makes no TAP.
LAB=nat

lab_taps() { :; }

lab_ports() {
  cat <<YAML
  wan: { tap: lb1-wan, netns: $LAB_NAME-sw-wan, create: { bridge: br0, mtu: 1500 }, mac: "$WAN_MAC", addresses: [115.205.4.215/28], gateway: 115.205.4.209 }
  lan: { tap: lb1-lan, netns: $LAB_NAME-sw-lan, create: { bridge: br0, mtu: 1500 }, mac: "$LAN_MAC", addresses: [192.168.0.1/24] }
YAML
}

# The director starts later, and there is no TAP to capture on before it does.
bring_up() {
  LAB_CAPTURES='client:eth0 sw-wan:br0 sw-lan:rs1'
  build_lab "$LAB"
  start_rings
}

scenario() {
  no_taps "before tapvs runs"

  start_director
  made lb1-wan sw-wan "$WAN_MAC"
  made lb1-lan sw-lan "$LAN_MAC"
  expect_soon "the client's curl is answered" 10 service_answers
  stop_process director TERM
  no_taps "after SIGTERM"

  start_director
  expect_soon "the client's curl is answered by a second tapvs" 10 service_answers
  stop_process director KILL
  no_taps "after SIGKILL"

  start_director
  expect_soon "the client's curl is answered by a third tapvs" 10 service_answers
}

# no_taps WHEN: the kernel removes the TAP of a killed process as it cleans up.
no_taps() {
  expect_soon "no lb1-wan $1" 2 tap_gone sw-wan lb1-wan
  expect_soon "no lb1-lan $1" 2 tap_gone sw-lan lb1-lan
}

tap_gone() { ! tap_exists "$@"; }

# made TAP SWITCH MAC
made() {
  local seen
  seen=$(inside "$2" ip -d link show "$1")
  expect_match "$1 is a port of br0" ' master br0 ' "$seen"
  expect_match "$1 is up with the MTU of its configuration" 'LOWER_UP.* mtu 1500 ' "$seen"
  expect_match "$1 is a TAP" 'tun type tap ' "$seen"
  if [[ $seen =~ link/ether\ ([0-9a-f:]+) && ${BASH_REMATCH[1]} != "$3" ]]; then
    passed "$1's own address is not the port's MAC"
  else
    failed "$1's own address is not the port's MAC" "anything but $3" "$seen"
  fi
}
