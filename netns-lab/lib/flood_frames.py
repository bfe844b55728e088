"""Sends a flood of one kind to a port of the director, as fast as the interface takes it.

usage: flood_frames.py INTERFACE PORT-MAC TARGET KIND COUNT SEED

KIND  syn      SYNs to port 80 of TARGET from random addresses and ports
      aligned  such SYNs from addresses 256 apart and ports 1024 apart, which weak hashes do not tell apart
      udp      datagrams to random ports of TARGET from random addresses
      echo     ICMP echo requests to TARGET from random addresses
      arp      ARP requests for TARGET from 192.168.0.0/16, each sender with a MAC of its own

Random addresses are of 198.18.0.0/15. Prints how many frames were sent and in how many seconds.
"""

import random
import socket
import struct
import sys
import time

interface, port_mac = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", ""))
target, kind = socket.inet_aton(sys.argv[3]), sys.argv[4]
count, chance = int(sys.argv[5]), random.Random(int(sys.argv[6]))
BENCHMARKING = 198 << 24 | 18 << 16

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((interface, 0))
own_mac = wire.getsockname()[4]


def checksum(octets, total=0):
    total += sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(protocol, source, payload):
    head = struct.pack("!BBHHHBBHI4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, source, target)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return port_mac + own_mac + b"\x08\x00" + head + payload


def with_checksum(protocol, source, payload, place):
    """`payload` with its checksum at `place`, over the pseudo-header of `source` and target."""
    sums = struct.pack("!I4sHH", source, target, protocol, len(payload)) + payload
    return payload[:place] + struct.pack("!H", checksum(sums)) + payload[place + 2 :]


def somebody():
    return BENCHMARKING + chance.randrange(1, 1 << 17)


def syn(source, port):
    head = struct.pack("!HHIIBBHHH", port, 80, chance.getrandbits(32), 0, 5 << 4, 0x02, 64240, 0, 0)
    return ipv4(6, source, with_checksum(6, source, head, 16))


def aligned(number):
    return syn(BENCHMARKING + ((number % 512) << 8), 1024 * (1 + number // 512 % 63))


def udp(number):
    source = somebody()
    head = struct.pack("!4H", chance.randrange(1024, 65536), chance.randrange(1, 65536), 8, 0)
    return ipv4(17, source, with_checksum(17, source, head, 6))


def echo(number):
    message = struct.pack("!BBHHH", 8, 0, 0, number & 0xFFFF, number >> 16)
    return ipv4(1, somebody(), message[:2] + struct.pack("!H", checksum(message)) + message[4:])


def arp(number):
    address = 192 << 24 | 168 << 16 | chance.randrange(256, 65535)
    mac = struct.pack("!HI", 0x0202, address)
    head = struct.pack("!HHBBH6sI6s4s", 1, 0x0800, 6, 4, 1, mac, address, bytes(6), target)
    return (b"\xff" * 6 + mac + b"\x08\x06" + head).ljust(60, b"\0")


KINDS = {
    "syn": lambda number: syn(somebody(), chance.randrange(1024, 65536)),
    "aligned": aligned,
    "udp": udp,
    "echo": echo,
    "arp": arp,
}

make, sent, began = KINDS[kind], 0, time.monotonic()
for number in range(count):
    try:
        sent += wire.send(make(number)) > 0
    except OSError:
        pass
print("%d frames in %.1f s" % (sent, time.monotonic() - began))
