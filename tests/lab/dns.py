"""A real BIND with zones of the lab, on this machine's loopback or in a droplet."""

import fcntl
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import dns.exception
import dns.message
import dns.query
import dns.rcode

from tests.lab.droplet import Droplet
from tests.lab.sshd import free_port, wait_until
from tests.lab.tools import find_program, missing_programs

HERE = "192.0.2.10"
ELSEWHERE = "192.0.2.99"
NAMES = ("@", "api", "fa", "traefik", "vault")

# Records of a zone by name: lines of type and data.
Zone = Mapping[str, list[str]]

ZONES: Mapping[str, Zone] = {
    # Everything as it should be.
    "sprocket.lab.test": {name: [f"A {HERE}"] for name in NAMES},
    # vault is missing; api has an address of another machine beside the right one, traefik only the other.
    "broken.lab.test": {
        "@": [f"A {HERE}"],
        "api": [f"A {HERE}", "AAAA 2001:db8::dead"],
        "fa": [f"A {HERE}"],
        "traefik": [f"A {ELSEWHERE}"],
    },
    # A wildcard alone: it covers every name but the zone's own.
    "wild.lab.test": {"*": [f"A {HERE}"]},
    # What is above the others: a search upwards ends here.
    "test": {},
}


class DnsLab:
    """One name server that answers for `zones` and refuses everything else, or asks `forwards_to` and remembers.

    On this machine it listens on a free port of 127.0.0.1, or on port 53, where others find it by NS records; in a
    droplet on port 53 of its loopback and its address.
    """

    def __init__(
        self,
        zones: Mapping[str, Zone] = ZONES,
        droplet: Droplet | None = None,
        *,
        found_by_name: bool = False,
        forwards_to: str = "",
    ) -> None:
        self.address = droplet.address if droplet else "127.0.0.1"
        self.port = 53 if droplet or found_by_name else free_port()
        # There is one port 53 of this machine, and tests run beside each other.
        self._turn = os.open("/tmp/sprocket-lab-dns.lock", os.O_CREAT | os.O_RDWR, 0o600) if found_by_name else None
        if self._turn is not None:
            fcntl.flock(self._turn, fcntl.LOCK_EX)
        self._forwards_to = forwards_to
        self._serial = 0
        self._droplet = droplet
        self._directory = tempfile.TemporaryDirectory(prefix="dns-", dir=droplet.base if droplet else None)
        self._path = Path(self._directory.name)
        self._zones = dict(zones)
        for name, zone in zones.items():
            self._write(name, zone)
        config = self._path / "named.conf"
        config.write_text(self._config("127.0.0.1; " + self.address if droplet else self.address))
        argv = [find_program("named") or "named", "-g", "-c", str(config), "-n", "1"]
        with (self._path / "log").open("wb") as log:
            self._server = subprocess.Popen(
                [*(droplet.enter if droplet else []), *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            wait_until(self._serving, "named to answer", 20)
        except BaseException:
            self.close()
            raise

    def change(self, zone: str, records: Zone) -> None:
        """Replace a zone's records; returns when the server answers with the new ones."""
        self._zones[zone] = records
        self._write(zone, records)
        self._signal(signal.SIGHUP)
        wait_until(self._serving, f"named to load {zone} anew", 20)

    def pause(self) -> None:
        """Let the server fall silent, as behind a filter; queries then time out."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it answer again, also what was asked meanwhile."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End the server and remove its files."""
        self._signal(signal.SIGCONT)
        self._server.kill()
        self._server.wait()
        self._directory.cleanup()
        if self._turn is not None:
            os.close(self._turn)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _signal(self, number: signal.Signals) -> None:
        """To named itself; in a droplet our own child is what entered it."""
        if self._droplet is None:
            self._server.send_signal(number)
            return
        for pid, name in self._droplet.processes().items():
            if name == "named":
                os.kill(pid, number)

    def _config(self, addresses: str) -> str:
        options = [
            f'directory "{self._path}"',
            "pid-file none",
            f'session-keyfile "{self._path / "session.key"}"',
            f"listen-on port {self.port} {{ {addresses}; }}",
            "listen-on-v6 { none; }",
            *(
                ["recursion yes", "forward only", f"forwarders {{ {self._forwards_to}; }}", "empty-zones-enable no"]
                if self._forwards_to
                else ["recursion no"]
            ),
            "dnssec-validation no",
            "notify no",
        ]
        lines = ["options {", *(f"    {option};" for option in options), "};", "controls { };"]
        lines += [f'zone "{name}" {{ type primary; file "{name}.zone"; }};' for name in self._zones]
        return "\n".join(lines) + "\n"

    def _write(self, name: str, zone: Zone) -> None:
        self._serial += 1
        lines = ["$TTL 5", f"@ SOA ns.lab.test. root.lab.test. {self._serial} 60 60 60 5"]
        if not any(record.startswith("NS ") for record in zone.get("@", ())):
            lines.append("@ NS ns.lab.example.")
        lines += [f"{label} {record}" for label, records in zone.items() for record in records]
        (self._path / f"{name}.zone").write_text("\n".join(lines) + "\n")

    def _serving(self) -> bool:
        """Whether every zone is answered for as it was last written."""
        if self._server.poll() is not None:
            raise RuntimeError(f"named ended: {(self._path / 'log').read_text()[-2000:]}")
        if self._forwards_to:
            return self._loaded("test") >= 0
        return self._serial in [self._loaded(name) for name in self._zones]

    def _loaded(self, zone: str) -> int:
        query = dns.message.make_query(zone, "SOA")
        try:
            answer = dns.query.udp(query, self.address, port=self.port, timeout=1)
        except (dns.exception.DNSException, OSError):
            return -1
        return answer.answer[0][0].serial if answer.rcode() == dns.rcode.NOERROR and answer.answer else -1


def missing() -> str:
    """Why no name server can be had here; "" when it can."""
    return missing_programs("named") or ("" if os.geteuid() == 0 else "needs root")
