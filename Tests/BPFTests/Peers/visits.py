"""Visits TCP listeners from the other end of a TUN, with options of the caller's choice.

Reads cases from standard input, one JSON object a line: `source`, `port` of the remote end, `family` of the
listener (4 or 6, which is for both), `handshake` and `data`: the options, in hexadecimal digits, of the packet
that completes the handshake and of the one with data. Answers a line each: what accept() said, and what
getpeername() says once the data has been read.

Both ends are in this process: the listener is an ordinary socket of the kernel's, the remote end writes and
reads packets. 10.2.0.1 is the listener's address.
"""

import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys

LISTENER = socket.inet_aton("10.2.0.1")
SYN, PSH, ACK = 2, 8, 16


def tunnel():
    """A TUN device that leads to every remote address."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, 0x400454CA, struct.pack("16sH", b"t0", 0x1001))
    for command in ("link set t0 up", "link set lo up", "addr add 10.2.0.1/32 dev t0", "route add default dev t0"):
        subprocess.run(["ip", *command.split()], check=True)
    return descriptor


def checksum(data):
    data += b"\0" * (len(data) & 1)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(source, ports, numbers, flags, options=b"", payload=b""):
    """A TCP segment to the listener in an IPv4 packet."""
    words = 5 + len(options) // 4
    header = struct.pack("!HHIIBBHHH", *ports, *numbers, words << 4, flags, 65535, 0, 0) + options
    pseudo = source + LISTENER + struct.pack("!HH", 6, len(header) + len(payload))
    header = header[:16] + struct.pack("!H", checksum(pseudo + header + payload)) + header[18:]
    length = 20 + len(header) + len(payload)
    outer = struct.pack("!BBHHHBBH", 0x45, 0, length, 1, 0, 64, 6, 0) + source + LISTENER
    return outer[:10] + struct.pack("!H", checksum(outer)) + outer[12:] + header + payload


def answer(descriptor, source, port):
    """The sequence number of the SYN-ACK for `source` and `port`."""
    while select.select([descriptor], [], [], 10)[0]:
        packet = os.read(descriptor, 65536)
        if packet[0] >> 4 != 4 or packet[9] != 6 or packet[16:20] != source:
            continue
        to, sequence, flags = struct.unpack("!2xHI5xB", packet[20:34])
        if to == port and flags & (SYN | ACK) == SYN | ACK:
            return sequence
    raise TimeoutError("no SYN-ACK")


def listener(family):
    kind = socket.AF_INET6 if family == 6 else socket.AF_INET
    made = socket.socket(kind)
    if family == 6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    made.bind(("::" if family == 6 else "0.0.0.0", 0))
    made.listen()
    made.settimeout(10)
    return made


def visit(descriptor, case):
    """What a server that is visited as `case` says sees."""
    source, port = socket.inet_aton(case["source"]), case["port"]
    with listener(case["family"]) as server:
        ports = (port, server.getsockname()[1])
        os.write(descriptor, segment(source, ports, (100, 0), SYN))
        numbers = (101, answer(descriptor, source, port) + 1 & 0xFFFFFFFF)
        os.write(descriptor, segment(source, ports, numbers, ACK, bytes.fromhex(case["handshake"])))
        connection, accepted = server.accept()
        with connection:
            connection.settimeout(10)
            options = bytes.fromhex(case["data"])
            os.write(descriptor, segment(source, ports, numbers, ACK | PSH, options, b"hello"))
            received = connection.recv(5)
            peer = connection.getpeername()
    assert received == b"hello", received
    return {"accepted": f"{accepted[0]}:{accepted[1]}", "peer": f"{peer[0]}:{peer[1]}"}


def main():
    descriptor = tunnel()
    for line in sys.stdin:
        print(json.dumps(visit(descriptor, json.loads(line))), flush=True)


main()
