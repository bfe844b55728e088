# shellcheck shell=bash
# NAT: a server whose process dies, or that is cut off, gets no connection any more, and returns when it is well.
# Topology: labs/nat.sh. Services and what is measured: lib/health.sh.
LAB=nat

lab_services() { checked_services nat 192.168.0.2 192.168.0.3 192.168.0.4; }

scenario() { servers_die 1000; }
