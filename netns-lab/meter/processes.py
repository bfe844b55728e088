"""Processes of a row: started in a node, recorded as the lab's own are, and ended for certain."""

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
    """A process in a node; what it says goes to the lab's `logs/NAME.log`.

    Its record in `processes/NAME` (pid, start time in ticks, boot) lets the lab end it should this
    program be killed.
    """

    def __init__(self, state: Path, name: str, command: list[str]) -> None:
        self.name = name
        self._record = state / "processes" / name
        self._log_path = state / "logs" / f"{name}.log"
        self._log: TextIO = self._log_path.open("a")
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.pid = self._child.pid
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        self._record.write_text(f"{self.pid} {_fields(self.pid)[19]} {boot}\n")

    def check(self) -> None:
        """Complains with its last words if it has ended by itself."""
        if (code := self._child.poll()) is not None:
            words = self._log_path.read_text(errors="replace").strip().splitlines()
            last = words[-1] if words else "no word"
            raise MeasureError(f"{self.name} ended with {code}: {last}")

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
        self._record.unlink(missing_ok=True)


def _all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on; the name before may hold spaces and brackets."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def _parent(pid: int) -> int | None:
    try:
        return int(_fields(pid)[1])
    except OSError:
        return None
