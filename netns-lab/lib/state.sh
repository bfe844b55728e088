# shellcheck shell=bash
# Where a lab remembers what it made: /run/tapvs-lab/NAME, and /var/tmp for what is too big for it.
#   lab            the lab's name          namespaces     one a line, written before each is made
#   bulk           exists before the directory in /var/tmp does
#   real-servers   nodes to put back, written before each is changed
#   director.yaml  its configuration       processes/X    pid, start time and boot of process X
#   groups         control groups          logs/X.log     what X said
#   rs1/ ...       a server's files

# use_lab NAME: every later call is about this one.
use_lab() {
  [[ $1 =~ ^[a-z0-9][a-z0-9-]{0,31}$ ]] \
    || leave 2 "'$1' is no lab name: up to 32 of a-z, 0-9 and -, no - in front"
  LAB_NAME=$1
  STATE=$STATES/$LAB_NAME
  BULK=/var/tmp/tapvs-lab-$LAB_NAME
}

# Takes the name: two labs of one name cannot be made, even at the same moment.
create_state() {
  mkdir "$STATE" 2>/dev/null \
    || leave 1 "lab $LAB_NAME stands already; netns-lab/lab down --name $LAB_NAME removes it"
  STATE_CREATED=1
  mkdir "$STATE/processes" "$STATE/logs" "$STATE/captures"
  printf '%s\n' "$1" >"$STATE/lab"
  : >"$STATE/namespaces"
  [[ ! -e $BULK ]] || leave 1 "$BULK exists and is not of a lab; remove it first"
  : >"$STATE/bulk"
  mkdir -m 700 "$BULK"
}

require_lab() {
  [[ -d $STATE ]] || leave 1 "no lab $LAB_NAME; netns-lab/lab up --name $LAB_NAME makes it"
}

remove_state() {
  [[ ! -e $STATE/bulk ]] || rm -rf -- "${BULK:?}"
  rm -rf -- "${STATE:?}"
}

# Takes `--name N` out of the front of the arguments; what is left is in REST.
take_name() {
  local name=tapvs
  case ${1:-} in
    --name) (($# > 1)) || leave 2 "--name wants a name" && name=$2 && shift 2 ;;
    --name=*) name=${1#--name=} && shift ;;
  esac
  use_lab "$name"
  REST=("$@")
}
