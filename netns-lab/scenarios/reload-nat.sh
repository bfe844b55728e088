# shellcheck shell=bash
# NAT: the configuration is changed over and over, half of the time by a file that is refused, and nobody notices.
# Topology: labs/nat.sh. What happens: lib/reloads.sh.
LAB=nat

lab_services() { reloaded_services 0; }

reloaded_services() { turned_services "$1" nat '' 192.168.0.2 192.168.0.3 192.168.0.4; }

scenario() { reload_in_use; }
