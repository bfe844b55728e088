"""Sends one ARP request on an interface and prints every answer to it.

usage: arp_ask.py INTERFACE broadcast|unicast|probe TARGET-ADDRESS [SENDER-ADDRESS] [TARGET-MAC]

A unicast request goes to TARGET-MAC; a probe has the sender address 0.0.0.0. Prints one line per
answer: the MAC it tells, the Ethernet source, to whom, and the target address. Waits 400 ms for a
first answer and 200 ms for another. Announcements (sender and target address equal) are no answers.
"""

import socket
import struct
import sys
import time

FIRST, ANOTHER = 0.4, 0.2

interface, kind, target = sys.argv[1:4]
sender = "0.0.0.0" if kind == "probe" else sys.argv[4]


def mac_text(octets):
    return octets.hex(":")


wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
wire.bind((interface, 0x0806))
own = wire.getsockname()[4]

destination = bytes.fromhex(sys.argv[5].replace(":", "")) if kind == "unicast" else b"\xff" * 6
request = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
request += own + socket.inet_aton(sender) + b"\0" * 6 + socket.inet_aton(target)
wire.send((destination + own + b"\x08\x06" + request).ljust(60, b"\0"))

deadline = time.monotonic() + FIRST
while (left := deadline - time.monotonic()) > 0:
    wire.settimeout(left)
    try:
        frame = wire.recv(2048)
    except socket.timeout:
        break
    operation = struct.unpack("!H", frame[20:22])[0]
    told, asker = frame[28:32], frame[38:42]
    if operation == 2 and told == socket.inet_aton(target) and told != asker:
        deadline = time.monotonic() + ANOTHER
        print(
            "%s from %s to %s about %s"
            % (
                mac_text(frame[22:28]),
                mac_text(frame[6:12]),
                "me" if frame[0:6] == own else mac_text(frame[0:6]),
                socket.inet_ntoa(asker),
            )
        )
