# shellcheck shell=bash
# Tunnels: the configuration is changed over and over, half of the time by a file that is refused, and nobody notices.
# Topology: labs/tunnel.sh. What happens: lib/reloads.sh.
LAB=tunnel

lab_services() { reloaded_services 0; }

reloaded_services() { turned_services "$1" tunnel '' 172.16.1.2 172.16.1.3 172.16.2.2; }

scenario() { reload_in_use; }
