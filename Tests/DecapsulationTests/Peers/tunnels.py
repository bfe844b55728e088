"""Sends UDP datagrams through tunnels to 127.0.0.1 and says which of them come out.

Every datagram is to 10.9.9.9, where this process listens, too. Writes a JSON object at the end: for each way of
sending, whether the datagram arrived, from the address that it was sent from.
"""

import json
import socket
import struct

HERE = socket.inet_aton("127.0.0.1")
CLIENT = socket.inet_aton("198.51.100.7")
VIRTUAL = socket.inet_aton("10.9.9.9")
GUE = 6080


def total(data):
    data += b"\0" * (len(data) & 1)
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return value


def packet(source, to, number, payload, fragment=0):
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 9, fragment, 64, number, 0) + source + to
    return head[:10] + struct.pack("!H", ~total(head) & 0xFFFF) + head[12:] + payload


def datagram(text, checksum):
    """A datagram in its packet; `checksum` is of what kind: whole, unfinished or wrong."""
    data = struct.pack("!HHHH", 40000, 5000, 8 + len(text), 0) + text
    pseudo = total(CLIENT + VIRTUAL + struct.pack("!HH", 17, len(data)))
    value = {"whole": ~total(struct.pack("!H", pseudo) + data), "unfinished": pseudo, "wrong": pseudo ^ 1}[checksum]
    data = data[:6] + struct.pack("!H", value & 0xFFFF) + data[8:]
    return packet(CLIENT, VIRTUAL, 17, data)


WRAPPINGS = {
    "ipip": (4, lambda inner: inner),
    "gre": (47, lambda inner: struct.pack("!HH", 0, 0x800) + inner),
    "gre-checksum": (47, lambda inner: struct.pack("!HHI", 0x8000, 0x800, 0) + inner),
    "gue": (17, lambda inner: struct.pack("!HHHHI", 40000, GUE, 12 + len(inner), 0, 0x40000) + inner),
}


def main():
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("10.9.9.9", 5000))
    listener.settimeout(10)

    def send(number, payload, fragment=0):
        sender.sendto(packet(HERE, HERE, number, payload, fragment), ("127.0.0.1", 0))

    arrived = []
    for name, (number, wrap) in WRAPPINGS.items():
        for checksum in ("wrong", "whole", "unfinished"):
            text = f"{name} {checksum}"
            send(number, wrap(datagram(text.encode(), checksum)))
            if checksum != "wrong":
                arrived.append([text, *listener.recvfrom(2000)])
        text = f"{name} in fragments"
        payload = wrap(datagram(text.encode() + bytes(100), "whole"))
        send(number, payload[:64], 0x2000)
        send(number, payload[64:], 8)
        arrived.append([text, *listener.recvfrom(2000)])
    print(json.dumps([[text, data.rstrip(b"\0").decode(), peer[0]] for text, data, peer in arrived]), flush=True)


main()
