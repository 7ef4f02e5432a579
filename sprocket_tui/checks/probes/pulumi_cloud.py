"""Pulumi Cloud, or a server of the same API: who the token is, and what it sees of the stacks.

Of a stack's state, which the service hands out with secrets encrypted, only the pending operations' names are kept.
Facts: https://www.pulumi.com/docs/reference/cloud-rest-api/ and the client of Pulumi's own command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.api import Api, Reply
from sprocket_tui.checks.probes.base import Here, ProbeError, as_object, as_text
from sprocket_tui.checks.probes.pulumi_seen import Backend, Lock, Pending, Stack, closed, observed
from sprocket_tui.guide.words.probes import PulumiBackendProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_WHAT = "Pulumi Cloud"
_ACCEPT = "application/vnd.pulumi+8"
# More pages than any account here has: a list that goes on for ever must end too.
_PAGES = 50


def ask(words: PulumiBackendProbe, here: Here, deadline: float) -> Observation:
    """What the service says; raises ProbeError without a token, an answer, or one that is of its form."""
    api = Api(_WHAT, words.backend, "token", here.secret(words.token), deadline)
    me = api.get("/api/user", accept=_ACCEPT)
    if me.status == 401:
        return closed("cloud", "refused", f"{_WHAT} answers 401: {me.message}")
    user = one_line(as_text(_passed(me).get("githubLogin")))
    if not user:
        raise ProbeError(f"the answer of {_WHAT} does not say who we are")
    organisations = tuple(one_line(as_text(row.get("githubLogin"))) for row in _rows(me.document, "organizations"))
    there = set(_names(api, words.organisation))
    stacks = tuple(_stack(api, words.organisation, name) for name in words.stacks if name in there)
    missing = tuple(name for name in words.stacks if name not in there)
    return observed(Backend("cloud", user, organisations, stacks, missing), words.organisation)


def _names(api: Api, organisation: str) -> Iterator[str]:
    """The organisation's stacks that we see, as PROJECT/STACK."""
    query: dict[str, str] = {}
    for _ in range(_PAGES):
        document = _passed(api.get("/api/user/stacks", query, accept=_ACCEPT))
        for row in _rows(document, "stacks"):
            if row.get("orgName") == organisation:
                yield f"{as_text(row.get('projectName'))}/{as_text(row.get('stackName'))}"
        token = as_text(document.get("continuationToken"))
        if not token:
            return
        query = {"continuationToken": token}
    raise ProbeError(f"{_WHAT} lists more than {_PAGES} pages of stacks")


def _stack(api: Api, organisation: str, name: str) -> Stack:
    path = "/api/stacks/" + "/".join(quote(part, safe="") for part in (organisation, *name.split("/")))
    about = _passed(api.get(path, accept=_ACCEPT))
    running = about.get("currentOperation")
    locks = (_lock(as_object(running)),) if running else ()
    deployment = as_object(_passed(api.get(f"{path}/export", accept=_ACCEPT)).get("deployment"))
    pending = tuple(
        Pending(one_line(as_text(row.get("type"))), one_line(as_text(as_object(row.get("resource")).get("urn"))))
        for row in _rows(deployment, "pending_operations")
    )
    return Stack(name.partition("/")[0], f"{organisation}/{name}", locks, pending)


def _lock(running: Mapping[str, JSON]) -> Lock:
    kind, author = one_line(as_text(running.get("kind"))), one_line(as_text(running.get("author")))
    started, since = running.get("started"), ""
    if isinstance(started, int | float) and started:
        with suppress(ValueError, OverflowError, OSError):
            since = datetime.fromtimestamp(started, UTC).strftime(" since %Y-%m-%d %H:%M UTC")
    return Lock(f"{author or 'somebody'} ({kind or 'update'}){since}")


def _passed(reply: Reply) -> Mapping[str, JSON]:
    if not reply.ok:
        raise ProbeError(f"{_WHAT} answers {reply.status}: {reply.message}")
    return reply.document


def _rows(document: Mapping[str, JSON], name: str) -> list[dict[str, JSON]]:
    """The objects of a list; a list that is missing or null holds none. Raises ProbeError for anything else."""
    found = document.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ProbeError(f"the answer of {_WHAT} holds no list of {name.replace('_', ' ')}")
    return [as_object(row) for row in found]
