# shellcheck shell=bash
# Big transfers between the client and a server, byte for byte, and what the ends think of checksums.

# make_blob MEBIBYTES: what the transfers carry.
make_blob() { head -c $(($1 << 20)) /dev/urandom >"$BULK/data/blob"; }

# download [PORT]: fails unless the client gets the blob as it is.
download() { inside client curl -sSf -m 300 "http://$VIP:${1:-80}/data/blob" | cmp - "$BULK/data/blob"; }

# upload [PORT]: prints the server that got it; its copy is $BULK/SERVER/blob.
upload() {
  inside client curl -sSf -m 300 -H 'Expect:' -T "$BULK/data/blob" -o /dev/null -D - "http://$VIP:${1:-80}/upload/" \
    | tr -d '\r' | sed -n 's/^X-Server: //p'
}

# uploaded [PORT]: fails unless some server gets the blob as it is.
uploaded() {
  local server code=0
  server=$(upload "$@")
  cmp "$BULK/data/blob" "$BULK/$server/blob" || code=1
  rm -f "$BULK/$server/blob"
  return $code
}

# Bad checksums that the kernels of client and servers have seen; empty when there are none.
bad_checksums() {
  local node
  for node in client rs1 rs2 rs3; do
    inside $node awk -v node=$node '/^Tcp: [0-9]/ && $16 > 0 { print node ": " $16 }' /proc/net/snmp
  done
}

# out_of_order: how many segments came to the servers before one that was sent earlier.
out_of_order() {
  local node
  for node in rs1 rs2 rs3; do
    inside $node awk '$1 == "TcpExt:" && !names { for (i = 1; i <= NF; i++) if ($i == "TCPOFOQueue") place = i; names = 1; next }
      $1 == "TcpExt:" { print $place }' /proc/net/netstat
  done | awk '{ sum += $1 } END { print sum + 0 }'
}

# Bad UDP checksums, and fragments that were not put together, likewise.
bad_datagrams() {
  local node
  for node in client rs1 rs2 rs3; do
    inside $node awk -v node=$node '
      /^Udp: [0-9]/ && $8 > 0 { print node ": checksums " $8 }
      /^Ip: [0-9]/ && $17 > 0 { print node ": reassembly " $17 }' /proc/net/snmp
  done
}
