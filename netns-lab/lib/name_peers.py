"""Answers each request with its client, as accept() and getpeername() tell it.

usage: name_peers.py PORT DUAL-STACK-PORT

One listener is of IPv4, the other of IPv6 for both. Prints `ready` when both listen.
"""

import socket
import sys
import threading


def text(peer):
    return "%s:%d" % (peer[0].removeprefix("::ffff:"), peer[1])


def serve(listener):
    while True:
        connection, accepted = listener.accept()
        with connection:
            connection.settimeout(5)
            request = b""
            while b"\r\n\r\n" not in request and (part := connection.recv(4096)):
                request += part
            peers = "%s %s\n" % (text(accepted), text(connection.getpeername()))
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + peers.encode())


listeners = [socket.create_server(("0.0.0.0", int(sys.argv[1])))]
listeners.append(socket.create_server(("::", int(sys.argv[2])), family=socket.AF_INET6, dualstack_ipv6=True))
for listener in listeners:
    threading.Thread(target=serve, args=(listener,)).start()
print("ready", flush=True)
