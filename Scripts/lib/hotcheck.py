#!/usr/bin/env python3
"""hotcheck.py BINARY LIST: whether the hot functions of BINARY do without what hot functions may not do.

LIST has a line for each function: `hot NAME REGEX`, what the mangled symbol must match, once; and
`cold REGEX` for functions that hot ones call where something changes, which are not followed.
Calls inside BINARY are followed. A hot function may leave BINARY only for the system calls of ALLOWED and errno, and
calls nothing through a pointer: so it does not allocate, retain, release, check exclusivity or uniqueness.
Prints a line for each hot function; ends with 1 if one does wrong or is missing, 2 on usage.
"""
import re
import subprocess
import sys
from pathlib import Path

ALLOWED = {"read", "write", "__errno_location", "$s5Glibc5errnos5Int32Vvg"}

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
# A call, a tail call, or a branch into another function.
TARGET = re.compile(r"^(?:call|j[a-z]+)\s+[0-9a-f]+ <([^>]+?)(?:\+0x[0-9a-f]+)?>")
# Calls through pointers; a jump by register alone is a switch.
INDIRECT = re.compile(r"^(?:call\s+\*|jmp\s+\*.*\()")


def read_functions(disassembly: str) -> dict[str, list[str]]:
    """The instructions of each symbol of an `objdump -d --no-show-raw-insn -w`."""
    functions: dict[str, list[str]] = {}
    instructions: list[str] = []
    for line in disassembly.splitlines():
        if match := FUNCTION.match(line):
            instructions = functions.setdefault(match[1], [])
        elif "\t" in line:
            instructions.append(line.split("\t", 1)[1].strip())
    return functions


def findings(functions: dict[str, list[str]], start: str, cold: list[re.Pattern[str]]) -> set[str]:
    """What the function `start`, and all that it calls, does wrong."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for instruction in functions[name]:
            if INDIRECT.match(instruction):
                found.add(f"calls through a pointer: {instruction}")
            match = TARGET.match(instruction)
            if not match or match[1] == name:
                continue
            target = match[1]
            if any(pattern.search(target) for pattern in cold):
                continue
            if target in functions and not target.endswith("@plt"):
                waiting.append(target)
            elif target.removesuffix("@plt") not in ALLOWED:
                found.add(f"calls {target}")
    return found


def check(disassembly: str, rules: str) -> list[str]:
    """A line for each hot function of `rules`, which begins with `ok` if all is well."""
    functions = read_functions(disassembly)
    lines = [line.split() for line in rules.splitlines() if line and not line.startswith("#")]
    cold = [re.compile(words[1]) for words in lines if words[0] == "cold"]
    report = []
    for _, title, pattern in (words for words in lines if words[0] == "hot"):
        symbols = [symbol for symbol in functions if re.search(pattern, symbol)]
        if len(symbols) != 1:
            report.append(f"wrong {title}: {len(symbols)} symbols match {pattern}, wanted: one")
            continue
        wrong = sorted(findings(functions, symbols[0], cold))
        report.append(f"wrong {title}: " + "; ".join(wrong) if wrong else f"ok    {title}")
    return report or ["wrong: the list names no hot function"]


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    command = ["objdump", "-d", "--no-show-raw-insn", "-w", arguments[0]]
    disassembly = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    report = check(disassembly, Path(arguments[1]).read_text(encoding="utf-8"))
    print("\n".join(report))
    return 0 if all(line.startswith("ok") for line in report) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
