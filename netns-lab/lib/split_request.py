"""Sends one request in two halves and makes other connections while it waits in its middle.

usage: split_request.py ADDRESS PORT LOCAL-PORT BODY-FILE OTHERS

Prints `split SERVER` as the answer names the server, and a line `other SERVER` for each connection
made between the halves.
"""

import http.client
import socket
import sys

address, port, local_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(sys.argv[4], "rb") as file:
    body = file.read()
others = int(sys.argv[5])
half = len(body) // 2

split = socket.create_connection((address, port), timeout=5, source_address=("", local_port))
split.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
head = "PUT /upload/split HTTP/1.1\r\nHost: vip\r\nContent-Length: %d\r\n\r\n" % len(body)
split.sendall(head.encode() + body[:half])

for _ in range(others):
    other = http.client.HTTPConnection(address, port, timeout=5)
    other.request("GET", "/")
    print("other", other.getresponse().getheader("X-Server"))
    other.close()

split.sendall(body[half:])
answer = http.client.HTTPResponse(split, method="PUT")
answer.begin()
if answer.status not in (201, 204):
    sys.exit("the split request was answered with status %d" % answer.status)
print("split", answer.getheader("X-Server"))
