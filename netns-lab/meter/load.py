"""A row that stands: servers, forwarder, and the clock of their processor time."""

import struct
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import ContextManager, Iterator

from cpu import Clock, Spent
from lab import ANSWER_PORT, ECHO_PORT, Lab
from peers import Forwarder
from processes import PATIENCE, MeasureError, Process
from rows import Row
from takings import Takings

# Connections before anything counts, and the seconds of one try.
GREETINGS, GREETINGS_AT_ONCE, GREETING_SECONDS = 1000, 48, 0.1


@dataclass
class Load:
    """Ready to be measured; `carried` counts the bytes that its ends received by way of the
    forwarder, `bypassing` those of replies that it should not see.
    """

    lab: Lab
    row: Row
    forwarder: Forwarder
    clock: Clock
    seconds: int
    takings: Takings
    carried: int = 0
    bypassing: int = 0

    def cost(self, what: str, spent: Spent, units: float) -> None:
        self.takings.cost(what, spent, units, has_forwarder=bool(self.forwarder.processes))

    def carry(self, count: int, by_server: bool = False) -> None:
        if by_server and not self.row.sees_replies:
            self.bypassing += count
        else:
            self.carried += count

    def serving(self, name: str, port: int, command: list[str]) -> ContextManager[Process]:
        return serving(self.lab, self.row.server, name, port, command)

    def received(self) -> int:
        """Datagrams that the sink has got so far."""
        return struct.unpack("=Q", (self.lab.state / "sink.count").read_bytes())[0]


@contextmanager
def standing(lab: Lab, row: Row, seconds: int, takings: Takings) -> Iterator[Load]:
    """Everything is fresh, stopped at the end, and must not have ended by itself before."""
    program, counter = (str(lab.state / word) for word in ("traffic", "sink.count"))
    command = [program, "serve", str(ECHO_PORT), counter]
    with ExitStack() as started:
        server = started.enter_context(serving(lab, row.server, "traffic", ECHO_PORT, command))
        forwarder = row.start(lab)
        started.callback(forwarder.stop)
        _greet(lab, forwarder)
        clock = Clock(forwarder.pids(), [server.pid])
        yield Load(lab, row, forwarder, clock, seconds, takings)
        for process in [server, *forwarder.processes]:
            process.check()


def _greet(lab: Lab, forwarder: Forwarder) -> None:
    """Neighbours learn of each other, and programs get the memory that they will use: the kernel
    clears it when it is first touched.
    """
    done, deadline = 0.0, time.monotonic() + PATIENCE
    while done < GREETINGS:
        if time.monotonic() > deadline:
            raise MeasureError(f"{done:.0f} connections after {PATIENCE:.0f} s")
        seen = lab.traffic(
            "connections", forwarder.address, ANSWER_PORT, GREETING_SECONDS, str(GREETINGS_AT_ONCE)
        )
        done += seen["connections"]


@contextmanager
def serving(
    lab: Lab, node: str, name: str, port: int, command: list[str]
) -> Iterator[Process]:
    """A server in a node, from when it listens."""
    process = lab.start(name, node, command)
    try:
        lab.await_port(process, port)
        yield process
    finally:
        process.stop()
