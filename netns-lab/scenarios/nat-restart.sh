# shellcheck shell=bash
# tapvs is killed and started again: new connections succeed within a second, old ones are reset and not left in silence.
# Topology: labs/nat.sh
LAB=nat

scenario() { restart_in_use 100; }
