"""Visits a site over and over, each time with a connection of its own.

usage: visits.py ADDRESS|NAME@RESOLVER INTERVAL WAIT [COUNT]

A name is looked up for each visit, and the answer's first address taken. Prints a line per visit:
when it began (seconds since 1970), the address, the server that answered or `failed`, and when it
ended. A visit fails that has to wait for WAIT seconds. The next one begins INTERVAL seconds after the
last one ended; without COUNT they go on until the program is ended.
"""

import itertools
import socket
import sys
import time

# No file is left beside the programs.
sys.dont_write_bytecode = True
from look_up import look_up

site, _, resolver = sys.argv[1].partition("@")
interval, wait = float(sys.argv[2]), float(sys.argv[3])
turns = range(int(sys.argv[4])) if len(sys.argv) > 4 else itertools.count()


def visit(address):
    try:
        with socket.create_connection((address, 80), timeout=wait) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while part := client.recv(4096):
                answer += part
    except OSError:
        return "failed"
    return answer.rpartition(b"\r\n")[2].decode().strip() or "failed"


for _ in turns:
    began = time.time()
    address = look_up(resolver, site)[1][0] if resolver else site
    outcome = visit(address)
    print("%.6f %s %s %.6f" % (began, address, outcome, time.time()), flush=True)
    time.sleep(interval)
