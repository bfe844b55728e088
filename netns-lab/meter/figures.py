"""The figures of a row and how they are shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`key` is its name in JSON; `digits` after the point in tables; any of `parts` gives it, none
    stands for that of its own name.
    """

    key: str
    title: str
    digits: int
    compared: bool = True
    parts: tuple[str, ...] = ()


EIGHT = ("eight-streams-up", "eight-streams-down")
STREAMS = ("one-stream-up", "one-stream-down") + EIGHT


FIGURES = [
    Figure("latency-p50", "latency p50, us", 0, parts=("latency",)),
    Figure("latency-p99", "latency p99, us", 0, parts=("latency",)),
    Figure("connections", "connections/s", 0),
    Figure("connections-failed", "connections failed", 0, compared=False, parts=("connections",)),
    Figure("one-stream-up", "one stream up, Gbit/s", 2),
    Figure("one-stream-down", "one stream down, Gbit/s", 2),
    Figure("eight-streams-up", "eight streams up, Gbit/s", 2),
    Figure("eight-streams-down", "eight streams down, Gbit/s", 2),
    Figure("retransmits", "retransmits in all streams", 0, compared=False, parts=STREAMS),
    Figure("datagrams", "UDP 64 B no-loss, packets/s", 0),
    Figure("datagrams-unlimited", "UDP 64 B flood, packets/s", 0, parts=("datagrams",)),
    Figure("cpu-per-gigabyte", "forwarder CPU per GB, s", 3, parts=EIGHT),
    Figure("total-cpu-per-gigabyte", "total CPU per GB, s", 3, parts=EIGHT),
    Figure("cpu-per-connection", "forwarder CPU per conn., us", 1, parts=("connections",)),
    Figure("total-cpu-per-connection", "total CPU per conn., us", 1, parts=("connections",)),
    Figure("cpu-per-datagram", "forwarder CPU per packet, us", 2, parts=("datagrams",)),
    Figure("total-cpu-per-datagram", "total CPU per packet, us", 2, parts=("datagrams",)),
]
TITLES = {figure.key: figure.title for figure in FIGURES}


def keys_of(parts: list[str]) -> set[str]:
    """The figures that these parts of a measurement give."""
    return {
        figure.key for figure in FIGURES if any(part in parts for part in figure.parts or (figure.key,))
    }
