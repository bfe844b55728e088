# shellcheck shell=bash
# Direct routing: the configuration is changed over and over, half of the time by a file that is refused, and nobody notices.
# Topology: labs/dr.sh. What happens: lib/reloads.sh.
LAB=dr

lab_services() { reloaded_services 0; }

reloaded_services() { turned_services "$1" dr '' 115.205.4.216 115.205.4.217 115.205.4.218; }

scenario() { reload_in_use; }
