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
        # A droplet has no browser; what cannot be executed is no program to the one that looks for it.
        for browser in filter(Path.exists, (Path(each) / "xdg-open" for each in self.environment["PATH"].split(":"))):
            self.droplet.run(["mount", "--bind", "/dev/null", str(browser.resolve())])
        self.environment["PATH"] = f"/run/lab/{DOPPLER}/bin:{self.environment['PATH']}"
        self.environment["DOPPLER_API_HOST"] = f"http://127.0.0.1:{_PORT}"
        self.droplet.spawn(["python3", "-I", "-S", str(Path(doppler_api.__file__)), str(_PORT)], env=self.environment)
        wait_until(lambda: f":{_PORT} " in self.run(["ss", "-Hltn"]).out, "the server to listen", 20)
