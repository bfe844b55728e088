"""Opens connections that make one request each, says `ready`, and keeps them until the program is ended.

usage: idle_connections.py ADDRESS PORT COUNT
"""

import signal
import socket
import sys

address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connections = []
for _ in range(count):
    connection = socket.create_connection((address, port), timeout=5)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n")
    if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
        sys.exit("a request was not answered")
    connections.append(connection)
print("ready", flush=True)
signal.pause()
