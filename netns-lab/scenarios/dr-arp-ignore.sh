# shellcheck shell=bash
# arp_ignore: a server that has the VIP answers when the router asks for it, unless it is told not to.
# Topology: labs/dr.sh
LAB=dr

TRIES=12

scenario() {
  local seen
  # The director announces its addresses twice at its start, which would hide what the router learns.
  wait_for 10 uptime_is 3
  seen=$(tries $TRIES asks)
  expect "all.arp_ignore=1: $TRIES times the router learns the director's MAC" "$TRIES director" "$seen"

  expect "nobody claims the VIP" "" "$(conflicts)"

  setting arp_ignore 0
  answered_by_servers "without"
  reported

  # The lines that one finds in old instructions.
  setting arp_ignore 1 lo
  answered_by_servers "lo.arp_ignore=1 alone"
  expect "the VIP is on lo, the request comes by eth0: that is where it is looked at" \
    "rs1 rs2 rs3" "$(answering)"

  setting arp_ignore 1
  seen=$(tries $TRIES asks)
  expect "with it again: $TRIES times the director" "$TRIES director" "$seen"
  expect "no server answers for the VIP any more" "" "$(answering)"
  expect "each still answers for its own address" "rs1 rs2 rs3" "$(answering_for_themselves)"
}

# Servers tell the router alone. The director asks, too: a second after its start, and every thirty seconds.
reported() {
  stop_process director
  start_director
  expect_reported
  wait_for 10 uptime_is 3
}

# answered_by_servers SETTING
answered_by_servers() {
  local seen
  seen=$(tries $TRIES asks)
  expect_at_least "$1: the router learns a server's MAC" 1 "$(wrong "$seen")"
  measured "of $TRIES tries: $seen"
  bypassed "$1"
}

# It works all the same, which makes it hard to find: the director is just not in the way any more.
bypassed() {
  expect_soon "$1: a client's request is answered and the director knows nothing of it" 10 answered_unseen
}

answered_unseen() {
  local before
  inside router ip neighbour flush to "$VIP" dev eth1
  before=$(opened)
  [[ $(from_client "http://$VIP/") =~ ^rs[123]$ && $(opened) == "$before" ]]
}

# Connections since the start.
opened() { tapvs_command status | awk '/^tcp / { print $NF }'; }

# The router has something for the VIP.
asks() { inside router ping -c 1 -W 5 -q "$VIP" >/dev/null; }

# Which servers answer one request for the VIP.
answering() { ask "$VIP"; }

answering_for_themselves() {
  local server
  for server in $SERVERS; do ask "${server#*:}"; done | xargs
}

# ask ADDRESS: the servers that answer the router.
ask() {
  inside router /usr/bin/python3 "$LAB_HOME/lib/arp_ask.py" eth1 broadcast "$1" "$ROUTER" \
    | sed -n 's/^02:00:00:00:01:0\([123]\) .*/rs\1/p' | sort | xargs
}
