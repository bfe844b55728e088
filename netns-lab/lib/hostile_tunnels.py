"""Sends tunnel packets of one kind to a real server, as a director would or as it never does.

usage: hostile_tunnels.py INTERFACE SERVER-MAC SERVER VIP DIRECTOR ipip|gre|gue KIND COUNT SENDER
       hostile_tunnels.py --ports

Inside each is a SYN from SENDER to port 80, its source port that of the kind, which --ports lists.
`honest` alone is what a director sends.
"""

import socket
import struct
import sys

PORTS = {
    "honest": 30000,
    "from-a-stranger": 30001,
    "from-a-neighbour": 30002,
    "for-another-address": 30003,
    "too-long": 30004,
    "too-short": 30005,
    "header-short": 30006,
    "header-long": 30007,
    "cut": 30008,
    "nested-ipip": 30009,
    "nested-gre": 30010,
    "nested-gue": 30011,
}

if sys.argv[1:] == ["--ports"]:
    for kind, port in PORTS.items():
        print(kind, port)
    sys.exit()
interface, mac, server, vip, director, encapsulation, kind, count, sender = sys.argv[1:10]


def ones_sum(octets):
    octets += b"\0" * (len(octets) & 1)
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source, destination, protocol, payload, words=5, length=None):
    length = 20 + len(payload) if length is None else length
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, length, 1, 0x4000, 62, protocol, 0)
    head += socket.inet_aton(source) + socket.inet_aton(destination)
    # With more words than the packet has, no sum is right; with fewer, the sum of these.
    return head[:10] + struct.pack("!H", ones_sum((head + payload)[: 4 * words])) + head[12:] + payload


def tcp(destination):
    segment = struct.pack("!HHIIBBHHH", PORTS[kind], 80, 7, 0, 0x50, 2, 512, 0, 0)
    pseudo = socket.inet_aton(sender) + socket.inet_aton(destination)
    value = ones_sum(pseudo + struct.pack("!HH", 6, len(segment)) + segment)
    return segment[:16] + struct.pack("!H", value) + segment[18:]


def tunnel(by, source, destination, inside):
    if by == "gre":
        return ipv4(source, destination, 47, b"\0\0\x08\0" + inside)
    if by == "gue":
        header = struct.pack("!HHHH", 50000, 6080, 12 + len(inside), 0) + b"\0\x04\0\0"
        return ipv4(source, destination, 17, header + inside)
    return ipv4(source, destination, 4, inside)


source, destination = director, vip
inside = ipv4(sender, vip, 6, tcp(vip))
if kind == "from-a-stranger":
    source = "10.0.0.66"
elif kind == "from-a-neighbour":
    source = server.rpartition(".")[0] + ".99"
elif kind == "for-another-address":
    inside = ipv4(sender, server, 6, tcp(server))
elif kind == "too-long":
    inside = ipv4(sender, vip, 6, tcp(vip), length=len(inside) + 1)
elif kind == "too-short":
    inside = ipv4(sender, vip, 6, tcp(vip), length=19)
elif kind == "header-short":
    inside = ipv4(sender, vip, 6, tcp(vip), words=4)
elif kind == "header-long":
    inside = ipv4(sender, vip, 6, tcp(vip), words=15)
elif kind == "cut":
    inside = inside[:19]
elif kind.startswith("nested"):
    inside = tunnel(kind.partition("-")[2], director, vip, inside)

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((interface, 0))
frame = bytes.fromhex(mac.replace(":", "")) + wire.getsockname()[4] + b"\x08\x00"
frame += tunnel(encapsulation, source, server, inside)
for _ in range(int(count)):
    wire.send(frame)
