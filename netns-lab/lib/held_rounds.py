"""Rounds over many connections of one process: the same step on each, a few of them at a time."""

import errno
import select
import socket
import time

WAIT = 10.0
# Steps of one process that wait for their answer at a time.
WINDOW = 64
REQUEST = b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n"


class Held:
    """One connection: its socket, the server that answered it first, the step under way."""

    def __init__(self, client, local, site):
        self.wire = socket.socket()
        self.wire.setblocking(False)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wire.bind((client, local))
        self.site = site
        self.server = None
        self.ending = False
        self.began = 0.0
        self.answer = b""

    def ask(self):
        self.began, self.answer = time.monotonic(), b""
        if self.server is None:
            self.wire.connect_ex(self.site)
        else:
            self.wire.send(REQUEST)

    def end(self):
        self.began, self.ending = time.monotonic(), True
        self.wire.shutdown(socket.SHUT_WR)

    def proceed(self, events):
        """The outcome, or None while there is none."""
        if self.server is None and events & select.EPOLLOUT:
            self.server = b""
            self.wire.send(REQUEST)
            return None
        part = self.wire.recv(4096)
        if not part:
            return "answered" if self.ending else "wrong"
        self.answer += part
        head, _, server = self.answer.partition(b"\r\n\r\n")
        if not server.endswith(b"\n"):
            return None
        self.server = self.server or server
        return "answered" if head.startswith(b"HTTP/1.1 200") and server == self.server else "wrong"


def attempt(step, *arguments):
    """What `step` answers, or the outcome that its error is."""
    try:
        return step(*arguments)
    except BlockingIOError:
        return None
    except OSError as error:
        return "reset" if error.errno in (errno.ECONNRESET, errno.EPIPE) else "wrong"


def make_round(everyone, step):
    """Outcome and seconds of `step` on each of `everyone`.

    Outcomes: `answered` by the server of the first answer, or by the server's end; `reset`; `silent`
    for WAIT seconds; `wrong` otherwise.
    """
    results, coming, waiting = [], list(reversed(everyone)), {}
    poller = select.epoll()

    def settle(held, outcome):
        poller.unregister(held.wire)
        del waiting[held.wire.fileno()]
        results.append((outcome, time.monotonic() - held.began))

    while coming or waiting:
        while coming and len(waiting) < WINDOW:
            held = coming.pop()
            waiting[held.wire.fileno()] = held
            opening = held.server is None
            outcome = attempt(step, held)
            poller.register(held.wire, select.EPOLLOUT if opening else select.EPOLLIN)
            if outcome:
                settle(held, outcome)
        for descriptor, events in poller.poll(0.1):
            held = waiting[descriptor]
            outcome = attempt(held.proceed, events)
            if outcome:
                settle(held, outcome)
            elif events & select.EPOLLOUT:
                poller.modify(descriptor, select.EPOLLIN)
        limit = time.monotonic() - WAIT
        for held in [held for held in waiting.values() if held.began < limit]:
            settle(held, "silent")
    return results
