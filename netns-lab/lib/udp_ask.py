"""Asks a UDP service from several local ports, several times each, with datagrams of growing length.

usage: udp_ask.py ADDRESS PORT LOCAL-PORTS TIMES [LONGEST]

Prints a line per local port: the servers that answered, in order. Fails when an answer does not
come within two seconds, comes from elsewhere, or is not what was sent.
"""

import os
import socket
import sys

address, port, local_ports, times = sys.argv[1], *map(int, sys.argv[2:5])
longest = int(sys.argv[5]) if len(sys.argv) > 5 else 1468

for number in range(local_ports):
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.settimeout(2)
    wire.bind(("", 21000 + number))
    servers = []
    for turn in range(times):
        question = os.urandom(longest * turn // (times - 1) if times > 1 else longest)
        wire.sendto(question, (address, port))
        answer, sender = wire.recvfrom(65536)
        server, _, echo = answer.partition(b" ")
        if sender != (address, port):
            sys.exit("an answer came from %s:%d" % sender)
        if echo != question:
            sys.exit("%d bytes came back changed" % len(question))
        servers.append(server.decode())
    print(*servers)
