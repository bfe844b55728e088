"""The parts of a measurement: each gives some figures (figures.py) of a row that stands.

A stream lasts the `--seconds` of a run; other times are shares of that.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Callable

from datagrams import TRIALS_SHARE, no_loss_rate
from lab import ANSWER_PORT, ECHO_PORT, STREAM_PORT
from load import Load
from processes import MeasureError

LATENCY, CONNECTIONS = 0.3, 0.5
CONNECTIONS_AT_ONCE = 48
# The cost of a million of something, in seconds, is that of one in microseconds.
MILLION = 1e6


@dataclass(frozen=True)
class Part:
    """`share` is about what it takes of the seconds of a stream."""

    name: str
    share: float
    measure: Callable[[Load], None]
    of_datagrams: bool = False


def latency(load: Load) -> None:
    seen = load.lab.traffic("latency", load.forwarder.address, ECHO_PORT, load.seconds * LATENCY)
    load.takings.note("latency-p50", seen["p50"])
    load.takings.note("latency-p99", seen["p99"])


def connections(load: Load) -> None:
    load.clock.lap()
    seconds, at_once = load.seconds * CONNECTIONS, str(CONNECTIONS_AT_ONCE)
    address = load.forwarder.address
    seen = load.lab.traffic("connections", address, ANSWER_PORT, seconds, at_once)
    spent = load.clock.lap()
    done = seen["connections"]
    if done <= 99 * seen["failed"]:
        raise MeasureError(f"{done} connections came to their end, {seen['failed']} did not")
    load.takings.note("connections", done / seen["seconds"])
    load.takings.note("connections-failed", seen["failed"])
    load.cost("connection", spent, done / MILLION)


def stream(load: Load, key: str, options: list[str]) -> None:
    """CPU per GB is that of eight streams, both directions together.

    A server for each, since iperf3 stops listening for a moment after a test.
    """
    server = ["iperf3", "--server", "-4", "--one-off", "--port", str(STREAM_PORT)]
    command = ["iperf3", "--client", load.forwarder.address, "--port", str(STREAM_PORT)]
    command += ["--time", str(load.seconds), "--json", *options]
    load.clock.lap()
    with load.serving(f"iperf3-{key}", STREAM_PORT, server):
        shown = json.loads(load.lab.run("client", command, load.seconds))
    spent = load.clock.lap()
    if "error" in shown:
        raise MeasureError(f"iperf3: {shown['error']}")
    received = shown["end"]["sum_received"]
    if received["bytes"] == 0:
        raise MeasureError("iperf3: nothing arrived")
    load.carry(received["bytes"], by_server="--reverse" in options)
    load.takings.note(key, received["bits_per_second"] / 1e9)
    load.takings.add("retransmits", shown["end"]["sum_sent"].get("retransmits", 0))
    if key.startswith("eight"):
        load.cost("gigabyte", spent, received["bytes"] / 1e9)


def datagrams(load: Load) -> None:
    best = no_loss_rate(load)
    load.takings.note("datagrams", best.rate)
    load.cost("datagram", best.spent, best.received / MILLION)


def _stream(key: str, *options: str) -> Part:
    return Part(key, 1.0, partial(stream, key=key, options=list(options)))


PARTS = [
    Part("latency", LATENCY, latency),
    Part("connections", CONNECTIONS, connections),
    _stream("one-stream-up"),
    _stream("one-stream-down", "--reverse"),
    _stream("eight-streams-up", "--parallel", "8"),
    _stream("eight-streams-down", "--parallel", "8", "--reverse"),
    Part("datagrams", TRIALS_SHARE, datagrams, of_datagrams=True),
]
PART_NAMES = [part.name for part in PARTS]


def part_named(name: str) -> Part:
    return PARTS[PART_NAMES.index(name)]


def forwarded(load: Load) -> None:
    """What the forwarder counted: no less than what arrived, or the load went another way; and not
    what should have gone by it.
    """
    if load.forwarder.bytes_forwarded is None or load.carried + load.bypassing == 0:
        return
    seen = load.forwarder.bytes_forwarded()
    if seen < load.carried:
        raise MeasureError(f"{load.carried} bytes arrived, and the forwarder has sent {seen}")
    if load.bypassing and seen >= load.carried + load.bypassing:
        raise MeasureError(f"replies of {load.bypassing} bytes went through the forwarder")
    load.takings.add("bytes-carried", load.carried)
    load.takings.add("bytes-forwarded", seen)
