"""What one row took in one repetition, gathered over the parts of the measurement."""

from dataclasses import dataclass, field

from cpu import Spent


@dataclass
class Takings:
    """Figures by their keys (figures.py). Processor time is summed before it is shared out, so
    that a figure may come of several streams.
    """

    figures: dict[str, float] = field(default_factory=dict)
    _spent: dict[str, tuple[Spent, float]] = field(default_factory=dict)

    def note(self, key: str, value: float) -> None:
        self.figures[key] = value

    def add(self, key: str, value: float) -> None:
        self.figures[key] = self.figures.get(key, 0) + value

    def cost(self, what: str, spent: Spent, units: float, has_forwarder: bool) -> None:
        """Processor time of one unit; without a forwarder, in total alone."""
        before, units_before = self._spent.get(what, (Spent(0, 0), 0.0))
        spent, units = before + spent, units_before + units
        self._spent[what] = spent, units
        self.note(f"total-cpu-per-{what}", spent.total / units)
        if has_forwarder:
            self.note(f"cpu-per-{what}", spent.forwarder / units)
