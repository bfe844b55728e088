"""The run as tables for people: medians of the rows, ratios, and what is to be reached."""

import os
from typing import Iterator

from comparisons import Ratio, medians
from figures import FIGURES, TITLES, Figure, keys_of
from report import Run

LABEL, CELL, RATIO_CELL, PAIRS_ABREAST = 29, 10, 18, 4


def as_tables(run: Run) -> str:
    return "\n".join([*_head(run), *_rows(run), *_ratios(run), *_targets(run)])


def _head(run: Run) -> Iterator[str]:
    options = run.options
    yield (
        f"{options.repetitions} x {', '.join(options.rows)}; in random order by {options.order} "
        f"(seed {options.seed}), streams of {options.seconds} s"
    )
    yield (
        f"load average {_loads(run.load_before)} before, {_loads(os.getloadavg())} after; "
        f"{os.cpu_count()} processors, Linux {os.uname().release}"
    )
    for one in run.failures():
        yield f"FAILED {one.row}, repetition {one.repetition}: {'; '.join(one.failures)}"


def _loads(averages: tuple[float, ...]) -> str:
    return " ".join(f"{average:.2f}" for average in averages)


def _rows(run: Run) -> Iterator[str]:
    yield ""
    yield "medians".ljust(LABEL) + "".join(row.rjust(CELL) for row in run.options.rows)
    columns = [medians(run.measured, row) for row in run.options.rows]
    for figure in _shown(run):
        cells = [_number(column.get(figure.key), figure.digits).rjust(CELL) for column in columns]
        yield figure.title.ljust(LABEL) + "".join(cells)


def _shown(run: Run) -> list[Figure]:
    """Those of the parts that were asked for."""
    keys = keys_of(run.options.figures)
    return [figure for figure in FIGURES if figure.key in keys]


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _ratios(run: Run) -> Iterator[str]:
    pairs = run.pairs()
    for first in range(0, len(pairs), PAIRS_ABREAST):
        yield from _ratio_block(run, pairs[first : first + PAIRS_ABREAST])


def _ratio_block(run: Run, pairs: list[tuple[str, str]]) -> Iterator[str]:
    yield ""
    heads = [f"{own}/{other}".rjust(RATIO_CELL) for own, other in pairs]
    yield "ratios: median (min..max)".ljust(LABEL) + "".join(heads)
    for figure in _shown(run):
        if figure.compared:
            seen = [_spread(run.ratio(*pair, figure.key)).rjust(RATIO_CELL) for pair in pairs]
            yield figure.title.partition(", ")[0].ljust(LABEL) + "".join(seen)


def _spread(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    median, least, greatest = (f"{value:.{2 if value < 10 else 1}f}" for value in ratio)
    return f"{median} ({least}..{greatest})"


def _targets(run: Run) -> Iterator[str]:
    if not run.targets():
        return
    yield ""
    yield f"{'to reach: row, against':{LABEL + 16}}{'wanted':>8}  {'seen':>{RATIO_CELL}}"
    for target in run.targets():
        seen = run.ratio(target.row, target.against, target.figure)
        verdict = "reached" if seen and target.is_met(seen) else "NOT REACHED"
        verdict = verdict if seen else "not measured"
        wanted = f"{'>=' if target.at_least else '<='} {target.bound:.2f}"
        title = TITLES[target.figure].partition(", ")[0]
        title = f"{target.row:8}{target.against:10}{title}"
        yield f"{title:{LABEL + 16}}{wanted:>8}  {_spread(seen):>{RATIO_CELL}}  {verdict}"
