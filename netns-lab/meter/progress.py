"""What is running, and how long it will take: to standard error, in place on a terminal."""

import sys
import time

# What a row takes beside its streams: other measurements, starting and stopping.
STREAMS_OF_A_ROW, REST_SECONDS, REST_SHARE = 4, 2.0, 4.0


class Progress:
    def __init__(self, rows: int, repetitions: int, seconds: int) -> None:
        self._rows = rows
        self._repetitions = repetitions
        self._done = 0
        self._began = time.monotonic()
        self._guess = seconds * (STREAMS_OF_A_ROW + REST_SHARE) + REST_SECONDS
        self._in_place = sys.stderr.isatty()

    def begin(self, row: str, repetition: int) -> None:
        """`repetition` counts from 1."""
        self._say(f"{row}, repetition {repetition} of {self._repetitions}, {self._left()} left")
        self._done += 1

    def failed(self, row: str, repetition: int, reason: str) -> None:
        self.end()
        print(f"bench: {row}, repetition {repetition}: {reason}", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._in_place:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _say(self, line: str) -> None:
        if self._in_place:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def _left(self) -> str:
        elapsed = time.monotonic() - self._began
        each = elapsed / self._done if self._done else self._guess
        seconds = round(each * (self._rows * self._repetitions - self._done))
        return f"{seconds // 60} min {seconds % 60:02} s" if seconds >= 60 else f"{seconds} s"
