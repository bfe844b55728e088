# shellcheck shell=bash
# A server whose kernel has tunnel devices opens tunnels by these alone: IPIP, then GRE.
# Topology: labs/tunnel.sh, and beside rs3 a server rs4, 172.16.2.3, with a kernel of its own (user-mode Linux).
# Port 8081 of the VIP is rs4's by IPIP, port 8089 by GRE.
LAB=tunnel

RS4=172.16.2.3

lab_services() {
  cat <<YAML
  - { address: $VIP, port: 80, method: tunnel, servers: [{ address: 172.16.1.2 }] }
  - { address: $VIP, port: 8081, method: tunnel, servers: [{ address: $RS4 }] }
  - { address: $VIP, port: 8089, method: tunnel, tunnel: { encapsulation: gre }, servers: [{ address: $RS4 }] }
YAML
}

bring_up() {
  require_kernel ipip ip_gre
  build_lab "$LAB"
  start_rings
  start_director
  await_service
}

scenario() {
  set_offloads off
  make_blob 8
  start_kernel rs4 sw-two 02:00:00:00:01:04
  start_kernel_server
  without_device
  opened_by ipip tunl0 8081
  opened_by gre gre0 8089
  expect_match "it is put back" 'removed from' "$(in_kernel "'$DIRECTOR' real-server down" || true)"
  expect "and has no VIP any more" "" "$(in_kernel "ip -o address show to $VIP")"
  expect_success "the other server is answered all the while" service_answers
  stop_kernel
}

start_kernel_server() {
  mkdir -p "$STATE/kernel/rs4/temporary" "$BULK/rs4/unfinished"
  server_configuration rs4 "$STATE/kernel/rs4" >"$STATE/kernel/rs4/nginx.conf"
  expect_success "rs4 boots" in_kernel "ip link set vec0 up && ip address add $RS4/24 dev vec0 && ip route add default via 172.16.2.1"
  expect_success "nginx starts there" in_kernel "mount -t hostfs none -o '$BULK' '$BULK'
    nginx -p '$STATE/kernel/rs4' -c '$STATE/kernel/rs4/nginx.conf' -e '$STATE/kernel/rs4/error.log' &
    until curl -sf -o /dev/null http://$RS4/; do sleep 0.1; done"
}

# real_server ARGUMENTS...: of `tapvs real-server` in rs4's kernel.
real_server() { in_kernel "'$DIRECTOR' real-server $*"; }

without_device() {
  local said code=0
  said=$(real_server up "$(arguments ipip)") || code=$?
  expect "without the module there is no device, which is not possible here" 77 "$code"
  expect_match "the server says so, and what to take instead" "no device of kind ipip .*; take --decap ebpf or socket" "$said"
}

arguments() { printf '%s' "--mode tunnel --vip $VIP --from $OWN --encapsulation $1 --decap kernel"; }

# opened_by ENCAPSULATION DEVICE PORT
opened_by() {
  local module=${1/gre/ip_gre}
  expect_success "$module is loaded" in_kernel "modprobe -d '$STATE/kernel' $module"
  expect_success "rs4 becomes a real server by $1" real_server up "$(arguments "$1")"
  expect_success "is one" real_server check
  expect_match "the VIP is on $2" "$VIP/32 .*$2" "$(in_kernel "ip -o address show to $VIP")"
  expect_match "the client's address is seen" '^rs4 10\.0\.0\.2:' "$(from_client "http://$VIP:$3/seen")"
  expect_success "8 MiB arrive at the client" download "$3"
  expect_success "8 MiB arrive at rs4" uploaded "$3"
  expect_at_least "they came out of $2" 5000 "$(in_kernel "awk '\$1 == \"$2:\" { print \$3 }' /proc/net/dev")"
}
