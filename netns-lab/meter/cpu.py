"""Processor time, in seconds, of the row's processes and of everything that the run keeps busy."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path


def _seconds_of(pid: int) -> float:
    """All threads of a process (first field of schedstat: nanoseconds); 0 once it is gone."""
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[0])
        except OSError:
            pass
    return total / 1e9


def _kernel_threads() -> list[int]:
    """ksoftirqd of each processor: where the kernel puts work that nobody's time slice holds."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and Path(f"/proc/{name}/comm").read_text().startswith("ksoftirqd/"):
                found.append(int(name))
        except OSError:
            pass
    return found


@dataclass
class Spent:
    """Between two readings: the forwarder's own, and in total."""

    forwarder: float
    total: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.forwarder + other.forwarder, self.total + other.total)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.forwarder - other.forwarder, self.total - other.total)


class Clock:
    """Counts forwarder, servers, ksoftirqd, and every program of the load that has ended.

    What others do on the machine is left out, but for the packets that they happen to carry on
    behalf of the kernel.
    """

    def __init__(self, forwarder: list[int], servers: list[int]) -> None:
        self._forwarder = forwarder
        self._others = servers + _kernel_threads()
        self._before = self._read()

    def _read(self) -> Spent:
        own = sum(map(_seconds_of, self._forwarder))
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        total = own + sum(map(_seconds_of, self._others)) + ended.ru_utime + ended.ru_stime
        return Spent(own, total)

    def lap(self) -> Spent:
        """Since the last call, or since the beginning."""
        now = self._read()
        spent, self._before = now - self._before, now
        return spent
