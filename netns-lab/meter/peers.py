"""TapVS and its peers: how each is started, waited for, and asked what it forwarded."""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import configurations
from lab import ECHO_PORT, Lab
from processes import ImpossibleError, MeasureError, Process, wait_for

ALL_OFFLOADS, NO_OFFLOADS = "7f", "0"


@dataclass
class Forwarder:
    """What stands between client and server; `processes` is empty where the kernel does it all."""

    address: str
    processes: list[Process] = field(default_factory=list)
    bytes_forwarded: Callable[[], int] | None = None
    released: Callable[[], None] = lambda: None

    def pids(self) -> list[int]:
        return [pid for process in self.processes for pid in process.family()]

    def stop(self) -> None:
        for process in self.processes:
            process.stop()
        self.released()


def start_nothing(lab: Lab) -> Forwarder:
    return Forwarder(lab["DIRECT"])


def start_nft(lab: Lab) -> Forwarder:
    """The rules stay for this row alone: what tracks connections would slow the proxies down."""
    rules = _written(lab, "rules.nft", configurations.nft(lab))
    try:
        lab.run("peer", ["nft", "-f", str(rules)])
    except MeasureError as error:
        raise ImpossibleError(f"row nft wants nftables with NAT in the kernel: {error}") from None

    def remove() -> None:
        lab.run("peer", ["nft", "delete", "table", "ip", "bench"])

    return Forwarder(lab["PEER"], released=remove)


def start_haproxy(lab: Lab) -> Forwarder:
    file = _written(lab, "haproxy.cfg", configurations.haproxy(lab))
    return _proxy(lab, "haproxy", ["haproxy", "-db", "-f", str(file)])


def start_nginx(lab: Lab) -> Forwarder:
    file = _written(lab, "nginx.conf", configurations.nginx(lab))
    log = str(lab.state / "logs" / f"{lab.label}-nginx-errors.log")
    command = ["nginx", "-p", str(lab.state), "-c", str(file), "-e", log]
    return _proxy(lab, "nginx", command)


def _proxy(lab: Lab, name: str, command: list[str]) -> Forwarder:
    process = lab.start(name, "peer", command)
    forwarder = Forwarder(lab["PEER"], [process])
    return ready(forwarder, lambda: lab.await_port(process, ECHO_PORT))


def start_c(lab: Lab, offloads: str = ALL_OFFLOADS) -> Forwarder:
    counts = lab.state / "forwarder.counts"
    words = ("WAN_MAC", "VIP", "GATEWAY", "SERVER", "SERVER_MAC", "ROUTER_MAC")
    pair = [lab[word] for word in words]
    command = [str(lab.state / "forwarder"), "lb1-wan", *pair, offloads, str(counts)]
    return _on_tap(lab, lab.start("c", "sw-wan", command), lambda: _bytes_out(counts))


def start_c_without_offloads(lab: Lab) -> Forwarder:
    return start_c(lab, NO_OFFLOADS)


def _bytes_out(counts: Path) -> int:
    return struct.unpack("=4Q", counts.read_bytes())[3]


def start_tapvs(lab: Lab, configuration: str = "tapvs.yaml") -> Forwarder:
    command = [lab.director, "run", "--config", str(lab.state / configuration)]

    def bytes_forwarded() -> int:
        shown = json.loads(lab.run("lb1", [lab.director, "ports", "-o", "json"]))
        return sum(port["bytes-out"] for port in shown["ports"])

    return _on_tap(lab, lab.start("tapvs", "lb1", command), bytes_forwarded)


def start_tapvs_without_offloads(lab: Lab) -> Forwarder:
    return start_tapvs(lab, "tapvs-off.yaml")


def _on_tap(lab: Lab, process: Process, bytes_forwarded: Callable[[], int]) -> Forwarder:
    """The TAP may stay taken for a moment after its program has ended."""

    def attached() -> bool:
        process.check()
        return lab.tap_attached()

    def released() -> None:
        wait_for(lambda: not lab.tap_attached(), "the TAP is free again")

    forwarder = Forwarder(lab["VIP"], [process], bytes_forwarded=bytes_forwarded, released=released)
    return ready(forwarder, lambda: wait_for(attached, f"{process.name} holds the TAP"))


def ready(forwarder: Forwarder, wait: Callable[[], None]) -> Forwarder:
    """Nobody else would stop it if it does not get ready."""
    try:
        wait()
    except BaseException:
        forwarder.stop()
        raise
    return forwarder


def _written(lab: Lab, name: str, text: str) -> Path:
    path = lab.state / name
    path.write_text(text)
    return path
