# shellcheck shell=bash
# Thousands of connections through the VIP: open at a time, each used, and what they cost the director.

# many_connections EACH CLIENT-ADDRESS...: EACH from every address; the client has the first one.
# Then a download with all of them open, of 1 GiB with --long; what of it came to the director's ports
# is in CARRIED, in MiB of MEGABYTES.
many_connections() {
  local each=$1 address count before after
  shift
  count=$((each * $#))
  require_open_files $((count / 3 + 1000))
  for address in "${@:2}"; do address client eth0 "$address/24"; done
  MEGABYTES=${TAPVS_LAB_MEGABYTES:-$( ((LONG)) && printf 1024 || printf 256)}
  make_blob "$MEGABYTES"
  before=$(resident)

  COMPUTED=''
  CPU_BEFORE=$(cpu_ticks)
  hold_connections "$each" "$@"
  note_cpu "to open them"
  expect_answers "$count connections are opened and answered" "$count"
  after=$(resident)
  CPU_BEFORE=$(cpu_ticks)
  use_connections
  note_cpu "to use each once more"
  expect_answers "with all of them open each is answered again, by its server" "$count"

  expect "tapvs status counts them" "$count" "$(active_connections)"
  expect "tapvs connections lists them" "$(printf "$each %s\n" "$@" | sort)" "$(listed_connections)"
  expect "the servers hold them" "$count" "$(server_connections)"
  CPU_BEFORE=$(cpu_ticks)
  CARRIED=$(bytes_to_director)
  expect_success "$MEGABYTES MiB come to the client meanwhile" download
  CARRIED=$((($(bytes_to_director) - CARRIED) >> 20))
  note_cpu "for a download of $MEGABYTES MiB"
  measured "memory of tapvs: $before KiB before, $((after - before)) KiB more with $count connections"
  measured "processor time of tapvs: $COMPUTED"
  measured "of the download $CARRIED MiB came to its ports"

  close_connections
  expect_answers "each is closed from both sides" "$count"
  expect_soon "none is active any more" 10 none_active
}

# note_cpu FOR-WHAT: what the director has computed since CPU_BEFORE.
note_cpu() {
  local ticks=$(($(cpu_ticks) - CPU_BEFORE))
  COMPUTED+="${COMPUTED:+, }$((ticks / 100)).$(printf %02d $((ticks % 100))) s $1"
}

# The ACTIVE column of the service.
active_connections() { tapvs_command status | awk -v service="$VIP:80" '$2 == service { print $4 }'; }

none_active() { (($(active_connections) == 0)); }

# How many of each client are established.
listed_connections() {
  tapvs_command connections | awk '$5 == "ESTABLISHED" { sub(/:.*/, "", $2); print $2 }' \
    | sort | uniq -c | awk '{ print $1, $2 }' | sort
}

server_connections() {
  local server
  for server in rs1 rs2 rs3; do inside $server ss -Htn state established sport = 80; done | wc -l
}
