"""Logs in on an agreed connection: keys first, then keyboard-interactive, then a password, as OpenSSH does.

A server that drops us after too many keys (MaxAuthTries) is called again and sees the keys it has not seen.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

import paramiko

from sprocket_tui.errors import NeedsAnswer, SprocketError, Unreachable
from sprocket_tui.exits import Exit
from sprocket_tui.target.ssh import asking
from sprocket_tui.target.ssh.asking import Asker
from sprocket_tui.target.ssh.config import HostConfig
from sprocket_tui.target.ssh.dial import SLICE
from sprocket_tui.target.ssh.keys import KeyRing
from sprocket_tui.target.ssh.transport import Wire
from sprocket_tui.terminal import one_line

_TRIES = 3
_RECONNECTS = 6
_ANSWER_TIMEOUT = 600.0
_KEYBOARD = "keyboard-interactive"

Prompts = list[tuple[str, bool]]
T = TypeVar("T")


class Login:
    """One login to `host`. `reopen` makes a further connection to the same host, its key already checked."""

    def __init__(self, host: HostConfig, asker: Asker, wire: Wire, reopen: Callable[[], Wire]) -> None:
        self._host = host
        self._asker = asker
        self._wire = wire
        self._reopen = reopen
        self._accepted: list[paramiko.PKey] = []
        self._allowed: list[str] | None = None
        self._partial = False
        self._tried: list[str] = []
        self._reconnects = 0
        self._unanswered: NeedsAnswer | None = None
        self._ring = KeyRing(host, asker)

    def run(self) -> tuple[Wire, list[str]]:
        """The authenticated connection, and notes on keys that were left out.

        Raises Unreachable when no way in is left, NeedsAnswer when only an unanswered question was.
        """
        try:
            if not (self._with_keys() or self._with_answers()):
                raise self._unanswered or self._refused()
        except BaseException:
            self._wire.shut()
            raise
        finally:
            self._ring.close()
        return self._wire, self._ring.notes

    def _with_keys(self) -> bool:
        for candidate in self._ring.candidates():
            if self._allowed is not None and "publickey" not in self._allowed:
                break
            key = self._answered(candidate.load)
            if key is None:
                continue
            self._tried.append(candidate.label)
            if self._attempt(lambda key=key: self._wire.auth_publickey(self._host.user, key)):
                return True
            if self._partial:
                self._accepted.append(key)
        if self._ring.missing and not self._accepted:
            raise SprocketError(
                f"the key file {self._ring.missing[0]} does not exist",
                remedy="correct IdentityFile in the SSH configuration, or put the key there",
                code=Exit.USAGE,
            )
        return False

    def _with_answers(self) -> bool:
        """Asks a person, by the methods that the server says it allows, until one succeeds or none is left."""
        if self._allowed is None and self._attempt(lambda: self._wire.auth_none(self._host.user)):
            return True
        methods: list[tuple[str, bool, Callable[[], list[str]]]] = [
            (_KEYBOARD, self._host.keyboard_interactive, self._keyboard),
            ("password", self._host.password, self._password),
        ]
        while methods:
            usable = [entry for entry in methods if entry[1] and entry[0] in (self._allowed or ())]
            if not usable:
                return False
            name, _, method = usable[0]
            methods.remove(usable[0])
            self._tried.append(name)
            for _ in range(_TRIES):
                if self._attempt(method):
                    return True
                if self._partial or self._unanswered is not None or name not in (self._allowed or ()):
                    break
        return False

    def _attempt(self, method: Callable[[], list[str]]) -> bool:
        """Runs one method; True when the login is complete. `_partial` and `_allowed` say what else is known."""
        self._partial = False
        self._revive()
        try:
            further = self._answered(method)
        except paramiko.BadAuthenticationType as refused:
            self._allowed = refused.allowed_types
            return False
        except (paramiko.SSHException, OSError, EOFError):
            return False
        finally:
            self._wire.listen()
        if further is None:
            return False
        self._allowed = further or self._allowed
        self._partial = bool(further)
        return not further

    def _revive(self) -> None:
        """Connects again when the server dropped us, and repeats what it had accepted as a first factor."""
        if self._wire.is_active():
            return
        if self._reconnects == _RECONNECTS:
            raise self._refused()
        self._reconnects += 1
        self._wire.shut()
        self._wire = self._reopen()
        try:
            for key in self._accepted:
                self._wire.auth_publickey(self._host.user, key)
        except (paramiko.SSHException, OSError, EOFError):
            raise self._refused() from None

    def _answered(self, method: Callable[[], T | None]) -> T | None:
        try:
            return method()
        except NeedsAnswer as unanswered:
            self._unanswered = unanswered
            return None

    def _password(self) -> list[str]:
        prompt = f"password of {self._host.user}@{self._host.where}"
        answer = self._asker.secret(asking.PASSWORD, prompt)
        if answer is None:
            raise NeedsAnswer(asking.PASSWORD, f"no answer was given: {prompt}", remedy="run again and answer it")
        return self._wire.auth_password(self._host.user, answer.reveal(), fallback=False)

    def _keyboard(self) -> list[str]:
        """Answers the server's prompts on this thread: the transport's own thread only passes them on."""
        wire = self._wire
        asked: queue.SimpleQueue[tuple[str, Prompts]] = queue.SimpleQueue()
        answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
        outcome: Future[list[str]] = Future()

        def relay(title: str, instructions: str, prompts: Prompts) -> list[str]:
            asked.put((f"{title} {instructions}", prompts))
            while wire.is_active():
                with suppress(queue.Empty):
                    return answers.get(timeout=SLICE)
            return []

        def converse() -> None:
            try:
                outcome.set_result(wire.auth_interactive(self._host.user, relay))
            except Exception as error:
                outcome.set_exception(error)

        patience, wire.auth_timeout = wire.auth_timeout, _ANSWER_TIMEOUT
        threading.Thread(target=converse, name="ssh-keyboard-interactive", daemon=True).start()
        try:
            while not outcome.done():
                with suppress(queue.Empty):
                    said, prompts = asked.get(timeout=0.05)
                    answers.put([self._answer(said, prompt) for prompt, _ in prompts])
        except BaseException:
            # Releases the transport's thread, which waits for the answers.
            wire.shut()
            raise
        wire.auth_timeout = patience
        return outcome.result()

    def _answer(self, said: str, prompt: str) -> str:
        first = not self._accepted and re.search("password", prompt, re.IGNORECASE)
        question = asking.PASSWORD if first else asking.SECOND_FACTOR
        shown = one_line(f"{said} {prompt}").rstrip(": ") or "answer"
        answer = self._asker.secret(question, f"{self._host.user}@{self._host.where}: {shown}")
        if answer is None:
            raise NeedsAnswer(question, f"no answer was given: {shown}", remedy="run again and answer it")
        return answer.reveal()

    def _refused(self) -> Unreachable:
        who = f"{self._host.user}@{self._host.where}"
        tried = ", ".join(dict.fromkeys(self._tried)) or "nothing, for there was no key to try"
        allowed = f"; the host allows {', '.join(self._allowed)}" if self._allowed else ""
        notes = "".join(f". {note}" for note in self._ring.notes)
        return Unreachable(
            f"{who} let nobody in. Tried: {tried}{allowed}{notes}",
            remedy="put a public key of yours into ~/.ssh/authorized_keys of that login, or name another key or user",
        )
