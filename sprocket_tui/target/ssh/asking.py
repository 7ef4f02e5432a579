"""The questions a connection can have, and the answerer for runs where nobody is there to ask."""

from __future__ import annotations

from typing import NoReturn, Protocol

from sprocket_tui.errors import NeedsAnswer
from sprocket_tui.secret import Secret

HOST_KEY = "ssh.host-key"
PASSPHRASE = "ssh.passphrase"  # noqa: S105 (the id of a question)
PASSWORD = "ssh.password"  # noqa: S105 (the id of a question)
SECOND_FACTOR = "ssh.second-factor"


class Asker(Protocol):
    """Answers what a connection asks; called on the thread that connects, never on a thread of the transport.

    Either method may raise NeedsAnswer: the question is then left, and raised at the end if nothing else let us in.
    """

    def host_key(self, host: str, kind: str, fingerprint: str, file: str) -> bool:
        """Is this the key of `host`, seen for the first time? True stores it in `file`."""
        ...

    def secret(self, question: str, prompt: str) -> Secret | None:
        """The secret that `prompt` asks for; None when the person gives none."""
        ...


class Headless:
    """Answers nothing: every question ends with its id."""

    def host_key(self, host: str, kind: str, fingerprint: str, file: str) -> NoReturn:
        raise NeedsAnswer(
            HOST_KEY,
            f"the host key of {host} is not known: {kind} {fingerprint}",
            remedy=f"compare the fingerprint with the host's console, then connect once with ssh or answer {HOST_KEY}; "
            f"accepted keys go to {file}",
        )

    def secret(self, question: str, prompt: str) -> NoReturn:
        remedies = {
            PASSPHRASE: "load the key into an SSH agent (ssh-add), or run where the question can be answered",
            PASSWORD: "use a key, or run where the question can be answered",
        }
        raise NeedsAnswer(
            question,
            f"nobody is here to answer: {prompt}",
            remedy=remedies.get(question, "run where the question can be answered"),
        )
