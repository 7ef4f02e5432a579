"""The questions of a connection, asked through the engine's desk, so that every face and every file can answer them."""

from __future__ import annotations

from sprocket_tui.engine.desk import Desk, Question
from sprocket_tui.errors import NeedsAnswer
from sprocket_tui.secret import Secret
from sprocket_tui.target.ssh.asking import HOST_KEY


class DeskAsker:
    """An `Asker` whose answers come from whoever drives the run."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def host_key(self, host: str, kind: str, fingerprint: str, file: str) -> bool:
        """See `Asker.host_key`. Nobody there to answer ends the run, and the fingerprint is in the message."""
        text = f"{host} is new: {kind} {fingerprint}. Is that its key (it will be added to {file})"
        said = self._desk.ask_text(Question(f"connection/{HOST_KEY}", "yes-no", text))
        if said != "yes":
            raise NeedsAnswer(HOST_KEY, f"the host key of {host} was not accepted: {kind} {fingerprint}")
        return True

    def secret(self, question: str, prompt: str) -> Secret | None:
        """See `Asker.secret`."""
        return self._desk.ask_secret(Question(f"connection/{question}", "secret", prompt)) or None
