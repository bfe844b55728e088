# shellcheck shell=bash
# Frames that break every rule crash nothing, cost no memory and stop nobody; each refusal is counted.
# Topology: labs/nat.sh. The router's end of the outer segment sends them to the director's port.
LAB=nat

FRAMES=$( ((LONG)) && printf 2000000 || printf 40000)
SEED=${TAPVS_LAB_SEED:-$RANDOM}

scenario() {
  local before dropped
  expect_success "the client's curl is answered before" service_answers
  before=$(resident)
  dropped=$(counted dropped)
  expect_match "$FRAMES hostile frames are sent (seed $SEED)" '^[0-9]+$' \
    "$(inside router /usr/bin/python3 "$LAB_HOME/lib/hostile_frames.py" eth1 "$WAN_MAC" "$VIP" "$FRAMES" "$SEED")"
  expect_success "tapvs runs" process_runs director
  expect_soon "the client's curl is answered" 10 service_answers
  expect "ten connections are answered" 10 "$(from_client -H 'Connection: close' "http://$VIP/[1-10]" | grep -c '^rs')"
  expect_at_least "refusals are counted" $((FRAMES / 4)) $(($(counted dropped) - dropped))
  expect_at_least "memory grew by less than 64 MiB" 0 $((before + 65536 - $(resident)))
  expect "no server's ARP entry for its gateway was changed" "$LAN_MAC" \
    "$(inside rs1 ip neighbour show 192.168.0.1 | sed -n 's/.*lladdr \([0-9a-f:]*\).*/\1/p')"
}
