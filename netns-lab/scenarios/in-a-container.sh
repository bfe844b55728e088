# shellcheck shell=bash
# In a container with few capabilities the lab and tapvs work; what is taken away is named in one line.
# Topology: labs/nat.sh inside the container, which lib/container.sh makes of namespaces.
LAB=nat

TUN_MISSING='mount -t tmpfs -o ro none /dev/net'
TUN_CLOSED='mount --bind /dev/net/tun /dev/net/tun; mount -o remount,bind,nodev /dev/net/tun'
TAP_MADE='ip tuntap add dev lb1-wan mode tap; ip link set lb1-wan up'
TAP_OF_ANOTHER='ip tuntap add dev lb1-wan mode tap user 65534; ip link set lb1-wan up'
RUN_OF_SYSTEMD='mount -o remount,rw /run; mkdir -p /run/systemd/system; mount -o remount,ro /run'
# One more user namespace, which cannot change the mounts of the container.
NESTED=(unshare --user --map-root-user --mount --net)

bring_up() {
  local seen
  create_state "$LAB"
  hold_user_namespace
  seen=$(contained '' : true 2>&1) || leave 77 "no container can be made of namespaces: $seen"
  contained '' : "$DIRECTOR" --version >/dev/null 2>&1 || unreadable "$DIRECTOR"
  contained '' : "$LAB_HOME/lab" list >/dev/null 2>&1 || unreadable "$LAB_HOME"
}

unreadable() { leave 77 "no container can be made where only its owner may read $1"; }

scenario() {
  whole_scenario
  lab_refusals
  configurations
  director_refusals
  director_alone
}

# The capabilities that the lab asks for, as `setpriv` takes them, but for those in the arguments.
lab_capabilities() {
  local need list=
  for need in $CAPABILITIES; do
    [[ " $* " == *" ${need%:*} "* ]] || list+=",+${need%:*}"
  done
  printf '%s' "${list,,}"
}

whole_scenario() {
  local capabilities
  capabilities=$(lab_capabilities)
  nat_http_passes "with${capabilities//,+/ } alone" "$capabilities" :
  nat_http_passes "in a user namespace without setgroups(2), as \`unshare --map-root-user\` makes it" \
    "$capabilities,+setfcap" 'umount /proc/sys' "${NESTED[@]}"
}

# nat_http_passes WHERE CAPABILITIES PREPARATION [PREFIX...]
nat_http_passes() {
  local seen
  mapfile -t seen <<<"$(TAPVS=$DIRECTOR contained "${@:2}" "$LAB_HOME/lab" run nat-http 2>&1)"
  printf '    %s\n' "${seen[@]}"
  expect "scenario nat-http $1" "1 passed, 0 failed" "${seen[-1]}"
}

lab_refusals() {
  local need
  for need in $CAPABILITIES; do
    refused "the lab without ${need%:*}" "missing CAP_${need%:*} .*--cap-add ${need%:*}" \
      "$(lab_capabilities "${need%:*}")" : "$LAB_HOME/lab" run nat-http
  done
  lab_refused "without /dev/net/tun" 'no /dev/net/tun.*--device /dev/net/tun' "$TUN_MISSING"
  lab_refused "with a /dev/net/tun that it may not open" '/dev/net/tun cannot be opened.*--device' "$TUN_CLOSED"
  lab_refused "without a place for big files" '/tmp or /var/tmp is not writable.*--tmpfs /tmp' \
    'mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp'
  lab_refused "where systemd runs and /run is read-only" '/run is read-only.*--tmpfs /run' "$RUN_OF_SYSTEMD"
  lab_refused "where no link can be made" 'no bridge or no veth' 'mount --bind /bin/false "$(command -v ip)"'
  lab_refused "where no mount namespace can be made" 'mounts are refused.*apparmor=unconfined' \
    'umount /proc/sys' "${NESTED[@]}" sh -c 'echo 0 >/proc/sys/user/max_mnt_namespaces; exec "$@"' sh
  lab_refused "where /proc/sys stays read-only" '/proc/sys is read-only.*systempaths=unconfined' : "${NESTED[@]}"
}

# lab_refused WHAT PATTERN PREPARATION [PREFIX...]
lab_refused() {
  refused "the lab $1" "$2" "$(lab_capabilities),+setfcap,+sys_resource" "${@:3}" "$LAB_HOME/lab" run nat-http
}

# refused WHAT PATTERN CAPABILITIES PREPARATION CMD...: exit code 77 and one line.
refused() {
  local seen code=0
  seen=$(TAPVS=$DIRECTOR contained "${@:3}" 2>&1) || code=$?
  expect "$1: exit code 77" 77 "$code"
  expect_match "$1: says so" "$2" "$seen"
  expect "$1: in one line" 1 "$(wc -l <<<"$seen")"
}

# Files of the container: each port elsewhere.
configurations() {
  configuration own ''
  configuration create 'create: { mtu: 1500 },'
  configuration other 'netns: /proc/self/ns/net,'
  configuration unreadable 'netns: /var/tmp/unreadable,'
  install -m 000 /dev/null "$OUTSIDE/unreadable"
}

configuration() {
  cat >"$OUTSIDE/$1.yaml" <<YAML
version: 1
ports:
  wan: { tap: lb1-wan, $2 mac: "$WAN_MAC", addresses: [115.205.4.215/28], gateway: 115.205.4.209 }
services:
$(lab_services)
YAML
}

director_refusals() {
  director_refused "without /dev/net/tun" 'no /dev/net/tun.*--device /dev/net/tun' +net_admin "$TUN_MISSING" own
  director_refused "with a /dev/net/tun that it may not open" \
    '/dev/net/tun cannot be opened.*--device' +net_admin "$TAP_MADE; $TUN_CLOSED" own
  director_refused "without NET_ADMIN to create a TAP" 'TAP lb1-wan .*CAP_NET_ADMIN.*--cap-add NET_ADMIN' '' : create
  director_refused "without NET_ADMIN at a TAP of another user" \
    'TAP lb1-wan .*CAP_NET_ADMIN.*--cap-add NET_ADMIN' '' "$TAP_OF_ANOTHER" own
  director_refused "without SYS_ADMIN to enter a namespace" \
    'cannot be entered.*CAP_SYS_ADMIN.*--cap-add SYS_ADMIN' +net_admin "$TAP_MADE" other
  director_refused "without permission to read a namespace's file" 'permission to read /var/tmp/unreadable' \
    +net_admin,+sys_admin : unreadable
}

# director_refused WHAT PATTERN CAPABILITIES PREPARATION CONFIGURATION
director_refused() {
  refused "tapvs $1" "^tapvs: port wan: .*$2" "${3:+,$3}" "$4" "$DIRECTOR" run --config "/var/tmp/$5.yaml"
}

# A TAP without an owner is open to everybody in its namespace.
director_alone() {
  director_works "with NET_ADMIN alone tapvs creates its TAP" ,+net_admin : create
  director_works "with NET_ADMIN alone tapvs attaches to a TAP of another user" ,+net_admin "$TAP_OF_ANOTHER" own
  director_works "without any capability tapvs attaches to a TAP without owner" '' "$TAP_MADE" own
}

# director_works WHAT CAPABILITIES PREPARATION CONFIGURATION
director_works() {
  expect_success "$1 and leaves cleanly" contained "$2" "$3" \
    bash -c "$(declare -f attach_and_leave); attach_and_leave '$DIRECTOR' '/var/tmp/$4.yaml'"
}

attach_and_leave() {
  "$1" run --config "$2" &
  until ip link show lb1-wan 2>/dev/null | grep -q LOWER_UP; do
    kill -0 $! || return
    sleep 0.02
  done
  kill -TERM $!
  wait $!
}
