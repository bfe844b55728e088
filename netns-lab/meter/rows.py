"""What is measured: each row is one way from the client to the server, and what it takes."""

from dataclasses import dataclass
from typing import Callable

import peers
from lab import Lab
from peers import Forwarder


@dataclass(frozen=True)
class Row:
    name: str
    summary: str
    start: Callable[[Lab], Forwarder]
    carries_datagrams: bool = True


ROWS = [
    Row("direct", "the client reaches the server through the router alone", peers.start_nothing),
    Row("nft", "one-armed DNAT by nftables in the kernel of another machine", peers.start_nft),
    Row("haproxy", "HAProxy in TCP mode, a thread per processor", peers.start_haproxy, False),
    Row("nginx", "nginx stream, a worker per processor", peers.start_nginx),
    Row("c", "a C forwarder of one address pair on the same TAP: the floor", peers.start_c),
    Row("c-off", "the same without offloads", peers.start_c_without_offloads),
    Row("tapvs", "TapVS: one queue, epoll, offloads", peers.start_tapvs),
    Row("tapvs-off", "TapVS without offloads", peers.start_tapvs_without_offloads),
]
NAMES = [row.name for row in ROWS]


def row_named(name: str) -> Row:
    return ROWS[NAMES.index(name)]
