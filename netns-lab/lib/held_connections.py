"""Opens connections, keeps them all, and makes a request on each of them whenever it is told to.

usage: held_connections.py ADDRESS PORT EACH CLIENT-ADDRESS...

EACH connections from the ports 10000 on of every CLIENT-ADDRESS, by one process for each address.
A round is a request on every connection; the first one is made as they are opened, another one on
each SIGUSR1. Prints a line per round: how many requests were answered by the server that the first
one was answered by, how many connections were reset, how many requests had no answer after ten
seconds, how many went wrong otherwise, and how long the answers took.
"""

import errno
import os
import select
import signal
import socket
import sys
import time

WAIT = 10.0
FIRST_PORT = 10000
# Requests of one process that wait for an answer at a time.
WINDOW = 64
REQUEST = b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n"

address, port, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
clients = sys.argv[4:]


class Held:
    """One connection: its socket, the server that answered it first, the request under way."""

    def __init__(self, client, local):
        self.wire = socket.socket()
        self.wire.setblocking(False)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wire.bind((client, local))
        self.server = None
        self.began = 0.0
        self.answer = b""

    def begin(self):
        self.began, self.answer = time.monotonic(), b""
        if self.server is None:
            self.wire.connect_ex((address, port))
        else:
            self.wire.send(REQUEST)

    def proceed(self, events):
        """The outcome, or None while there is none."""
        if self.server is None and events & select.EPOLLOUT:
            self.server = b""
            self.wire.send(REQUEST)
            return None
        part = self.wire.recv(4096)
        self.answer += part
        if not part:
            return "wrong"
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


def make_round(everyone):
    """Outcome and seconds of a request on each of `everyone`, WINDOW of them at a time."""
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
            outcome = attempt(held.begin)
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


def hold(client, commands, reports):
    """A process for one client address: a round for each byte that comes."""
    everyone = [Held(client, FIRST_PORT + number) for number in range(each)]
    while os.read(commands, 1):
        lines = ["%s %.6f\n" % result for result in make_round(everyone)]
        with os.fdopen(os.dup(reports), "w") as report:
            report.writelines(lines + ["end\n"])


def start(client):
    """The two pipes of a process for `client`."""
    commands, reports = os.pipe(), os.pipe()
    if os.fork() == 0:
        os.close(commands[1])
        hold(client, commands[0], reports[1])
        os._exit(0)
    os.close(commands[0])
    os.close(reports[1])
    return commands[1], os.fdopen(reports[0])


def report_round(number, holders):
    for commands, _ in holders:
        os.write(commands, b"x")
    counts, times = dict.fromkeys(("answered", "reset", "silent", "wrong"), 0), []
    for _, reports in holders:
        for line in iter(reports.readline, "end\n"):
            outcome, seconds = line.split()
            counts[outcome] += 1
            times.append(1000 * float(seconds))
    times.sort()
    shares = tuple(times[min(len(times) - 1, len(times) * share // 100)] for share in (50, 99, 100))
    print("round %d:" % number, *("%d %s," % (counts[key], key) for key in counts),
          "p50 %.1f ms, p99 %.1f ms, longest %.1f ms" % shares, flush=True)


signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
holders = [start(client) for client in clients]
for number in range(1, sys.maxsize):
    report_round(number, holders)
    signal.sigwaitinfo({signal.SIGUSR1})
