"""TapVS with other methods than NAT: the server is set up for each by tapvs itself, and put back."""

from dataclasses import replace
from typing import Callable

from lab import Lab
from peers import Forwarder, start_tapvs

SERVER = "rs3"


def start_dr(lab: Lab) -> Forwarder:
    return prepared(lab, "dr", lambda: start_tapvs(lab, "dr.yaml"))


def start_tunnel(lab: Lab) -> Forwarder:
    return prepared(lab, "tunnel", lambda: start_tapvs(lab, "tunnel.yaml"))


def start_fullnat(lab: Lab) -> Forwarder:
    return start_tapvs(lab, "fullnat.yaml")


def start_fullnat_timestamps(lab: Lab) -> Forwarder:
    return start_tapvs(lab, "fullnat-ts.yaml")


def start_toa(lab: Lab) -> Forwarder:
    return start_tapvs(lab, "toa.yaml")


def prepared(lab: Lab, mode: str, start: Callable[[], Forwarder]) -> Forwarder:
    """The server has the VIP while what `start` starts stands, and answers the client itself."""
    wanted = ["--mode", mode, "--vip", lab["VIP"]]
    if mode == "tunnel":
        wanted += ["--from", lab["OWN"]]
    lab.run(SERVER, [lab.director, "real-server", "up", *wanted])

    def put_back() -> None:
        lab.run(SERVER, [lab.director, "real-server", "down"])

    try:
        forwarder = start()
    except BaseException:
        put_back()
        raise

    def released() -> None:
        try:
            forwarder.released()
        finally:
            put_back()

    return replace(forwarder, released=released)
