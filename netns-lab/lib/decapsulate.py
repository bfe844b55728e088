"""Takes the packets out of IPIP packets that come to this host, and gives them to its kernel by a TUN device.

usage: decapsulate.py DEVICE DIRECTOR...

Packets from other outer sources than the DIRECTORs are ignored. Prints `ready` when it listens.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000

device, directors = sys.argv[1], set(sys.argv[2:])
tunnel = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tunnel, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))
subprocess.run(["ip", "link", "set", device, "up"], check=True)
wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IPIP)
wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
print("ready", flush=True)
while True:
    packet, (source, _) = wire.recvfrom(65536)
    if source in directors:
        os.write(tunnel, packet[4 * (packet[0] & 15) :])
