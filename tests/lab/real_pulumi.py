"""The real Pulumi for scenes."""

from typing import Any

from tests.lab.real_machine import RealMachine
from tests.lab.tools import PULUMI


class RealPulumi(RealMachine):
    """A droplet with the Pulumi of the tool cache, its backend in files."""

    def __init__(self) -> None:
        super().__init__("pulumi")

    @property
    def version(self) -> Any:
        """What `pulumi version` says."""
        return self.run(["pulumi", "version"]).out.strip()

    def _prepare(self) -> None:
        self.environment["PATH"] = f"/run/lab/{PULUMI}/bin:{self.environment['PATH']}"
        self.environment["PULUMI_SKIP_UPDATE_CHECK"] = "true"
