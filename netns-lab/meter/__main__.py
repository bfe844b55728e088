"""The part of netns-lab/bench that measures; the shell part builds the lab around it.

usage: python3 meter plan|run OPTIONS

`plan` checks the options, prints the help or the rows if asked, and does no more. `run` finds the
lab's names and addresses in its environment.
"""

import json
import signal
import sys
import time
from argparse import Namespace
from pathlib import Path
from types import FrameType

from lab import Lab
from load import standing
from measurements import forwarded
from options import parse
from processes import ImpossibleError, MeasureError
from progress import Progress
from report import Run, as_json
from rows import row_named
from schedule import Turn, turns
from tables import as_tables
from takings import Takings


def leave(number: int, frame: FrameType | None) -> None:
    """Once: what is stopped on the way out is to be stopped in peace."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    raise SystemExit(128 + number)


def play(run: Run, lab: Lab, progress: Progress, turn: Turn) -> None:
    progress.begin(turn)
    parts = turn.parts[0].name if len(turn.parts) == 1 else "all"
    lab.label = f"{turn.repetition}-{turn.row.name}-{parts}"
    began, failure = time.monotonic(), None
    measured = run.place(turn.repetition, turn.row.name)
    try:
        measure(lab, turn, run.options.seconds, measured.takings)
    except MeasureError as error:
        failure = str(error)
    except (OSError, ValueError, KeyError) as error:
        # A process that has just ended, or an answer cut short: the other rows can still be had.
        failure = repr(error)
    if failure:
        progress.failed(turn, failure)
        measured.failures.append(f"{parts}: {failure}")
    measured.seconds += time.monotonic() - began
    progress.ended(turn)
    if run.options.output:
        save(run)


def measure(lab: Lab, turn: Turn, seconds: int, takings: Takings) -> None:
    with standing(lab, turn.row, seconds, takings) as load:
        for part in turn.parts:
            part.measure(load)
        forwarded(load)


def save(run: Run) -> None:
    Path(run.options.output).write_text(json.dumps(as_json(run), indent=2) + "\n")


def main() -> int:
    mode, options = sys.argv[1], parse(sys.argv[2:])
    if mode == "plan":
        return 0
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, leave)
    leave_out(options)
    run, lab, planned = Run(options), Lab.of_environment(), turns(options)
    progress = Progress(planned, options.seconds)
    try:
        for turn in planned:
            play(run, lab, progress, turn)
    except ImpossibleError as error:
        progress.end()
        print(f"bench: {error}", file=sys.stderr)
        return 77
    finally:
        progress.end()
    print(json.dumps(as_json(run), indent=2) if options.format == "json" else as_tables(run))
    return 1 if run.failures() else 0


def leave_out(options: Namespace) -> None:
    """Drops the rows that this system cannot have, and says why."""
    for name in list(options.rows):
        if reason := row_named(name).missing():
            print(f"bench: row {name} is left out: {reason}", file=sys.stderr, flush=True)
            options.rows.remove(name)
    if not options.rows:
        raise SystemExit(77)


sys.exit(main())
