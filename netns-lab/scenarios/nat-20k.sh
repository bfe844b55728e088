# shellcheck shell=bash
# Twenty thousand connections through the VIP are open at a time, and every one of them works.
# Topology: labs/nat.sh; everything but the number is nat-10k's.
LAB=nat

# shellcheck source=netns-lab/scenarios/nat-10k.sh
source "$LAB_HOME/scenarios/nat-10k.sh"

CLIENTS='10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5'
