"""The run as JSON."""

import os
from argparse import Namespace
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from comparisons import PAIRS, TARGETS, Measured, Ratio, Target, medians, ratio
from figures import FIGURES, keys_of


@dataclass
class Run:
    """What was asked, what was seen, and on what machine."""

    options: Namespace
    measured: list[Measured] = field(default_factory=list)
    began: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat("T", "seconds"))
    load_before: tuple[float, ...] = field(default_factory=os.getloadavg)

    def pairs(self) -> list[tuple[str, str]]:
        rows = self.options.rows
        return [(own, other) for own, other in PAIRS if own in rows and other in rows]

    def ratio(self, own: str, other: str, figure: str) -> Ratio | None:
        return ratio(self.measured, own, other, figure)

    def targets(self) -> list[Target]:
        """Of the rows and figures that were asked for."""
        pairs, keys = self.pairs(), keys_of(self.options.figures)
        return [
            target
            for target in TARGETS
            if (target.row, target.against) in pairs and target.figure in keys
        ]

    def place(self, repetition: int, row: str) -> Measured:
        """What a row takes in a repetition goes there; new with its first part."""
        for one in self.measured:
            if (one.repetition, one.row) == (repetition, row):
                return one
        self.measured.append(Measured(repetition, row, os.getloadavg()[0]))
        return self.measured[-1]

    def failures(self) -> list[Measured]:
        return [one for one in self.measured if one.failures]


def as_json(run: Run) -> dict[str, Any]:
    options = run.options
    return {
        "version": 2,
        "began": run.began,
        "kernel": os.uname().release,
        "processors": os.cpu_count(),
        "load-average": {"before": run.load_before, "after": os.getloadavg()},
        "repetitions": options.repetitions,
        "seconds": options.seconds,
        "seed": options.seed,
        "order": options.order,
        "rows": options.rows,
        "measured": [_measured_line(one) for one in run.measured],
        "medians": {row: medians(run.measured, row) for row in options.rows},
        "ratios": [_ratio_line(run, *pair, figure.key) for pair in run.pairs() for figure in FIGURES
                   if figure.compared and run.ratio(*pair, figure.key)],
        "to-reach": [_target_line(run, target) for target in run.targets()],
    }


def _measured_line(one: Measured) -> dict[str, Any]:
    return {
        "repetition": one.repetition,
        "row": one.row,
        "seconds": round(one.seconds, 1),
        "load-average": one.load_average,
        "figures": one.figures,
        "failures": one.failures,
    }


def _ratio_line(run: Run, own: str, other: str, figure: str) -> dict[str, Any]:
    found = run.ratio(own, other, figure)
    assert found
    return {"row": own, "against": other, "figure": figure} | found._asdict()


def _target_line(run: Run, target: Target) -> dict[str, Any]:
    """`seen` and `reached` are null where a row failed."""
    seen = run.ratio(target.row, target.against, target.figure)
    return {
        "row": target.row,
        "against": target.against,
        "figure": target.figure,
        "wanted": {"at-least" if target.at_least else "at-most": target.bound},
        "seen": seen._asdict() if seen else None,
        "reached": target.is_met(seen) if seen else None,
    }
