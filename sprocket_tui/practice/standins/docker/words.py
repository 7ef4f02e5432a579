"""What Docker says again and again, and how a refusal leaves the depths of an answer."""

from __future__ import annotations

NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
_NOT_MANAGER = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm '
    "and try again."
)
ENCRYPTED = (
    'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.'
)


class Refused(Exception):
    """What is said on stderr, and the status to end with."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.text, self.status = text, status


def from_daemon(text: str) -> Refused:
    """A refusal of the daemon itself."""
    return Refused(f"Error response from daemon: {text}")


def not_manager(swarm: str) -> Refused:
    """Why a Swarm that is "inactive" or "locked" answers nothing."""
    return from_daemon(ENCRYPTED if swarm == "locked" else _NOT_MANAGER)


def unknown(command: str) -> Refused:
    """What is said of a command that there is not."""
    return Refused(f"docker: unknown command: docker {command}\n\nRun 'docker --help' for more information")
