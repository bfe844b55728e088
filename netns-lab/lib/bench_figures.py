"""Prints what the bench measured of a row, from its JSON.

usage: bench_figures.py FILE ROW [FIGURE]

The names of the row's figures above zero in its first repetition, in one line; or that figure's
value, as a whole number.
"""

import json
import sys

with open(sys.argv[1]) as file:
    measured = json.load(file)["measured"]
figures = next(one["figures"] for one in measured if one["row"] == sys.argv[2])
if len(sys.argv) > 3:
    print(int(figures[sys.argv[3]]))
else:
    print(*sorted(name for name, value in figures.items() if value > 0))
