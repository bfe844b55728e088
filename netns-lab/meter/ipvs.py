"""Linux IPVS as a director: in a user-mode Linux, since a lab has only the kernel that it runs on.

It opens a TAP beside the one of TapVS: of one queue, which is all that it can use.
"""

import os
import shutil
from pathlib import Path

from lab import ANSWER_PORT, ECHO_PORT, STREAM_PORT, Lab
from methods import prepared
from peers import Forwarder, ready
from processes import MeasureError, wait_for

KERNEL, MODULES = "linux.uml", Path("/usr/lib/uml/modules")
TAP = "lb1-uml"
BOOTING_SECONDS = 30.0
SERVICES = [f"{ECHO_PORT}/tcp", f"{ANSWER_PORT}/tcp", f"{ANSWER_PORT}/udp", f"{STREAM_PORT}/tcp"]


def missing() -> str | None:
    """Why there is no such row, if so."""
    if not shutil.which(KERNEL) or not _versions():
        return "no user-mode kernel (Debian package user-mode-linux)"
    if not shutil.which("ipvsadm"):
        return "no ipvsadm (Debian package ipvsadm)"
    return None


def _versions() -> list[str]:
    return sorted(os.listdir(MODULES)) if MODULES.is_dir() else []


def start_nat(lab: Lab) -> Forwarder:
    return _start(lab, "masquerading", lab["SERVER"])


def start_dr(lab: Lab) -> Forwarder:
    return prepared(lab, "dr", lambda: _start(lab, "gatewaying", lab["DIRECT"]))


def start_tunnel(lab: Lab) -> Forwarder:
    return prepared(lab, "tunnel", lambda: _start(lab, "ipip", lab["DIRECT"]))


def _start(lab: Lab, method: str, server: str) -> Forwarder:
    process = lab.start("ipvs", "sw-wan", _command(lab, method, server))
    forwarder = Forwarder(lab["VIP"], [process], released=lambda: _await_free(lab))

    def is_ready() -> bool:
        process.check()
        said = process.said()
        if failures := [line for line in said if "ipvs failed" in line]:
            raise MeasureError(f"user-mode Linux: {failures[0]}")
        return any("ipvs ready" in line for line in said)

    return ready(forwarder, lambda: wait_for(is_ready, "ipvs is ready", BOOTING_SECONDS))


def _await_free(lab: Lab) -> None:
    wait_for(lambda: not lab.tap_attached(TAP), f"{TAP} is free again")


def _command(lab: Lab, method: str, server: str) -> list[str]:
    """Its root is this machine's, read-only; what it is to do stands on its command line.

    Without `gro` its device takes no frame of many segments, and streams crawl.
    """
    device = f"vec0:transport=tap,ifname={TAP},depth=128,gro=1,mac={lab['WAN_MAC']}"
    wishes = {
        "modules": str(_modules(lab)),
        "addresses": f"{lab['OWN']}/28,{lab['GATEWAY']}/24,{lab['VIP']}/32",
        "gateway": lab["ROUTER"],
        "vip": lab["VIP"],
        "server": server,
        "method": method,
        "services": ",".join(SERVICES),
    }
    return [
        KERNEL, "mem=192M", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
        f"init={Path(__file__).with_name('ipvs_director.sh')}", f"uml_dir={lab.state}/user-mode",
        "con=null", "con0=null,fd:1", "ssl=null", device,
        *(f"lab_{name}={value}" for name, value in wishes.items()),
    ]


def _modules(lab: Lab) -> Path:
    """A directory in which `modprobe --dirname` finds its modules."""
    root = lab.state / "user-mode-modules"
    for version in _versions():
        place = root / "lib" / "modules" / version
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_symlink():
            place.symlink_to(MODULES / version)
    return root
