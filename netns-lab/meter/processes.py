"""Processes of a row: started in a node, and ended for certain."""

import os
import subprocess
import time
from pathlib import Path
from typing import Callable, TextIO

PATIENCE = 5.0


class MeasureError(Exception):
    """Why a row has no figures; one line."""


class ImpossibleError(Exception):
    """What this system lacks; one line."""


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise MeasureError(f"{what}: not so after {seconds:.0f} s")
        time.sleep(0.01)


class Process:
    """A process whose words go to `log`."""

    def __init__(self, name: str, log: Path, command: list[str]) -> None:
        self.name = name
        self._log_path = log
        self._log: TextIO = log.open("a")
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.pid = self._child.pid

    def check(self) -> None:
        """Complains with its last words if it has ended by itself."""
        if (code := self._child.poll()) is not None:
            words = self.said()
            last = words[-1] if words else "no word"
            raise MeasureError(f"{self.name} ended with {code}: {last}")

    def said(self) -> list[str]:
        """The lines of its log."""
        return self._log_path.read_text(errors="replace").strip().splitlines()

    def family(self) -> list[int]:
        """Its pid and those of its children."""
        return [self.pid] + [pid for pid in _all_pids() if _parent(pid) == self.pid]

    def stop(self) -> None:
        self._child.terminate()
        try:
            self._child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._log.close()


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _parent(pid: int) -> int | None:
    """The second field after the name, which may hold spaces and brackets."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return None
