"""What is running, and how long it will take: to standard error, in place on a terminal."""

import sys
import time

from schedule import Turn


class Progress:
    def __init__(self, turns: list[Turn], stream_seconds: int) -> None:
        self._repetitions = max(turn.repetition for turn in turns)
        self._stream_seconds = stream_seconds
        self._expected_left = sum(turn.seconds(stream_seconds) for turn in turns)
        self._expected_done = 0.0
        self._began = time.monotonic()
        self._in_place = sys.stderr.isatty()

    def begin(self, turn: Turn) -> None:
        what = turn.row.name
        if len(turn.parts) == 1:
            what = f"{turn.parts[0].name}: {what}"
        self._say(f"{what}, repetition {turn.repetition} of {self._repetitions}, {self._left()} left")

    def ended(self, turn: Turn) -> None:
        seconds = turn.seconds(self._stream_seconds)
        self._expected_left -= seconds
        self._expected_done += seconds

    def failed(self, turn: Turn, reason: str) -> None:
        self.end()
        where = f"{turn.row.name}, repetition {turn.repetition}"
        print(f"bench: {where}: {reason}", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._in_place:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _say(self, line: str) -> None:
        if self._in_place:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def _left(self) -> str:
        """By what was expected, and by how much longer or shorter it has taken until now."""
        seen = time.monotonic() - self._began
        pace = seen / self._expected_done if self._expected_done else 1
        seconds = round(self._expected_left * pace)
        return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"
