"""The real Doppler command line for scenes, before a server of the lab that has the practice project."""

from pathlib import Path

from tests.lab import doppler_api
from tests.lab.real_machine import RealMachine
from tests.lab.sshd import wait_until
from tests.lab.tools import DOPPLER

_PORT = 4874


class RealDoppler(RealMachine):
    """A droplet with the Doppler of the tool cache."""

    def __init__(self) -> None:
        super().__init__("doppler")

    def _prepare(self) -> None:
        self.environment["PATH"] = f"/run/lab/{DOPPLER}/bin:{self.environment['PATH']}"
        self.environment["DOPPLER_API_HOST"] = f"http://127.0.0.1:{_PORT}"
        self.droplet.spawn(["python3", "-I", "-S", str(Path(doppler_api.__file__)), str(_PORT)], env=self.environment)
        wait_until(lambda: f":{_PORT} " in self.run(["ss", "-Hltn"]).out, "the server to listen", 20)
