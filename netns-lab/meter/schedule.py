"""In which order rows and parts are measured.

Row after row, those to be compared lie a minute apart, and a shared machine is another one by then.
By figure, which is what is done unless asked otherwise, all rows take one part right after each
other, in an order of chance, before the next part begins: they are started anew for each.
"""

import random
from argparse import Namespace
from dataclasses import dataclass
from typing import Iterator

from measurements import Part, part_named
from rows import Row, row_named

ORDERS = ["figure", "row"]
# Starting, greeting and stopping a row.
STANDING_SECONDS = 0.8


@dataclass(frozen=True)
class Turn:
    """Parts that a row is measured in without being stopped; `repetition` counts from 1."""

    repetition: int
    row: Row
    parts: list[Part]

    def seconds(self, stream_seconds: int) -> float:
        """About how long it takes."""
        return STANDING_SECONDS + stream_seconds * sum(part.share for part in self.parts)


def turns(options: Namespace) -> list[Turn]:
    chance = random.Random(options.seed)
    rows = [row_named(name) for name in options.rows]
    parts = [part_named(name) for name in options.figures]
    together = [[part] for part in parts] if options.order == "figure" else [parts]
    return [
        turn
        for repetition in range(1, options.repetitions + 1)
        for group in together
        for turn in _group(repetition, chance.sample(rows, len(rows)), group)
    ]


def _group(repetition: int, rows: list[Row], parts: list[Part]) -> Iterator[Turn]:
    for row in rows:
        possible = [part for part in parts if row.carries_datagrams or not part.of_datagrams]
        if possible:
            yield Turn(repetition, row, possible)
