"""Stand-ins for a connection."""

from __future__ import annotations

from collections.abc import Callable

from sprocket_tui.errors import LinkLost
from sprocket_tui.target.link import Completed, Identity
from sprocket_tui.target.local import LocalLink


class FakeLink:
    """Runs scripts on this machine and counts them; with `lost` every one of them loses the connection."""

    def __init__(self, *, lost: bool = False, user: str = "root") -> None:
        self.lost, self.user = lost, user
        self.scripts: list[str] = []
        self._local = LocalLink()

    @property
    def identity(self) -> Identity:
        return Identity(url=f"ssh://{self.user}@droplet:22", user=self.user, host="droplet", port=22)

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        self.scripts.append(script)
        if self.lost:
            raise LinkLost("the other side went away")
        return self._local.run(script, deadline=deadline, limit=limit)

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        self.scripts.append(script)
        if self.lost:
            raise LinkLost("the other side went away")
        return self._local.follow(script, on_output, silence=silence)

    def close(self) -> None:
        self._local.close()
