"""Visits a site at a steady rate, each time with a connection of its own, and tells each that fails.

usage: steady_visits.py ADDRESS PORT RATE WAIT

RATE visits a second begin at even distances, whatever becomes of those before. A visit is a request of
HTTP/1.0 and its whole answer; it fails that has to wait for WAIT seconds. Prints `begun` once, a line per
failed visit: when it began and when it failed (seconds since 1970), and why: refused, reset, silent,
broken (an end without an answer), late (it was answered after more than half a second, which a lost SYN
costs at least); and a line per server whenever it answers first or again after a second
without an answer: when, `answered`, its name. Ends with SIGTERM: visits under way are waited for, and the last
line is `N visits, N answered, N failed, longest N ms`.
"""

import errno
import select
import signal
import socket
import sys
import time

site, rate, wait = (sys.argv[1], int(sys.argv[2])), float(sys.argv[3]), float(sys.argv[4])
REQUEST = b"GET / HTTP/1.0\r\n\r\n"
WHY = {errno.ECONNREFUSED: "refused", errno.ECONNRESET: "reset", errno.EPIPE: "reset"}

poll = select.epoll()
visits = {}
answered = {}
count = {"visits": 0, "answered": 0, "failed": 0}
longest = 0.0
is_ending = False


class Visit:
    """One connection: `sent` once its request is on its way."""

    def __init__(self, now):
        self.began, self.sent, self.answer = now, False, b""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.socket.connect_ex(site)


def begin(now):
    visit = Visit(now)
    visits[visit.socket.fileno()] = visit
    poll.register(visit.socket, select.EPOLLOUT)
    count["visits"] += 1


def finish(visit, why=None):
    global longest
    now = time.time()
    del visits[visit.socket.fileno()]
    visit.socket.close()
    server = visit.answer.rpartition(b"\r\n")[2].decode(errors="replace").strip()
    if why is None and not server:
        why = "broken"
    if why:
        count["failed"] += 1
        print("%.6f %.6f %s" % (visit.began, now, why), flush=True)
        return
    count["answered"] += 1
    if now - visit.began > 0.5:
        print("%.6f %.6f late" % (visit.began, now), flush=True)
    longest = max(longest, now - visit.began)
    if now - answered.get(server, 0) > 1:
        print("%.6f answered %s" % (now, server), flush=True)
    answered[server] = now


def advance(visit, now):
    """Sends the request once the connection stands, and reads what there is of the answer."""
    try:
        if not visit.sent:
            code = visit.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                return finish(visit, WHY.get(code, "silent"))
            visit.socket.send(REQUEST)
            visit.sent = True
            poll.modify(visit.socket, select.EPOLLIN)
            return None
        part = visit.socket.recv(65536)
    except BlockingIOError:
        return None
    except OSError as error:
        return finish(visit, WHY.get(error.errno, "broken"))
    visit.answer += part
    return None if part else finish(visit)


def stop(*_):
    global is_ending
    is_ending = True


signal.signal(signal.SIGTERM, stop)
print("begun", flush=True)
start, number = time.monotonic(), 0
while not is_ending or visits:
    elapsed = time.monotonic() - start
    while not is_ending and number <= elapsed * rate:
        begin(time.time())
        number += 1
    pause = max(0.0, number / rate - elapsed) if not is_ending else 0.05
    for descriptor, _ in poll.poll(min(pause, 0.05)):
        if visit := visits.get(descriptor):
            advance(visit, time.time())
    now = time.time()
    # They began in this order.
    for visit in list(visits.values()):
        if visit.began + wait > now:
            break
        finish(visit, "silent")
print("%(visits)d visits, %(answered)d answered, %(failed)d failed," % count,
      "longest %d ms" % (1000 * longest), flush=True)
