"""One row, one repetition: every figure of it (figures.py).

A stream lasts the `--seconds` of a run; other times are shares of that.
"""

import json

from cpu import Spent
from datagrams import no_loss_rate
from lab import ANSWER_PORT, ECHO_PORT, STREAM_PORT, Lab
from load import Load, serving, standing
from processes import MeasureError
from rows import Row

LATENCY, CONNECTIONS = 0.3, 0.5
CONNECTIONS_AT_ONCE = 48
# The cost of a million of something, in seconds, is that of one in microseconds.
MILLION = 1e6
STREAMS = {
    "one-stream-up": [],
    "one-stream-down": ["--reverse"],
    "eight-streams-up": ["--parallel", "8"],
    "eight-streams-down": ["--parallel", "8", "--reverse"],
}


def measure(lab: Lab, row: Row, seconds: int) -> dict[str, float]:
    with standing(lab, row, seconds) as load:
        figures = latency(load) | connections(load) | streams(load)
        if load.forwarder.carries_datagrams:
            figures |= datagrams(load)
        return figures | forwarded(load)


def latency(load: Load) -> dict[str, float]:
    seen = load.lab.traffic("latency", load.forwarder.address, ECHO_PORT, load.seconds * LATENCY)
    return {"latency-p50": seen["p50"], "latency-p99": seen["p99"]}


def connections(load: Load) -> dict[str, float]:
    load.clock.lap()
    seconds, at_once = load.seconds * CONNECTIONS, str(CONNECTIONS_AT_ONCE)
    address = load.forwarder.address
    seen = load.lab.traffic("connections", address, ANSWER_PORT, seconds, at_once)
    spent = load.clock.lap()
    done = seen["connections"]
    if done <= 99 * seen["failed"]:
        raise MeasureError(f"{done} connections came to their end, {seen['failed']} did not")
    rates = {"connections": done / seen["seconds"], "connections-failed": seen["failed"]}
    return rates | load.cost("connection", spent, done / MILLION)


def streams(load: Load) -> dict[str, float]:
    """CPU per GB is that of eight streams, both directions together.

    A server for each, since iperf3 stops listening for a moment after a test.
    """
    server = ["iperf3", "--server", "-4", "--one-off", "--port", str(STREAM_PORT)]
    figures: dict[str, float] = {"retransmits": 0}
    gigabytes, sum_spent = 0.0, Spent(0, 0)
    for key, options in STREAMS.items():
        command = ["iperf3", "--client", load.forwarder.address, "--port", str(STREAM_PORT)]
        command += ["--time", str(load.seconds), "--json", *options]
        load.clock.lap()
        with serving(load.lab, f"iperf3-{key}", STREAM_PORT, server):
            shown = json.loads(load.lab.run("client", command, load.seconds))
        spent = load.clock.lap()
        if "error" in shown:
            raise MeasureError(f"iperf3: {shown['error']}")
        received = shown["end"]["sum_received"]
        load.carried += received["bytes"]
        figures[key] = received["bits_per_second"] / 1e9
        figures["retransmits"] += shown["end"]["sum_sent"].get("retransmits", 0)
        if key.startswith("eight"):
            gigabytes += received["bytes"] / 1e9
            sum_spent += spent
    if gigabytes == 0:
        raise MeasureError("iperf3: nothing arrived")
    return figures | load.cost("gigabyte", sum_spent, gigabytes)


def datagrams(load: Load) -> dict[str, float]:
    best = no_loss_rate(load)
    return {"datagrams": best.rate} | load.cost("datagram", best.spent, best.received / MILLION)


def forwarded(load: Load) -> dict[str, float]:
    """What the forwarder counted: no less than what arrived, or the load went another way."""
    if load.forwarder.bytes_forwarded is None:
        return {}
    seen = load.forwarder.bytes_forwarded()
    if seen < load.carried:
        raise MeasureError(f"{load.carried} bytes arrived, and the forwarder has sent {seen}")
    return {"bytes-carried": load.carried, "bytes-forwarded": seen}
