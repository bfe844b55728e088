"""Sends fragments that never become a datagram, as fast as the interface takes them.

usage: fragments.py INTERFACE PORT-MAC ADDRESS lone|overlapping COUNT

`lone`: the first 1400 bytes of COUNT datagrams whose rest never comes. `overlapping`: COUNT times a
first fragment and one that lies half over it. Prints how many frames were sent.
"""

import socket
import struct
import sys

interface, port_mac, address, kind, count = sys.argv[1:6]
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((interface, 0))
head = bytes.fromhex(port_mac.replace(":", "")) + wire.getsockname()[4] + b"\x08\x00"


def ones_sum(octets):
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def fragment(number, offset, payload, more):
    source = bytes([10, 0, number >> 16 & 3, 7])
    place = offset // 8 | (0x2000 if more else 0)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), number & 0xFFFF, place, 64, 17, 0)
    ip += source + socket.inet_aton(address)
    return head + ip[:10] + struct.pack("!H", ones_sum(ip)) + ip[12:] + payload


datagram = struct.pack("!HHHH", 20000, 53, 4008, 0) + bytes(1392)
sent = 0
for number in range(int(count)):
    wire.send(fragment(number, 0, datagram, True))
    sent += 1
    if kind == "overlapping":
        wire.send(fragment(number, 696, datagram, False))
        sent += 1
print(sent)
