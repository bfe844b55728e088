"""The part of netns-lab/bench that measures; the shell part builds the lab around it.

usage: python3 meter plan|run OPTIONS

`plan` checks the options, prints the help or the rows if asked, and does no more. `run` finds the
lab's names and addresses in its environment.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from comparisons import Measured
from lab import Lab
from measurements import measure
from options import parse
from processes import ImpossibleError, MeasureError
from progress import Progress
from report import Run, as_json
from rows import row_named
from tables import as_tables


def leave(number: int, frame: FrameType | None) -> None:
    """Once: what is stopped on the way out is to be stopped in peace."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(128 + number)


def play(run: Run, lab: Lab, progress: Progress, name: str, repetition: int) -> None:
    progress.begin(name, repetition)
    lab.label = f"{repetition}-{name}"
    began, average = time.monotonic(), os.getloadavg()[0]
    figures: dict[str, float] = {}
    failure: str | None = None
    try:
        figures = measure(lab, row_named(name), run.options.seconds)
    except MeasureError as error:
        failure = str(error)
    except (OSError, ValueError, KeyError) as error:
        # A process that has just ended, or an answer cut short: the other rows can still be had.
        failure = repr(error)
    if failure:
        progress.failed(name, repetition, failure)
    took = round(time.monotonic() - began, 1)
    run.measured.append(Measured(repetition, name, took, average, figures, failure))
    if run.options.output:
        save(run)


def save(run: Run) -> None:
    Path(run.options.output).write_text(json.dumps(as_json(run), indent=2) + "\n")


def main() -> int:
    mode, options = sys.argv[1], parse(sys.argv[2:])
    if mode == "plan":
        return 0
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, leave)
    run, lab, order = Run(options), Lab.of_environment(), random.Random(options.seed)
    progress = Progress(len(options.rows), options.repetitions, options.seconds)
    try:
        for repetition in range(1, options.repetitions + 1):
            for name in order.sample(options.rows, len(options.rows)):
                play(run, lab, progress, name, repetition)
    except ImpossibleError as error:
        progress.end()
        print(f"bench: {error}", file=sys.stderr)
        return 77
    finally:
        progress.end()
    print(json.dumps(as_json(run), indent=2) if options.format == "json" else as_tables(run))
    return 1 if run.failures() else 0


sys.exit(main())
