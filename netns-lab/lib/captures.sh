# shellcheck shell=bash
# Captures: bounded files, headers only, ready before the call returns.

# tcpdump gives up groups even when it is told to stay root.
captures_allowed() { [[ $(</proc/self/setgroups) == allow ]]; }

# start_capture NAME NODE IF [FILTER...]: at most 20,000 frames into captures/NAME.pcap, SNAPSHOT bytes of each.
start_capture() {
  local name=$1 node=$2 device=$3
  shift 3
  captures_allowed \
    || leave 77 "no captures: this user namespace forbids setgroups(2), which tcpdump calls; let newgidmap(1) map its groups"
  # What an earlier capture of this name said is not to be taken for this one's.
  rm -f "$STATE/logs/capture-$name.log"
  start_process "capture-$name" "$node" tcpdump -Z root -i "$device" -nn -s "${SNAPSHOT:-160}" -U --immediate-mode \
    -c 20000 -w "$STATE/captures/$name.pcap" "$@"
  await_capture "$name"
}

# start_ring NAME NODE IF: the newest 8 to 16 MB, kept when a scenario fails.
start_ring() {
  start_process "capture-$1" "$2" tcpdump -Z root -i "$3" -nn -s 160 -U \
    -C 8 -W 2 -w "$STATE/captures/$1.pcap"
}

await_capture() {
  wait_for 5 grep -q 'listening on' "$STATE/logs/capture-$1.log" \
    || leave 1 "tcpdump did not start: $(<"$STATE/logs/capture-$1.log")"
}

stop_capture() { stop_process "capture-$1"; }

# captured NAME [FILTER...]: its frames as text, with link addresses and absolute sequence numbers.
captured() { tcpdump -Z root -nn -e -S -r "$STATE/captures/$1.pcap" "${@:2}" 2>/dev/null; }

# packets NAME [FILTER...]: its IP packets in hexadecimal, but for time to live and header checksum.
packets() {
  tcpdump -Z root -nn -x -r "$STATE/captures/$1.pcap" "${@:2}" 2>/dev/null \
    | awk '$1 == "0x0000:" { $6 = "--" substr($6, 3); $7 = "----" } /^[ \t]*0x/ { print $0 }' \
    | sed 's/^[ \t]*//'
}

# capture_holds NAME COUNT FILTER...: at least so many frames are in the file already.
capture_holds() { (($(captured "$1" "${@:3}" | wc -l) >= $2)); }

# endpoints NAME [FILTER...]: every "source > destination" seen, each once.
endpoints() {
  captured "$@" | grep -oE '[0-9.]+ > [0-9.]+: (Flags|ICMP|UDP)' | sed 's/: .*//' | sort -u
}
