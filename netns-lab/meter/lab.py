"""The lab that stands while the bench runs (labs/bench.sh), as the bench uses it."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from processes import MeasureError, Process, wait_for

ECHO_PORT, ANSWER_PORT, STREAM_PORT = 7000, 7001, 5201
SPARE_SECONDS = 10


@dataclass
class Lab:
    """Names and addresses come from the environment, where the lab's shell half put them."""

    name: str
    state: Path
    director: str
    label: str = ""

    @staticmethod
    def of_environment() -> "Lab":
        return Lab(os.environ["LAB_NAME"], Path(os.environ["STATE"]), os.environ["DIRECTOR"])

    def __getitem__(self, word: str) -> str:
        return os.environ[word]

    def inside(self, node: str, command: list[str]) -> list[str]:
        """The command in a node; it does not outlive this program, however this one ends."""
        namespace = f"--net=/run/netns/{self.name}-{node}"
        return ["setpriv", "--pdeathsig", "TERM", "--", "nsenter", namespace, "--", *command]

    def start(self, name: str, node: str, command: list[str]) -> Process:
        """Its log carries the label: repetition and row."""
        log = self.state / "logs" / f"{self.label}-{name}.log"
        return Process(name, log, self.inside(node, command))

    def run(self, node: str, command: list[str], seconds: float = 0) -> str:
        """What the command prints; it may take `seconds` and some more."""
        what = " ".join(Path(word).name for word in command[:2])
        entered, patience = self.inside(node, command), seconds + SPARE_SECONDS
        try:
            done = subprocess.run(entered, capture_output=True, text=True, timeout=patience)
        except subprocess.TimeoutExpired:
            raise MeasureError(f"{what} took over {patience:.0f} s") from None
        if done.returncode != 0:
            raise MeasureError(f"{what} failed: {_reason(done.stderr + done.stdout)}")
        return done.stdout

    def traffic(
        self, mode: str, address: str, port: int, seconds: float, *more: str
    ) -> dict[str, float]:
        """A mode of traffic/main.c at the client."""
        program = str(self.state / "traffic")
        command = [program, mode, address, str(port), f"{seconds:.3f}", *more]
        return json.loads(self.run("client", command, seconds))

    def tap_attached(self, tap: str = "lb1-wan") -> bool:
        """Whether a program holds the TAP: it has a carrier then."""
        shown = self.run("sw-wan", ["ip", "link", "show", "dev", tap])
        return "LOWER_UP" in shown

    def await_port(self, process: Process, port: int) -> None:
        """Until somebody listens at `port` in the process's node."""

        def listens() -> bool:
            process.check()
            sockets = Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
            lines = [line.split() for line in sockets]
            return any(line[1].endswith(f":{port:04X}") and line[3] == "0A" for line in lines)

        wait_for(listens, f"{process.name} listens at port {port}")


def _reason(said: str) -> str:
    """The line that speaks of an error, or else the first."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line.lower()), (lines or ["no word"])[0])
