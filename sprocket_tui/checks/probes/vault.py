"""How Vault stands, by its own two answers that need no token: its seal, and its health.

Value {state, initialized, sealed, threshold, progress, shares, version, health}: `progress` of `threshold` keys have
been given since it was sealed, out of `shares`; `health` is the status of /v1/sys/health, null where that did not
answer. `state` is one of
  unsealed   sealed   uninitialized          as Vault says; nobody has to guess it from a status
  no-server  a proxy answered in its place: 502, 503 or 504    no-route  what answered knows no Vault: 404
In the last two all but `state` and `health`, which is the proxy's status, is null.
Facts: https://developer.hashicorp.com/vault/api-docs/system/seal-status and system/health.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, cast

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import http
from sprocket_tui.checks.probes.base import Answers, Here, Probe, ProbeError, as_object, as_text
from sprocket_tui.guide.words.probes import HttpProbe, VaultProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

Question = Literal["seal-status", "health"]
_QUESTIONS: tuple[Question, ...] = ("seal-status", "health")
_PROXY = {404: "no-route", 502: "no-server", 503: "no-server", 504: "no-server"}


def commands(words: VaultProbe) -> tuple[Command, ...]:
    """Both questions, each by curl or wget."""
    return tuple(
        replace(command, key=question) for question in _QUESTIONS for command in http.commands(_asked(words, question))
    )


def read(words: VaultProbe, answers: Answers) -> Observation:
    """What both answers say together; raises ProbeError when the first is neither Vault's nor a proxy's."""
    return _observed(lambda question: http.read(_asked(words, question), Answers({"ask": answers[question]})))


def measure(words: VaultProbe, here: Here, deadline: float) -> Observation:
    """The same as seen from this machine."""
    return _observed(lambda question: http.measure(_asked(words, question), here, deadline / len(_QUESTIONS)))


def _asked(words: VaultProbe, question: Question) -> HttpProbe:
    return HttpProbe(
        kind="http",
        url=f"{words.url.rstrip('/')}/v1/sys/{question}",
        host=words.host,
        insecure=words.insecure,
        timeout=words.timeout,
    )


def _observed(ask: Callable[[Question], Observation]) -> Observation:
    answer = as_object(ask("seal-status").value)
    known, status = _document(answer), answer.get("status")
    if isinstance(known.get("sealed"), bool) and isinstance(known.get("initialized"), bool):
        return _told(known, _health(ask))
    if status not in _PROXY:
        raise ProbeError(f"what answers {status} is not Vault")
    state = _PROXY[cast("int", status)]
    names = ("initialized", "sealed", "threshold", "progress", "shares", "version")
    server = one_line(as_text(answer.get("server"))) or "a proxy"
    said = "knows no way to Vault" if state == "no-route" else "finds no Vault behind it"
    return Observation(
        {"state": state, **dict.fromkeys(names), "health": status}, f"{server} answers {status}: it {said}"
    )


def _told(known: Mapping[str, JSON], health: JSON) -> Observation:
    numbers = {name: known.get(key) for name, key in (("threshold", "t"), ("progress", "progress"), ("shares", "n"))}
    if not all(isinstance(number, int) for number in numbers.values()):
        raise ProbeError("Vault's answer lacks the numbers of its seal")
    initialized, sealed, version = known["initialized"], known["sealed"], one_line(as_text(known.get("version")))
    state = "uninitialized" if not initialized else "sealed" if sealed else "unsealed"
    value: dict[str, JSON] = {"state": state, "initialized": initialized, "sealed": sealed, **numbers}
    given = f", {numbers['progress']} of {numbers['threshold']} keys given" if state == "sealed" else ""
    seen = f"Vault {version or 'of unknown version'} is {state}{given}, health {health or 'unknown'}"
    return Observation({**value, "version": version, "health": health}, seen)


def _health(ask: Callable[[Question], Observation]) -> JSON:
    """The status alone; one that did not come leaves the seal's answer as good as it is."""
    try:
        return as_object(ask("health").value).get("status")
    except ProbeError:
        return None


def _document(answer: Mapping[str, JSON]) -> Mapping[str, JSON]:
    try:
        return as_object(cast("JSON", json.loads(as_text(answer.get("body")))))
    except (ValueError, RecursionError):
        return {}


PROBE = Probe[VaultProbe](kind="vault", commands=commands, read=read, measure=measure)
