"""Servers that a check may meet, each on a port of its own.

usage: hostile_server.py ADDRESS CERTIFICATE KEY

    9001 accepts and never answers        9002 answers a byte a second, for ever
    9003 answers without end              9004 closes in the middle of the header
    9005 speaks TLS with CERTIFICATE      9006 speaks no TLS where TLS is wanted
    9007 answers a header without end     9008 resets each connection at once
"""

import socket
import ssl
import struct
import sys
import threading
import time

address, certificate, key = sys.argv[1:4]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def silent(client):
    client.recv(1)
    while client.recv(65536):
        pass


def drip(client):
    for byte in OK + b"X-Pad: " + b"a" * 100000:
        client.sendall(bytes([byte]))
        time.sleep(1)


def flood(client):
    client.recv(65536)
    client.sendall(OK + b"Content-Length: 10737418240\r\n\r\n")
    while True:
        client.sendall(bytes(1 << 20))


def half(client):
    client.recv(65536)
    client.sendall(OK[:20])


def secure(client):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with context.wrap_socket(client, server_side=True) as inside:
        inside.recv(65536)
        inside.sendall(OK + b"Content-Length: 3\r\n\r\nok\n")


def garbage(client):
    client.recv(1)
    client.sendall(b"\x16\x03\x03\xff\xff" + b"\xa5" * 4096)


def header(client):
    client.recv(65536)
    client.sendall(OK)
    while True:
        client.sendall(b"X-More: " + b"b" * 8000 + b"\r\n")


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def serve(listener, manner):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=attend, args=(client, manner), daemon=True).start()


def attend(client, manner):
    try:
        with client:
            manner(client)
    except OSError:
        pass


for port, manner in enumerate([silent, drip, flood, half, secure, garbage, header, reset], 9001):
    listener = socket.create_server((address, port), backlog=128)
    threading.Thread(target=serve, args=(listener, manner), daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
