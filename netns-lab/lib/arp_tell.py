"""Tells others by ARP that an address is ours, which it need not be.

usage: arp_tell.py INTERFACE claim ADDRESS COUNT
       arp_tell.py INTERFACE answer ADDRESS

`claim` broadcasts COUNT requests of ADDRESS for itself, 20 ms apart. `answer` prints `ready` and then
answers every request for ADDRESS 50 ms after it came, so that the owner is first, with a line for each.
"""

import socket
import struct
import sys
import time

PACE, DELAY = 0.02, 0.05
REQUEST, REPLY = 1, 2

interface, action, address_text = sys.argv[1:4]
address = socket.inet_aton(address_text)
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
wire.bind((interface, 0x0806))
own = wire.getsockname()[4]


def tell(operation, destination, target):
    packet = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    packet += own + address + destination + target
    wire.send((destination + own + b"\x08\x06" + packet).ljust(60, b"\0"))


if action == "claim":
    for _ in range(int(sys.argv[4])):
        tell(REQUEST, b"\xff" * 6, address)
        time.sleep(PACE)
else:
    print("ready", flush=True)
    while True:
        frame = wire.recv(2048)
        operation = struct.unpack("!H", frame[20:22])[0]
        if operation == REQUEST and frame[38:42] == address and frame[6:12] != own:
            time.sleep(DELAY)
            tell(REPLY, frame[22:28], frame[28:32])
            print("answered", socket.inet_ntoa(frame[28:32]), flush=True)
