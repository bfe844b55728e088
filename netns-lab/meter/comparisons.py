"""Ratios of one row to another, and what they should reach.

A ratio is taken within each repetition, where both rows met the same machine; the median over the
repetitions counts, and least and greatest tell how far to trust it.
"""

import statistics
from dataclasses import dataclass, field
from typing import NamedTuple

from figures import FIGURES
from takings import Takings


@dataclass
class Measured:
    """A row in one repetition; `failures` say why figures are missing."""

    repetition: int
    row: str
    load_average: float
    seconds: float = 0
    takings: Takings = field(default_factory=Takings)
    failures: list[str] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, float]:
        return self.takings.figures


class Ratio(NamedTuple):
    median: float
    least: float
    greatest: float


class Target(NamedTuple):
    """What a row's ratio against another should be: at least, or at most, the bound."""

    row: str
    against: str
    figure: str
    at_least: bool
    bound: float

    def is_met(self, ratio: Ratio) -> bool:
        return ratio.median >= self.bound if self.at_least else ratio.median <= self.bound


PAIRS = [
    ("tapvs", "c"),
    ("tapvs", "direct"),
    ("tapvs", "nft"),
    ("tapvs", "haproxy"),
    ("tapvs", "nginx"),
    ("tapvs-off", "c-off"),
    ("tapvs", "tapvs-off"),
    ("dr", "direct"),
    ("dr", "tapvs"),
    ("tunnel", "tapvs-off"),
    ("tunnel", "dr"),
    ("fullnat", "tapvs"),
    ("fullnat-ts", "tapvs"),
    ("toa", "fullnat"),
    ("tapvs", "ipvs"),
    ("dr", "ipvs-dr"),
    ("tunnel", "ipvs-tun"),
]

ONE_STREAM = ("one-stream-up", "one-stream-down")
EIGHT_STREAMS = ("eight-streams-up", "eight-streams-down")
# Downloads do not pass a director that sees requests alone.
AHEAD = ("connections", "one-stream-up", "datagrams-unlimited")
AT_LEAST = [
    ("tapvs", "c", 0.95, ONE_STREAM + EIGHT_STREAMS + ("connections", "datagrams")),
    ("tapvs", "haproxy", 2.5, ONE_STREAM),
    ("tapvs", "haproxy", 1.35, EIGHT_STREAMS),
    ("tapvs", "haproxy", 1.1, ("connections",)),
    ("tapvs", "nft", 0.85, ONE_STREAM),
    ("tapvs", "nft", 0.88, ("connections",)),
    ("tapvs", "nginx", 2.3, ONE_STREAM),
    ("tapvs", "nginx", 1.1, ("connections",)),
    ("tapvs", "nginx", 2.4, ("datagrams",)),
    ("dr", "direct", 0.88, ("connections",)),
    ("dr", "direct", 0.9, ("one-stream-down",)),
    ("tunnel", "tapvs-off", 0.8, ("one-stream-up",)),
    ("tunnel", "dr", 0.9, ("one-stream-down",)),
    ("fullnat", "tapvs", 0.9, ("connections",) + ONE_STREAM),
    ("fullnat-ts", "tapvs", 0.9, ("connections",) + ONE_STREAM),
    ("toa", "fullnat", 0.95, ("connections",)),
    ("tapvs", "ipvs", 1, AHEAD + ("one-stream-down",)),
    ("dr", "ipvs-dr", 1, AHEAD),
    ("tunnel", "ipvs-tun", 1, AHEAD),
]
AT_MOST = [
    ("tapvs", "c", 1.10, ("cpu-per-gigabyte", "cpu-per-connection", "cpu-per-datagram")),
    ("tapvs", "haproxy", 0.65, ("total-cpu-per-gigabyte",)),
    ("tapvs", "ipvs", 1, ("cpu-per-datagram",)),
    ("dr", "ipvs-dr", 1, ("cpu-per-datagram",)),
    ("tunnel", "ipvs-tun", 1, ("cpu-per-datagram",)),
]
TARGETS = sorted(
    (
        Target(row, against, figure, at_least, bound)
        for at_least, lines in ((True, AT_LEAST), (False, AT_MOST))
        for row, against, bound, figures in lines
        for figure in figures
    ),
    key=lambda target: PAIRS.index((target.row, target.against)),
)


def medians(measured: list[Measured], row: str) -> dict[str, float]:
    """Of each figure that the row has."""
    found = {}
    for figure in FIGURES:
        key = figure.key
        values = [one.figures[key] for one in measured if one.row == row and key in one.figures]
        if values:
            found[key] = statistics.median(values)
    return found


def ratio(measured: list[Measured], own: str, other: str, figure: str) -> Ratio | None:
    """`None` where no repetition has both, or nothing was spent."""
    by_place = {(one.repetition, one.row): one.figures.get(figure) for one in measured}
    quotients = []
    for repetition in sorted({one.repetition for one in measured}):
        above, below = by_place.get((repetition, own)), by_place.get((repetition, other))
        if above and below:
            quotients.append(above / below)
    if not quotients:
        return None
    return Ratio(statistics.median(quotients), min(quotients), max(quotients))
