# shellcheck shell=bash
# What the client is told by ICMP errors and resets.

# errors udp|tcp PORT [TTL [COUNT]]: what comes back, on one line.
errors() {
  inside client timeout 20 /usr/bin/python3 "$LAB_HOME/lib/icmp_errors.py" "$1" "$VIP" "${@:2}" 2>&1 \
    | paste -sd , | sed 's/,/, /g'
}

# Bad ICMP checksums that the kernels have seen; empty when there are none.
bad_icmp_checksums() {
  local node
  for node in client router rs1 rs2 rs3; do
    inside $node awk -v node=$node '/^Icmp: [0-9]/ && $4 > 0 { print node ": " $4 }' /proc/net/snmp
  done
}
