"""What Docker says again and again, and how a refusal leaves the depths of an answer."""

from __future__ import annotations

from sprocket_tui.practice.standins.rehearsed import NotRehearsed

NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
_NOT_MANAGER = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm '
    "and try again."
)
ENCRYPTED = (
    'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.'
)
# What the daemon takes.
_FILTERS = {
    "ps": "ancestor before exited expose health id is-task isolation label name network publish since status volume",
    "service ls": "id label mode name",
    "network ls": "dangling driver id label name scope type",
    "volume ls": "dangling driver label name",
    "config ls": "id label name",
    "secret ls": "id label name",
}


class Refused(Exception):
    """What is said on stderr, and the status to end with."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.text, self.status = text, status


def from_daemon(text: str) -> Refused:
    """A refusal of the daemon itself."""
    return Refused(f"Error response from daemon: {text}")


def no_filter(command: str, name: str) -> Exception:
    """The refusal of a filter that is not taken here: the daemon's own where it takes none of that name either."""
    if name in _FILTERS.get(command, "").split():
        return NotRehearsed(f"docker {command} --filter {name}")
    return from_daemon(f"Invalid filter '{name}'")


def not_manager(swarm: str) -> Refused:
    """Why a Swarm that is "inactive" or "locked" answers nothing."""
    return from_daemon(ENCRYPTED if swarm == "locked" else _NOT_MANAGER)


def unknown(command: str) -> Refused:
    """What is said of a command that there is not."""
    return Refused(f"docker: unknown command: docker {command}\n\nRun 'docker --help' for more information")
