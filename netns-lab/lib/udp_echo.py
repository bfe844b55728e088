"""Answers every datagram with its own name, a space and what came.

usage: udp_echo.py NAME PORT [ADDRESS]

With ADDRESS it takes datagrams to that address alone, and answers from it.
"""

import socket
import sys

name, port = sys.argv[1].encode(), int(sys.argv[2])
wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
wire.bind((sys.argv[3] if len(sys.argv) > 3 else "", port))
print("ready", flush=True)
while True:
    datagram, sender = wire.recvfrom(65536)
    wire.sendto(name + b" " + datagram, sender)
