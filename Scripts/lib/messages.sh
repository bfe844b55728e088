# shellcheck shell=bash
# What the scripts say, and how they leave.

# One line to standard error under the script's own name.
complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# leave CODE MESSAGE: 1 wrong, 2 usage, 77 not possible on this system.
leave() {
  complain "${@:2}"
  exit "$1"
}

# Colour only where a person looks.
if [[ -t 1 ]]; then
  BOLD=$'\e[1m' GREEN=$'\e[32m' RED=$'\e[31m' DIM=$'\e[2m' PLAIN=$'\e[0m'
else
  BOLD='' GREEN='' RED='' DIM='' PLAIN=''
fi
export BOLD GREEN RED DIM PLAIN
