"""Asks a name server for the addresses of a name.

usage: look_up.py SERVER NAME

Prints the TTL in seconds and the addresses in the order of the answer, in one line.
"""

import os
import socket
import struct
import sys

TRIES, WAIT = 3, 1.0
ADDRESS, INTERNET, RECURSION_DESIRED = 1, 1, 0x0100


def question(identity, name):
    labels = b"".join(bytes([len(label)]) + label for label in name.encode().split(b"."))
    head = struct.pack("!6H", identity, RECURSION_DESIRED, 1, 0, 0, 0)
    return head + labels + b"\0" + struct.pack("!2H", ADDRESS, INTERNET)


def after_name(message, place):
    """The place after the name at `place`, which ends with an empty label or a pointer."""
    while 0 < message[place] < 0xC0:
        place += 1 + message[place]
    return place + (2 if message[place] else 1)


def addresses(message):
    """The TTL and the addresses of an answer."""
    place = after_name(message, 12) + 4
    ttl, found = None, []
    for _ in range(struct.unpack_from("!H", message, 6)[0]):
        place = after_name(message, place)
        kind, _, ttl, length = struct.unpack_from("!2HIH", message, place)
        place += 10
        if kind == ADDRESS:
            found.append(socket.inet_ntoa(message[place : place + length]))
        place += length
    return ttl, found


def look_up(server, name):
    """The TTL and the addresses that `server` has for `name`; raises OSError without any."""
    for _ in range(TRIES):
        identity = int.from_bytes(os.urandom(2), "big")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            wire.settimeout(WAIT)
            wire.connect((server, 53))
            try:
                wire.send(question(identity, name))
                message = wire.recv(4096)
            except OSError:
                continue
        if message[:2] == identity.to_bytes(2, "big"):
            ttl, found = addresses(message)
            if found:
                return ttl, found
    raise OSError("no address from " + server)


if __name__ == "__main__":
    ttl, found = look_up(*sys.argv[1:3])
    print(ttl, *found)
