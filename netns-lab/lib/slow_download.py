"""Downloads a file of a site by one connection at a steady pace.

usage: slow_download.py ADDRESS PATH BYTES-PER-SECOND

Prints `begun` with the first byte, and at the end `N bytes` or why it ended before all were there.
"""

import socket
import sys
import time

address, path, pace = sys.argv[1], sys.argv[2], int(sys.argv[3])
PAUSE = 0.05

with socket.socket() as client:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
    client.connect((address, 80))
    client.sendall(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(1)
    wanted = int(head.lower().partition(b"content-length:")[2].split()[0])
    print("begun", flush=True)
    seen, began = 0, time.monotonic()
    try:
        while seen < wanted and (part := client.recv(min(wanted - seen, int(pace * PAUSE)))):
            seen += len(part)
            time.sleep(max(0.0, seen / pace - (time.monotonic() - began)))
        print("%d bytes" % seen, flush=True)
    except OSError as error:
        print("ended after %d bytes: %s" % (seen, error.strerror), flush=True)
