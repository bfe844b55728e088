"""one_port.py ADDRESS FIRST COUNT PORT...: from each of COUNT local ports, one after the other, a GET to each
PORT of ADDRESS over a connection of its own; prints the answers that came within 0.9 s."""

import socket
import sys

address, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
answered = 0
for local in range(first, first + count):
    for port in map(int, sys.argv[4:]):
        with socket.socket() as client:
            # The last connection of this port may not be over for the client's kernel.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            client.settimeout(0.9)
            client.bind(("", local))
            try:
                client.connect((address, port))
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = b""
                while part := client.recv(4096):
                    answer += part
            except OSError as error:
                print(f"{local} to {port}: {error}", file=sys.stderr)
                continue
            answered += answer.startswith(b"HTTP/1.1 200")
print(answered)
