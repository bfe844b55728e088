"""Prints the IPv4 packets of a capture that are for an address, in a tunnel or not, a line each.

usage: tunnel_packets.py FILE ADDRESS

`MAC KIND SOURCE DESTINATION FRAGMENT TTL ISSUES INNER-TTL INNER`: the frame's source, `plain` or the kind
of tunnel, the outer header's fields (`-` of plain packets; FRAGMENT is `df` or `-`), what is wrong with
the outer checksums or `fine`, and the packet itself in hexadecimal but for its time to live and header
checksum, which the inner header's own must fit. The capture has to hold whole frames.
"""

import socket
import struct
import sys

path, address = sys.argv[1], socket.inet_aton(sys.argv[2])
octets = open(path, "rb").read()
assert octets[:4] == b"\xd4\xc3\xb2\xa1", "a capture of this machine's byte order is wanted"


def total(data):
    """The ones' complement sum, folded; 0xffff if `data` has its own right checksum in it."""
    data += b"\0" * (len(data) & 1)
    value = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return value


def opened(packet):
    """Kind, where the inner packet begins, and what is wrong; None if it is in no tunnel."""
    begin = 4 * (packet[0] & 15)
    if packet[9] == 4:
        return "ipip", begin, []
    if packet[9] == 47:
        if packet[begin : begin + 4] == b"\0\0\x08\0":
            return "gre", begin + 4, []
        assert packet[begin : begin + 4] == b"\x80\0\x08\0", packet[begin : begin + 4]
        return "gre+checksum", begin + 8, [] if total(packet[begin:]) == 0xFFFF else ["gre"]
    if packet[9] == 17 and packet[begin + 2 : begin + 4] == struct.pack("!H", 6080):
        kind = "gue+checksum" if packet[begin + 6 : begin + 8] != b"\0\0" else "gue"
        pseudo = packet[12:20] + b"\0\x11" + packet[begin + 4 : begin + 6]
        wrong = kind != "gue" and total(pseudo + packet[begin:]) != 0xFFFF
        issues = ["udp"] if wrong else []
        if struct.unpack("!H", packet[begin + 4 : begin + 6])[0] != len(packet) - begin:
            issues.append("udp-length")
        assert packet[begin + 8 : begin + 12] == b"\0\x04\0\0", packet[begin + 8 : begin + 12]
        return kind, begin + 12, issues
    return None


place = 24
while place < len(octets):
    length, full = struct.unpack("<II", octets[place + 8 : place + 16])
    frame = octets[place + 16 : place + 16 + length]
    place += 16 + length
    assert length == full, "a frame was cut"
    if frame[12:14] != b"\x08\0":
        continue
    packet = frame[14 : 14 + struct.unpack("!H", frame[16:18])[0]]
    tunnel = opened(packet)
    inner = packet[tunnel[1] :] if tunnel else packet
    if inner[16:20] != address:
        continue
    issues = tunnel[2] if tunnel else []
    for name, header in (("ip", packet), ("inner", inner)):
        if total(header[: 4 * (header[0] & 15)]) != 0xFFFF:
            issues.append(name)
    outer = ["plain", "-", "-", "-", "-"]
    if tunnel:
        ends = socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20])
        field = struct.unpack("!H", packet[6:8])[0]
        assert field & 0x3FFF == 0, "a fragment"
        outer = [tunnel[0], *ends, "df" if field & 0x4000 else "-", str(packet[8])]
    masked = (inner[:8] + b"\0" + inner[9:10] + b"\0\0" + inner[12:]).hex()
    print(frame[6:12].hex(":"), *outer, "+".join(issues) or "fine", inner[8], masked)
