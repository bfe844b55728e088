"""Makes connections from the same few local ports over and over, as fast as they end.

usage: reuse_ports.py ADDRESS PORT[,PORT...] LOCAL-PORTS ROUNDS

In each round every local port asks each of the ports once, with HTTP/1.0: the server closes first, and its end
waits in TIME_WAIT when the next connection of the same four-tuple comes. Prints how many connections were
answered, by how many servers, and the longest time that one took to be established, in milliseconds.
"""

import socket
import sys
import time

address, ports = sys.argv[1], [int(port) for port in sys.argv[2].split(",")]
local_ports, rounds = int(sys.argv[3]), int(sys.argv[4])

answered, slowest, servers = 0, 0.0, set()
for turn in range(rounds):
    for local in range(22000, 22000 + local_ports):
        for port in ports:
            wire = socket.socket()
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            wire.settimeout(10)
            wire.bind(("", local))
            began = time.monotonic()
            wire.connect((address, port))
            slowest = max(slowest, time.monotonic() - began)
            wire.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while piece := wire.recv(65536):
                answer += piece
            wire.close()
            if answer.startswith(b"HTTP/1.1 200"):
                answered += 1
                servers.add(answer.split()[-1])
print(answered, len(servers), round(slowest * 1000))
