# shellcheck shell=bash
# FullNAT: a server whose process dies, or that is cut off, gets no connection any more, and returns when it is well.
# Topology: labs/fullnat.sh. Services and what is measured: lib/health.sh.
LAB=fullnat

SERVICE_KEYS=" local-addresses: [115.205.4.216, 115.205.4.217],"

lab_services() { checked_services fullnat 172.16.1.2 172.16.1.3 172.16.2.2; }

scenario() { servers_die 1000; }
