# shellcheck shell=bash
# Checks of servers and scripts that mean harm fail with the right reason, and cost the director and its visitors nothing.
# Topology: labs/nat.sh. rs2 runs lib/hostile_server.py beside its nginx.
LAB=nat

lab_services() {
  local entry
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: nat, servers: [{ address: 192.168.0.2 }, { address: 192.168.0.4 }] }
YAML
  for entry in $HOSTILE; do hostile_service "${entry%%:*}"; done
}

# A service for each: its port, and the reason wanted.
HOSTILE='9001:timeout 9002:timeout 9003:too-long 9004:closed 9005:certificate 9006:malformed 9007:too-long 9008:closed
  9101:timeout 9102:timeout 9103:exit 9104:signal 9105:exit'

hostile_service() {
  local check
  case $1 in
    9005 | 9006) check="type: https, path: /, server-name: site.example, verify: true" ;;
    90*) check="type: http, path: /" ;;
    *) check="type: script, command: [$SCRIPTS/$1]" ;;
  esac
  cat <<YAML
  - { address: $VIP, port: $1, method: nat, checks: [{ $check, interval: 400ms, timeout: 300ms, fall: 2, suspicion: false }],
      servers: [{ address: 192.168.0.3, port: $1 }] }
YAML
}

bring_up() {
  build_lab "$LAB"
  start_rings
  # The user nobody finds them there.
  SCRIPTS=$STATE/scripts
  mkdir -m 755 "$SCRIPTS"
  write_scripts
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other.example \
    -keyout "$STATE/key.pem" -out "$STATE/certificate.pem" 2>/dev/null
  start_process hostile rs2 /usr/bin/python3 "$LAB_HOME/lib/hostile_server.py" 192.168.0.3 "$STATE/certificate.pem" "$STATE/key.pem"
  wait_for 5 grep -q ready "$STATE/logs/hostile.log" || leave 1 "the hostile server does not start"
  start_director
  await_service
}

# 9101 hangs, 9102 leaves children that ignore signals, 9103 prints without end, 9104 is killed, 9105 is not there.
write_scripts() {
  printf '#!/bin/sh\nexec sleep 1000\n' >"$SCRIPTS/9101"
  printf '#!/bin/bash\ntrap "" TERM INT HUP\nfor n in 1 2 3; do (trap "" TERM INT HUP; exec sleep 987) & done\nwait\n' >"$SCRIPTS/9102"
  printf '#!/bin/sh\ndd if=/dev/zero bs=1M count=64 2>/dev/null\nexit 1\n' >"$SCRIPTS/9103"
  printf '#!/bin/sh\nkill -KILL $$\n' >"$SCRIPTS/9104"
  printf '#!/bin/sh\n[ "$(id -u)" != 0 ] || exit 0\nexit 1\n' >"$SCRIPTS/9105"
  chmod 755 "$SCRIPTS"/*
}

scenario() {
  local entry before after=0
  begin_visits hostile-visits 80 100
  for entry in $HOSTILE; do
    expect_soon "port ${entry%%:*} is found out: ${entry#*:}" 20 reason_is "${entry%%:*}" "${entry#*:}"
  done
  before=$(resident)
  # Dozens of checks more of each kind.
  wait_for 60 checks_since "$EPOCHREALTIME" "$( ((LONG)) && printf 60 || printf 8)"
  after=$(resident)
  expect_at_least "memory stays within 5 % or 4 MiB ($before KiB, then $after KiB)" 0 \
    $((before + (before / 20 > 4096 ? before / 20 : 4096) - after))
  end_visits hostile-visits
  expect_match "no visit to the healthy servers failed" ", 0 failed," "$VISITS"
  measured "$VISITS"
  stop_process director
  expect_soon "no script is left when the director has gone" 5 no_script_left
}

reason_is() {
  [[ $(status_json "[server['health'].get('failure', '') for service in status['services'] if service['port'] == $1 for server in service['servers']][0]") == "$2" ]]
}

# checks_since TIME SECONDS
checks_since() { (($(microseconds "$EPOCHREALTIME" "$1") > $2 * 1000000)); }

no_script_left() { ! pgrep -f "^sleep (987|1000)|$SCRIPTS/" >/dev/null; }
