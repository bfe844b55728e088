"""Asks a UDP service from several local ports, several times each, with datagrams of growing length.

usage: udp_ask.py ADDRESS PORT LOCAL-PORTS TIMES [LONGEST [REPEATS]]

Prints a line per local port: the servers that answered, in order. Fails when an answer does not
come within two seconds, comes from elsewhere, or is not what was sent. With REPEATS a question
without an answer is asked again after half a second, at most so many in all; the last line says how
many were.
"""

import os
import socket
import sys

address, port, local_ports, times = sys.argv[1], *map(int, sys.argv[2:5])
longest = int(sys.argv[5]) if len(sys.argv) > 5 else 1468
repeats = int(sys.argv[6]) if len(sys.argv) > 6 else 0
repeated = []


def answer_to(question):
    """The name of the server whose answer comes; late answers to repeated questions are passed over."""
    while True:
        answer, sender = wire.recvfrom(65536)
        server, _, echo = answer.partition(b" ")
        if sender != (address, port):
            sys.exit("an answer came from %s:%d" % sender)
        if echo == question:
            return server.decode()
        if echo not in repeated:
            sys.exit("%d bytes came back changed" % len(question))


def ask(question):
    while True:
        wire.sendto(question, (address, port))
        try:
            return answer_to(question)
        except TimeoutError:
            if len(repeated) == repeats:
                raise
            repeated.append(question)


for number in range(local_ports):
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.settimeout(0.5 if repeats else 2)
    wire.bind(("", 21000 + number))
    lengths = [longest * turn // (times - 1) for turn in range(times)] if times > 1 else [longest]
    print(*[ask(os.urandom(length)) for length in lengths])
if repeats:
    print(len(repeated), "repeated")
