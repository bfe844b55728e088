# shellcheck shell=bash
# Servers that read the PROXY protocol hear of their clients with nothing of ours on them: nginx and HAProxy.
# Topology: labs/fullnat.sh. Port 80 tells nobody (client-address: none); 8443 is nginx, 8444 HAProxy in rs1.
LAB=fullnat

ACCESS_LOG=1 MEGABYTES=100

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, scheduler: rr, method: fullnat, local-addresses: [$LOCAL], client-address: none, servers: [{ address: 172.16.1.2 }, { address: 172.16.2.2 }] }
  - { address: $VIP, port: 8443, scheduler: rr, method: fullnat, local-addresses: [$LOCAL], client-address: proxy-v2, servers: [
      { address: 172.16.1.2 }, { address: 172.16.1.3 }, { address: 172.16.2.2 } ] }
  - { address: $VIP, port: 8444, method: fullnat, local-addresses: [$LOCAL], client-address: proxy-v2, servers: [{ address: 172.16.1.2 }] }
YAML
}

# A port that wants the header before anything else, and believes the directors' local addresses alone.
more_servers() {
  cat <<CONF
  server {
    listen 8443 proxy_protocol backlog=4096;
    set_real_ip_from 115.205.4.216/31;
    real_ip_header proxy_protocol;
    add_header X-Server $1 always;
    location / { return 200 "$1\n"; }
    location /seen { return 200 "$1 \$remote_addr:\$remote_port to \$proxy_protocol_server_addr:\$proxy_protocol_server_port\n"; }
    location /data/ { alias $BULK/data/; }
    location /upload/ { alias $BULK/$1/; dav_methods PUT; }
  }
CONF
}

bring_up() {
  install_packages 'haproxy haproxy'
  build_lab "$LAB"
  start_rings
  start_director
  await_service
}

scenario() {
  local turn port
  for turn in 1 2 3; do
    port=$((20000 + turn))
    expect_match "nginx sees the client's address and port, and the VIP's" \
      "^rs[123] 10\.0\.0\.2:$port to $VIP:8443\$" "$(from_client --local-port $port "http://$VIP:8443/seen")"
  done
  expect "the access logs have them" "10.0.0.2:20001 10.0.0.2:20002 10.0.0.2:20003" "$(logged)"
  expect_match "a service that does not tell shows a local address" '^rs[13] 115\.205\.4\.21[67]:' \
    "$(from_client "http://$VIP/seen")"
  expect_failure "straight at a server, without the header, nothing is answered" \
    inside client curl -sf -m 2 -o /dev/null http://172.16.1.2:8443/
  kept_alive
  haproxy_reads
  bodies
}

logged() {
  cat "$STATE"/rs[123]/access.log | grep -oE '^10\.0\.0\.2:2000[123]' | sort -u | xargs
}

kept_alive() {
  expect "20 requests over one kept connection make one connection" "1 19" \
    "$(from_client -o /dev/null -w '%{num_connects}\n' "http://$VIP:8443/[1-20]" | sort -r | uniq -c | awk '{ print $1 }' | xargs)"
  expect "all of them are of one server and one client" 1 \
    "$(from_client "http://$VIP:8443/seen?[1-20]" | sort | uniq -c | awk '$1 == 20' | wc -l)"
}

haproxy_reads() {
  cat >"$STATE/haproxy.cfg" <<'CONF'
global
  nbthread 1
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
frontend proxy
  bind :8444 accept-proxy
  http-request return status 200 content-type text/plain lf-string "haproxy %[src]:%[src_port]\n"
CONF
  start_process haproxy rs1 haproxy -db -f "$STATE/haproxy.cfg"
  wait_for 10 haproxy_listens || leave 1 "HAProxy does not start: $(tail -n 3 "$STATE/logs/haproxy.log")"
  expect "HAProxy sees the client's address and port" "haproxy 10.0.0.2:20010" \
    "$(from_client --local-port 20010 "http://$VIP:8444/")"
}

haproxy_listens() { [[ -n $(inside rs1 ss -Htln sport = 8444) ]]; }

# Every later number is shifted by the header's length, whatever frames the bytes come in.
bodies() {
  local offloads
  for offloads in off on; do
    set_offloads $offloads
    head -c 20000 /dev/urandom >"$BULK/data/blob"
    expect_success "20 KB to a server, offloads $offloads" uploaded 8443
    make_blob $MEGABYTES
    expect_success "$MEGABYTES MiB to a server, offloads $offloads" uploaded 8443
    expect_success "$MEGABYTES MiB to the client, offloads $offloads" download 8443
    expect "no bad TCP checksum at either end, offloads $offloads" "" "$(bad_checksums)"
  done
}
