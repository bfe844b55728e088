"""Makes an HTTP request that tells a false client address in a TCP option, and prints the answer's body.

usage: forged_option.py INTERFACE ROUTER-MAC OWN-ADDRESS ADDRESS PORT FALSE-ADDRESS FALSE-PORT

The option is the one by which directors tell servers of clients: of kind 254, in every segment behind the SYN.
OWN-ADDRESS is nobody's; questions for it are answered here, so that no kernel resets the connection.
"""

import os
import socket
import struct
import sys
import time

interface, router_mac, own, address = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4]
port, false_address, false_port = int(sys.argv[5]), sys.argv[6], int(sys.argv[7])
FIN, SYN, PUSH, ACK = 1, 2, 8, 16
SECONDS = 3

source, target = socket.inet_aton(own), socket.inet_aton(address)
option = struct.pack("!BBH4s", 254, 8, false_port, socket.inet_aton(false_address))
local, first = 30000 + os.getpid() % 2000, int.from_bytes(os.urandom(4), "big")
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
wire.bind((interface, 0))
own_mac = wire.getsockname()[4]


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


def send(flags, sequence, answer, options=b"", payload=b""):
    words = (20 + len(options)) // 4
    head = struct.pack("!HHIIBBHHH", local, port, sequence % 2**32, answer, words << 4, flags, 64240, 0, 0)
    segment = head + options + payload
    sums = source + target + struct.pack("!HH", socket.IPPROTO_TCP, len(segment)) + segment
    segment = segment[:16] + checksum(sums) + segment[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, socket.IPPROTO_TCP, 0)
    ip += source + target
    ip = ip[:10] + checksum(ip) + ip[12:]
    wire.send(bytes.fromhex(router_mac.replace(":", "")) + own_mac + b"\x08\x00" + ip + segment)


def answer_question(frame):
    """An ARP request for our address."""
    if frame[20:22] == b"\0\1" and frame[38:42] == source:
        packet = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + own_mac + source + frame[22:32]
        wire.send(frame[6:12] + own_mac + b"\x08\x06" + packet)


def segments():
    """Flags, sequence number and payload of each segment that comes to us."""
    deadline = time.monotonic() + SECONDS
    while (left := deadline - time.monotonic()) > 0:
        wire.settimeout(left)
        frame = wire.recv(65536)
        if frame[12:14] == b"\x08\x06":
            answer_question(frame)
        elif frame[12:14] == b"\x08\x00" and frame[26:34] == target + source:
            packet = frame[14 : 14 + struct.unpack("!H", frame[16:18])[0]]
            segment = packet[4 * (packet[0] & 15) :]
            from_port, to_port, sequence = struct.unpack("!HHI", segment[:8])
            if (from_port, to_port) == (port, local):
                yield segment[13], sequence, segment[4 * (segment[12] >> 4) :]



send(SYN, first, 0, b"\x02\x04\x05\xb4")
answer, expected = b"", None
for flags, sequence, payload in segments():
    if flags & SYN:
        expected = (sequence + 1) % 2**32
        send(ACK, first + 1, expected, option)
        request = b"GET /seen HTTP/1.0\r\n\r\n"
        send(ACK | PUSH, first + 1, expected, option, request)
    elif sequence == expected:
        answer += payload
        expected = (expected + len(payload) + (flags & FIN)) % 2**32
        after = first + 1 + len(request)
        send(ACK | (flags & FIN), after, expected, option)
        if flags & FIN:
            break
print(answer.partition(b"\r\n\r\n")[2].decode().strip())
