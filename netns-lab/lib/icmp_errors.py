"""Sends datagrams, or opens a connection, and prints the ICMP errors that come back for it.

usage: icmp_errors.py udp|tcp ADDRESS PORT [TTL [COUNT [LENGTH]]]

Prints a line for each error, `TYPE/CODE INFORMATION from ADDRESS` (the information is the MTU of 3/4),
then what the socket was told: `connected`, or the name of its error. Waits two seconds for the error of
the last datagram, and six for a connection. Local ports are below those that the kernel gives.
"""

import errno
import os
import select
import socket
import struct
import sys
import time

IP_RECVERR, MSG_ERRQUEUE, SO_EE_ORIGIN_ICMP = 11, 0x2000, 2

kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
ttl = int(sys.argv[4]) if len(sys.argv) > 4 else 64
count = int(sys.argv[5]) if len(sys.argv) > 5 else 1
datagram = bytes(int(sys.argv[6])) if len(sys.argv) > 6 else b"x"


def print_errors(wire):
    """Prints what is queued; answers the error number of the last one, or 0."""
    told = 0
    while True:
        try:
            _, controls, _, _ = wire.recvmsg(512, 512, MSG_ERRQUEUE)
        except BlockingIOError:
            return told
        for level, name, data in controls:
            if (level, name) != (socket.IPPROTO_IP, IP_RECVERR):
                continue
            told, origin, type_, code, _, information, _ = struct.unpack("IBBBBII", data[:16])
            if origin == SO_EE_ORIGIN_ICMP:
                offender = socket.inet_ntoa(data[20:24])
                print("%d/%d %d from %s" % (type_, code, information, offender))


def settle(wire, seconds):
    """What the socket is told within so many seconds, after its errors were printed."""
    deadline = time.monotonic() + seconds
    poll = select.poll()
    poll.register(wire, select.POLLOUT if kind == "tcp" else select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        if not poll.poll(left * 1000):
            break
        # Reading the queue clears the socket's own error.
        told = print_errors(wire) or wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if told:
            return errno.errorcode[told]
        if kind == "tcp":
            return "connected"
        try:
            wire.recv(65536)
        except BlockingIOError:
            continue
        return "answered"
    return "silence"


style = socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM
wire = socket.socket(socket.AF_INET, style)
wire.setblocking(False)
wire.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
wire.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
for local in range(20000 + os.getpid() % 10000, 32700):
    try:
        wire.bind(("", local))
        break
    except OSError:
        pass
wire.connect_ex((address, port))
if kind == "tcp":
    print(settle(wire, 6))
else:
    for _ in range(count):
        try:
            wire.send(datagram)
        except OSError:
            # The error of an earlier datagram; this one was not sent.
            wire.send(datagram)
    print(settle(wire, 2))
    print_errors(wire)
