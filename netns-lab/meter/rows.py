"""What is measured: each row is one way from the client to the server, and what it takes."""

from dataclasses import dataclass
from typing import Callable

import ipvs
import methods
import peers
from lab import Lab
from peers import Forwarder


@dataclass(frozen=True)
class Row:
    """`server` is a node, whose replies `start`'s forwarder sees or not. `missing` says why a system
    cannot have the row, if so: it is left out then.
    """

    name: str
    summary: str
    start: Callable[[Lab], Forwarder]
    carries_datagrams: bool = True
    server: str = "rs1"
    sees_replies: bool = True
    missing: Callable[[], str | None] = lambda: None


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
        "fullnat-ts", "TapVS, FullNAT: the same, with TCP's timestamps shifted",
        methods.start_fullnat_timestamps, server=methods.SERVER,
    ),
    Row(
        "toa", "TapVS, FullNAT: a TCP option tells the server of the client",
        methods.start_toa, server=methods.SERVER,
    ),
]
IPVS = [
    Row("ipvs", "Linux IPVS in a user-mode Linux, NAT", ipvs.start_nat, missing=ipvs.missing),
    Row(
        "ipvs-dr", "the same, direct routing",
        ipvs.start_dr, server=methods.SERVER, sees_replies=False, missing=ipvs.missing,
    ),
    Row(
        "ipvs-tun", "the same, IP in IP",
        ipvs.start_tunnel, server=methods.SERVER, sees_replies=False, missing=ipvs.missing,
    ),
]
ALL = ROWS + METHODS + IPVS
NAMES = [row.name for row in ALL]
PEER_NAMES = [row.name for row in ROWS]
IPVS_NAMES = ["tapvs", "dr", "tunnel"] + [row.name for row in IPVS]
METHOD_NAMES = ["direct", "tapvs", "tapvs-off"] + [row.name for row in METHODS]


def row_named(name: str) -> Row:
    return ALL[NAMES.index(name)]
