"""What is measured: each row is one way from the client to the server, and what it takes."""

from dataclasses import dataclass
from typing import Callable

import methods
import peers
from lab import Lab
from peers import Forwarder


@dataclass(frozen=True)
class Row:
    """`server` is a node, whose replies `start`'s forwarder sees or not."""

    name: str
    summary: str
    start: Callable[[Lab], Forwarder]
    carries_datagrams: bool = True
    server: str = "rs1"
    sees_replies: bool = True


ROWS = [
    Row(
        "direct", "the client reaches the server through the router alone",
        peers.start_nothing, server="rs3",
    ),
    Row(
        "nft", "one-armed DNAT by nftables in the kernel of another machine",
        peers.start_nft, server="rs2",
    ),
    Row("haproxy", "HAProxy in TCP mode, a thread per processor", peers.start_haproxy, False),
    Row("nginx", "nginx stream, a worker per processor", peers.start_nginx),
    Row("c", "a C forwarder of one address pair on the same TAP: the floor", peers.start_c),
    Row("c-off", "the same without offloads", peers.start_c_without_offloads),
    Row("tapvs", "TapVS, NAT: one queue, epoll, offloads", peers.start_tapvs),
    Row("tapvs-off", "TapVS, NAT, without offloads", peers.start_tapvs_without_offloads),
]
METHODS = [
    Row(
        "dr", "TapVS, direct routing: replies go by the router alone",
        methods.start_dr, server=methods.SERVER, sees_replies=False,
    ),
    Row(
        "tunnel", "TapVS, IP in IP to the server: replies go by the router alone",
        methods.start_tunnel, server=methods.SERVER, sees_replies=False,
    ),
    Row(
        "fullnat", "TapVS, FullNAT: the server does not hear of the client",
        methods.start_fullnat, server=methods.SERVER,
    ),
    Row(
        "toa", "TapVS, FullNAT: a TCP option tells the server of the client",
        methods.start_toa, server=methods.SERVER,
    ),
]
ALL = ROWS + METHODS
NAMES = [row.name for row in ALL]
PEER_NAMES = [row.name for row in ROWS]
METHOD_NAMES = ["direct", "tapvs", "tapvs-off"] + [row.name for row in METHODS]


def row_named(name: str) -> Row:
    return ALL[NAMES.index(name)]
