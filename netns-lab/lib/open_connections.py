"""Opens COUNT connections one after another, keeps all open, prints the server that answered each.

usage: open_connections.py ADDRESS PORT COUNT
"""

import socket
import sys

address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connections = []
for _ in range(count):
    connection = socket.create_connection((address, port), timeout=5)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n")
    answer = b""
    while b"\r\n\r\nrs" not in answer or not answer.endswith(b"\n"):
        piece = connection.recv(4096)
        if not piece:
            sys.exit("the server closed the connection after: %r" % answer)
        answer += piece
    print(answer.rsplit(b"\r\n", 1)[1].decode().strip())
    connections.append(connection)
