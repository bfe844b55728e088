"""TapVS with other methods than NAT: the server is set up for each by tapvs itself, and put back."""

from dataclasses import replace

from lab import Lab
from peers import Forwarder, start_tapvs

SERVER = "rs3"


def start_dr(lab: Lab) -> Forwarder:
    return _bypassed(lab, "dr", ["--mode", "dr", "--vip", lab["VIP"]])


def start_tunnel(lab: Lab) -> Forwarder:
    what = ["--mode", "tunnel", "--vip", lab["VIP"], "--from", lab["OWN"]]
    return _bypassed(lab, "tunnel", what)


def start_fullnat(lab: Lab) -> Forwarder:
    return start_tapvs(lab, "fullnat.yaml")


def start_toa(lab: Lab) -> Forwarder:
    return start_tapvs(lab, "toa.yaml")


def _bypassed(lab: Lab, method: str, wanted: list[str]) -> Forwarder:
    """The server has the VIP while the row stands, and answers the client itself."""
    lab.run(SERVER, [lab.director, "real-server", "up", *wanted])

    def put_back() -> None:
        lab.run(SERVER, [lab.director, "real-server", "down"])

    try:
        forwarder = start_tapvs(lab, f"{method}.yaml")
    except BaseException:
        put_back()
        raise

    def released() -> None:
        try:
            forwarder.released()
        finally:
            put_back()

    return replace(forwarder, released=released)
