# shellcheck shell=bash
# Tunnels: a server whose process dies, or that is cut off, gets no connection any more, and returns when it is well.
# Topology: labs/tunnel.sh. Services and what is measured: lib/health.sh. The director does not see what servers answer.
LAB=tunnel

lab_services() { checked_services tunnel 172.16.1.2 172.16.1.3 172.16.2.2; }

scenario() { servers_die 2500; }
