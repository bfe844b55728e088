"""Opens connections, keeps them all, and makes a request on each of them whenever it is told to.

usage: held_connections.py ADDRESS PORT EACH CLIENT-ADDRESS...

EACH connections from the ports 10000 on of every CLIENT-ADDRESS, by one process for each address.
A round is a request on every connection: the first one as they are opened, another one on each
SIGUSR1; on SIGUSR2 it is the end of every connection. Prints a line per round: how many connections
were answered by their own server, reset, silent for ten seconds, or wrong otherwise, and how long it
took.
"""

import os
import signal
import sys

# No file is left beside the programs.
sys.dont_write_bytecode = True
from held_rounds import Held, make_round

FIRST_PORT = 10000
STEPS = {signal.SIGUSR1: Held.ask, signal.SIGUSR2: Held.end}

site, each, clients = (sys.argv[1], int(sys.argv[2])), int(sys.argv[3]), sys.argv[4:]


def hold(client, commands, reports):
    """A process for one client address: a round for each signal number that comes."""
    everyone = [Held(client, FIRST_PORT + number, site) for number in range(each)]
    while command := os.read(commands, 1):
        lines = ["%s %.6f\n" % result for result in make_round(everyone, STEPS[command[0]])]
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


def report_round(number, command, holders):
    for commands, _ in holders:
        os.write(commands, bytes([command]))
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
signal.pthread_sigmask(signal.SIG_BLOCK, STEPS)
holders = [start(client) for client in clients]
command = signal.SIGUSR1
for number in range(1, sys.maxsize):
    report_round(number, command, holders)
    command = signal.sigwaitinfo(STEPS).si_signo
