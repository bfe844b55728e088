"""Sends frames that no honest host sends, as fast as the interface takes them.

usage: hostile_frames.py INTERFACE PORT-MAC VIP COUNT SEED

Half of them break one rule on purpose (RULES below), the others are honest frames with random bytes
changed and cut at a random length. Prints how many were sent.
"""

import random
import socket
import struct
import sys

interface, port_mac, vip = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", "")), sys.argv[3]
count, chance = int(sys.argv[4]), random.Random(int(sys.argv[5]))
vip = socket.inet_aton(vip)

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((interface, 0))
own_mac = wire.getsockname()[4]


def ones_sum(octets):
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(payload, protocol=6, words=5, version=4, length=None, fragment=0, options=b"", ttl=64):
    source = bytes([10, 0, chance.randrange(1, 255), chance.randrange(1, 255)])
    length = 20 + len(options) + len(payload) if length is None else length
    first = version << 4 | words
    head = struct.pack("!BBHHHBBH", first, 0, length & 0xFFFF, 1, fragment, ttl, protocol, 0)
    head += source + vip + options
    return head[:10] + struct.pack("!H", ones_sum(head)) + head[12:] + payload


def tcp(flags=0x02, words=5, options=b""):
    source = chance.randrange(1024, 65535)
    return struct.pack("!HHIIBBHHH", source, 80, 1, 0, words << 4, flags, 512, 0, 0) + options


def udp(length):
    return struct.pack("!HHHH", 53, 80, length, 0) + b"x" * 8


def arp(sender_mac, sender, target, operation, hardware=1, lengths=(6, 4)):
    head = struct.pack("!HHBBH", hardware, 0x0800, *lengths, operation)
    return head + sender_mac + sender + b"\0" * 6 + target


ENDLESS = b"\x02\x00" * 20
IP, ARP = b"\x08\x00", b"\x08\x06"
RULES = [
    lambda: IP + ipv4(tcp(), words=chance.choice([0, 4, 15])),
    lambda: IP + ipv4(tcp(), version=chance.choice([0, 6, 15])),
    lambda: IP + ipv4(tcp(), length=chance.choice([0, 19, 39, 65535])),
    lambda: IP + ipv4(tcp(words=chance.choice([0, 4, 15]))),
    lambda: IP + ipv4(tcp(words=15, options=ENDLESS)),
    lambda: IP + ipv4(tcp(), words=15, options=ENDLESS),
    lambda: IP + ipv4(tcp(flags=chance.randrange(256))),
    lambda: IP + ipv4(tcp(), ttl=chance.choice([0, 1])),
    lambda: IP + ipv4(tcp(), fragment=chance.choice([0x2000, 1, 0x1FFF, 0x3FFF])),
    lambda: IP + ipv4(udp(chance.choice([0, 7, 9000])), protocol=17),
    lambda: IP + ipv4(b"\x08", protocol=1),
    lambda: IP + ipv4(b"\x03\x01" + b"\0" * 6 + ipv4(tcp()), protocol=1),
    lambda: IP + ipv4(b"", protocol=chance.randrange(256)),
    lambda: ARP + arp(own_mac, vip, vip, 1),
    lambda: ARP + arp(b"\xff" * 6, bytes([115, 205, 4, 209]), vip, 2),
    lambda: ARP + arp(own_mac, bytes([127, 0, 0, 1]), vip, 1),
    lambda: ARP + arp(own_mac, bytes([115, 205, 4, 212]), vip, 1, hardware=chance.randrange(65536)),
    lambda: ARP + arp(own_mac, bytes([115, 205, 4, 212]), vip, 1, lengths=(255, 255)),
    lambda: b"\x81\x00\x00\x05" + IP + ipv4(tcp()),
    lambda: struct.pack("!H", chance.randrange(65536)) + b"\0" * 46,
]


def damaged():
    octets = bytearray(chance.choice(RULES)())
    for _ in range(chance.randrange(1, 6)):
        octets[chance.randrange(2, len(octets))] = chance.randrange(256)
    return bytes(octets[: chance.randrange(2, len(octets) + 1)])


sent = 0
for number in range(count):
    body = damaged() if number % 2 else chance.choice(RULES)()
    try:
        sent += wire.send(port_mac + own_mac + body) > 0
    except OSError:
        pass
print(sent)
