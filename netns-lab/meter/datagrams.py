"""The highest rate of small datagrams that arrives whole."""

import time
from dataclasses import dataclass

from cpu import Spent
from lab import ANSWER_PORT
from load import Load
from processes import MeasureError

# Whole means at most this share lost: one hiccup of the machine is not the forwarder's limit.
TOLERATED_LOSS = 0.002
SIZE, SOCKETS = 64, 8
TRIAL = 0.15
BISECTIONS = 6
# The flood, the bisections, some of them twice, and settling.
TRIALS_SHARE = 1.6
UNLIMITED = 1e9


@dataclass
class Trial:
    """Datagrams sent, received, and received a second."""

    sent: int
    received: int
    rate: float
    spent: Spent

    def is_whole(self) -> bool:
        return self.sent > 0 and self.received >= self.sent * (1 - TOLERATED_LOSS)


def no_loss_rate(load: Load) -> Trial:
    """Bisects around the rate that arrives when more is sent than goes through."""
    flood = _send(load, UNLIMITED)
    if flood.received == 0:
        raise MeasureError(f"none of {flood.sent} datagrams arrived")
    load.takings.note("datagrams-unlimited", flood.rate)
    low, high, best = flood.rate * 0.5, flood.rate * 1.5, None
    for _ in range(BISECTIONS):
        rate = (low + high) / 2
        trial = _send(load, rate)
        if not trial.is_whole():
            trial = _send(load, rate)
        if trial.is_whole():
            low = rate
            # More may be asked for than the sender can send.
            best = trial if best is None or trial.rate > best.rate else best
        else:
            high = rate
    rate = low
    while best is None:
        if rate < flood.rate / 20:
            raise MeasureError(f"datagrams are lost even at {rate:.0f} a second")
        trial = _send(load, rate)
        best = trial if trial.is_whole() else None
        rate *= 0.8
    return best


def _send(load: Load, rate: float) -> Trial:
    seconds = load.seconds * TRIAL
    before = load.received()
    load.clock.lap()
    seen = load.lab.traffic(
        "datagrams", load.forwarder.address, ANSWER_PORT, seconds, f"{rate:.0f}", str(SOCKETS)
    )
    _settle(load)
    spent = load.clock.lap()
    received = load.received() - before
    load.carry(received * SIZE)
    return Trial(int(seen["sent"]), received, received / seen["seconds"], spent)


def _settle(load: Load) -> None:
    """Until none has arrived for 30 ms, half a second at most."""
    before = -1
    for _ in range(16):
        now = load.received()
        if now == before:
            return
        before = now
        time.sleep(0.03)
