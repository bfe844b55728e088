# shellcheck shell=bash
# 1000 services with 100 servers each are loaded and changed while another service is visited.
# Topology: labs/nat.sh.
LAB=nat

lab_services() { site; }

site() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: nat, servers: [
      { address: 192.168.0.2 }, { address: 192.168.0.3 }, { address: 192.168.0.4 } ] }
YAML
}

scenario() {
  local before big after step
  hold_connections 30 10.0.0.2
  expect_answers "30 connections are open" 30
  begin_visits big 80 100
  before=$(resident)
  write_big 1
  step=$EPOCHREALTIME
  expect_success "a file of 1000 services with 100 servers each is taken" inside lb1 timeout 60 "$DIRECTOR" reload
  measured "in $(($(microseconds "$EPOCHREALTIME" "$step") / 1000)) ms; the file has $(($(stat -c %s "$STATE/director.yaml") >> 10)) KiB"
  big=$(resident)
  expect "status counts them" "1001 100003" \
    "$(status_json '"%d %d" % (len(status["services"]), sum(len(service["servers"]) for service in status["services"]))')"
  write_big 2
  step=$EPOCHREALTIME
  expect_success "one server's weight changes" inside lb1 timeout 60 "$DIRECTOR" reload
  measured "in $(($(microseconds "$EPOCHREALTIME" "$step") / 1000)) ms"
  write_configuration
  expect_success "all are taken away again" inside lb1 timeout 60 "$DIRECTOR" reload
  after=$(resident)
  measured "memory: $before KiB, with all $big KiB, without them $after KiB"
  expect_at_least "with all it is below 512 MiB" 0 $(((512 << 10) - big))
  use_connections
  expect_answers "the 30 connections go on" 30
  end_visits big
  expect_match "no visit failed" ", 0 failed," "$VISITS"
  measured "$VISITS"
}

# write_big WEIGHT: of one server.
write_big() {
  {
    printf 'version: 1\nports:\n%s\nservices:\n%s\n' "$(lab_ports)" "$(site)"
    awk -v vip="$VIP" -v weight="$1" 'BEGIN {
      for (service = 0; service < 1000; service++) {
        printf "  - { address: %s, port: %d, servers: [", vip, 10000 + service
        for (server = 0; server < 100; server++)
          printf "%s{ address: 192.168.0.%d, port: %d, weight: %d }", (server ? ", " : " "), 2 + server % 3, 20000 + server, \
            (service == 500 && server == 50 ? weight : 1)
        print " ] }"
      }
    }'
  } >"$STATE/director.new"
  mv "$STATE/director.new" "$STATE/director.yaml"
}
