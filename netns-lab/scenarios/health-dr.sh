# shellcheck shell=bash
# Direct routing: a server whose process dies, or that is cut off, gets no connection any more, and returns when it is well.
# Topology: labs/dr.sh. Services and what is measured: lib/health.sh. The director does not see what servers answer.
LAB=dr

lab_services() { checked_services dr 115.205.4.216 115.205.4.217 115.205.4.218; }

scenario() { servers_die 2500; }
