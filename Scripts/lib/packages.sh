# shellcheck shell=bash
# The Debian packages that building, testing and the lab need, and nothing else: this is the list.

# Each line: package, then what shows that it is there (a command in PATH or a file).
readonly BUILD_PACKAGES='libmnl-dev /usr/include/libmnl/libmnl.h
pkg-config pkg-config'
readonly LINT_PACKAGES='shellcheck shellcheck
binutils objdump
python3 /usr/bin/python3'
readonly LAB_PACKAGES='iproute2 ip
util-linux nsenter
nginx-light nginx
nsd /usr/sbin/nsd
unbound /usr/sbin/unbound
curl curl
tcpdump tcpdump
ethtool ethtool
iputils-ping ping
python3 /usr/bin/python3
procps sysctl'
readonly BENCH_PACKAGES='gcc gcc
libc6-dev /usr/include/stdio.h
iperf3 iperf3
haproxy haproxy
libnginx-mod-stream /usr/lib/nginx/modules/ngx_stream_module.so
nftables nft'

# Prints the packages of LIST... that are missing.
missing_packages() {
  local package sign
  while read -r package sign; do
    [[ -e $sign ]] || command -v "$sign" >/dev/null || printf '%s\n' "$package"
  done <<<"$(printf '%s\n' "$@")"
}

# install_packages LIST...: does nothing, not even ask for root, when nothing is missing.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  ((EUID == 0)) \
    || leave 77 "missing Debian packages; install them as root: apt-get install ${missing[*]}"
  command -v apt-get >/dev/null || leave 77 "missing: ${missing[*]}, and no apt-get to install them"
  printf 'installing %s\n' "${missing[*]}"
  without_services apt_install "${missing[@]}" || leave 77 "could not install ${missing[*]}"
}

apt_install() {
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get -q update && apt-get -qy install --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

# Debian starts a service as it installs it, and nobody asked for a web server on this machine.
without_services() (
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
  fi
  "$@"
)
