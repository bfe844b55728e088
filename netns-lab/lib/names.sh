# shellcheck shell=bash
# The site's name: nsd has the zone, unbound keeps its answers for the client. (Variables: labs/dns.sh)

# start_name_server SERVER-NUMBER...
start_name_server() {
  write_zone "$@"
  cat >"$STATE/nsd.conf" <<CONF
server:
  ip-address: $NAME_SERVER
  do-ip6: no
  username: ""
  zonesdir: "$STATE"
  database: ""
  pidfile: "$STATE/nsd.pid"
  xfrdfile: "$STATE/nsd.xfrd"
  xfrdir: "$STATE"
  zonelistfile: "$STATE/nsd.zones"
remote-control:
  control-enable: no
zone:
  name: site.example
  zonefile: site.example.zone
CONF
  start_process name-server ns nsd -d -c "$STATE/nsd.conf"
  wait_for 10 serves_addresses "$NAME_SERVER" $# || leave 1 "nsd does not answer: $(tail -n 3 "$STATE/logs/name-server.log")"
}

# write_zone SERVER-NUMBER...: an address record for each.
write_zone() {
  local number
  {
    printf '$ORIGIN site.example.\n$TTL %s\n' "$TTL"
    printf '@ SOA ns hostmaster %s 3600 600 86400 %s\n@ NS ns\nns A %s\n' "$(date +%s)" "$TTL" "$NAME_SERVER"
    for number; do printf 'www A 115.205.4.%s\n' $((number + 215)); done
  } >"$STATE/site.example.zone"
}

# serve_zone SERVER-NUMBER...: returns once nsd serves the zone with these alone.
serve_zone() {
  write_zone "$@"
  process_runs name-server && kill -HUP "$PID"
  wait_for 10 serves_addresses "$NAME_SERVER" $# || leave 1 "nsd does not serve the changed zone"
}

# The name is asked for where the zone is, and nowhere else.
start_resolver() {
  cat >"$STATE/unbound.conf" <<CONF
server:
  interface: $RESOLVER
  access-control: 10.0.0.0/24 allow
  do-ip6: no
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "$STATE"
  pidfile: "$STATE/unbound.pid"
  module-config: "iterator"
remote-control:
  control-enable: no
stub-zone:
  name: site.example
  stub-addr: $NAME_SERVER
CONF
  start_process resolver resolver unbound -d -c "$STATE/unbound.conf"
  wait_for 10 serves_addresses "$RESOLVER" 3 || leave 1 "unbound does not answer: $(tail -n 3 "$STATE/logs/resolver.log")"
}

# look_up SERVER: its answer for the site as "TTL ADDRESS...".
look_up() { inside client /usr/bin/python3 "$LAB_HOME/lib/look_up.py" "$1" "$SITE" 2>/dev/null; }

# serves_addresses SERVER COUNT
serves_addresses() { (($(look_up "$1" | wc -w) == $2 + 1)); }

# visit_site COUNT: visits by name, one after the other.
visit_site() {
  inside client timeout 60 /usr/bin/python3 "$LAB_HOME/lib/visits.py" "$SITE@$RESOLVER" 0 2.5 "$1"
}
