"""The command line of netns-lab/bench."""

import argparse
import random
import re
from typing import NoReturn

from measurements import PART_NAMES
from rows import ALL, IPVS_NAMES, METHOD_NAMES, NAMES, PEER_NAMES
from schedule import ORDERS

DESCRIPTION = """Measures TapVS in the lab beside what one would use instead, every row in every
repetition, in random order. Ratios are taken within a repetition."""

EPILOGUE = """By figure, all rows take one figure right after each other before the next: what is
compared lies seconds apart. By row, a row takes all of its figures without being stopped. Wants root and a quiet machine. TAPVS=PATH measures that program instead of building
one. Exit codes: 0 measured, 1 a row failed (its logs are kept), 2 usage, 77 not possible on this
system."""

# What the methods differ in.
METHOD_FIGURES = ["connections", "one-stream-up", "one-stream-down"]
# Against a kernel that only stands for a faster one.
IPVS_FIGURES = METHOD_FIGURES + ["datagrams"]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as the lab's commands do."""

    def error(self, message: str) -> NoReturn:
        what = message.removeprefix("argument ")
        self.exit(2, f"bench: {what}; netns-lab/bench --help says more\n")


def whole_number(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise argparse.ArgumentTypeError(f"wants a whole number from 1 to 9999, not '{text}'")
    return int(text)


def seed(text: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", text):
        raise argparse.ArgumentTypeError(f"wants a number of up to 18 digits, not '{text}'")
    return int(text)


def rows(text: str) -> list[str]:
    return _some(text, "row", NAMES)


def figures(text: str) -> list[str]:
    return _some(text, "figure", PART_NAMES)


def _some(text: str, what: str, known: list[str]) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in known:
            there_are = ", ".join(known)
            raise argparse.ArgumentTypeError(f"no {what} '{name}'; there are {there_are}")
    return [name for name in known if name in names]


def writable(text: str) -> str:
    try:
        open(text, "a").close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write '{text}': {error.strerror}") from None
    return text


def parse(words: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="netns-lab/bench", description=DESCRIPTION, epilog=EPILOGUE, allow_abbrev=False
    )
    add = parser.add_argument
    add("--repetitions", type=whole_number, default=5, metavar="N", help="5 unless given")
    add("--methods", action="store_true", help="forwarding methods are compared, not peers")
    add("--ipvs", action="store_true", help="TapVS is compared with IPVS in a user-mode Linux")
    add("--rows", type=rows, metavar="ROW,...", help="all of the comparison unless given")
    add("--figures", type=figures, metavar="F,...", help=f"of {', '.join(PART_NAMES)}")
    add("--order", choices=ORDERS, default="figure", help="what is measured together; see below")
    add("--seconds", type=whole_number, default=2, metavar="S", help="of a stream; 2 unless given")
    add("--seed", type=seed, metavar="N", help="of the order of rows; a random one unless given")
    add("-o", dest="format", choices=["table", "json"], default="table", help="what is printed")
    add("--output", type=writable, metavar="FILE", help="JSON goes there too, after each row")
    add("--list", action="store_true", help="prints the rows")
    options = parser.parse_args(words)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 31)
    rows_of, figures_of = PEER_NAMES, PART_NAMES
    if options.methods:
        rows_of, figures_of = METHOD_NAMES, METHOD_FIGURES
    elif options.ipvs:
        rows_of, figures_of = IPVS_NAMES, IPVS_FIGURES
    options.rows = options.rows or rows_of
    options.figures = options.figures or figures_of
    if options.list:
        for row in ALL:
            print(f"  {row.name:10} {row.summary}")
        parser.exit(0)
    return options
