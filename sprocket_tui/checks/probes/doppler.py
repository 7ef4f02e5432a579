"""Which names a Doppler config holds, and which of them hold nothing.

Value {state, project, config, missing, empty, hidden, present}: lists of names; `present` is how many of those
asked for are there and not empty, `hidden` those whose value the token may not see. `project` and `config` are what the
token's own config calls itself, null where it does not say. `state` is one of
  ok           the config was read                      forbidden   the token may not read this config
  refused      Doppler does not know the token          no-project  no-config  there is no such one for this token

Names come from the endpoint that gives names alone. The values of those asked for are fetched to see whether they are
blank, and not kept: https://docs.doppler.com/reference/secrets-names and secrets-list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.api import Api, Reply
from sprocket_tui.checks.probes.base import Here, Probe, ProbeError, as_object, as_text
from sprocket_tui.guide.words.probes import DopplerProbe
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

# Every config holds these of itself; they are no secrets.
_PROJECT, _CONFIG = "DOPPLER_PROJECT", "DOPPLER_CONFIG"
_SERVICE = "dp.st."


def measure(words: DopplerProbe, here: Here, deadline: float) -> Observation:
    """The names against those wanted; raises ProbeError without a token, an answer, or one that is of its form."""
    token = here.secret(words.token)
    api = Api("Doppler", words.api, "Bearer", token, deadline)
    # A service token belongs to one config, which need not be named.
    named = not token.reveal().strip().startswith(_SERVICE)
    place = {"project": words.project, "config": words.config} if named else {}
    place = {name: value for name, value in place.items() if value}
    reply = api.get("/v3/configs/config/secrets/names", {**place, "include_dynamic_secrets": "false"})
    if not reply.ok:
        return _refused(words, reply)
    names = reply.document.get("names")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ProbeError("the answer of Doppler lists no names")
    there = [name for name in words.names if name in names]
    asked = {"secrets": ",".join([*there, _PROJECT, _CONFIG]), "include_dynamic_secrets": "false"}
    values = api.get("/v3/configs/config/secrets", {**place, **asked})
    return _observed(words, there, values) if values.ok else _refused(words, values)


def _observed(words: DopplerProbe, there: Sequence[str], reply: Reply) -> Observation:
    held = reply.document.get("secrets")
    if not isinstance(held, dict):
        raise ProbeError("the answer of Doppler holds no secrets")
    missing = [name for name in words.names if name not in there]
    hidden = [name for name in there if not isinstance(_computed(held, name), str)]
    empty = [name for name in there if name not in hidden and not as_text(_computed(held, name)).strip()]
    present = len(there) - len(hidden) - len(empty)
    project, config = (one_line(as_text(_computed(held, name))) for name in (_PROJECT, _CONFIG))
    value: dict[str, JSON] = {
        "state": "ok",
        "project": project or None,
        "config": config or None,
        "missing": [*missing],
        "empty": [*empty],
        "hidden": [*hidden],
        "present": present,
    }
    told = {"missing": missing, "empty": empty, "hidden from this token": hidden}
    seen = f"{project or 'a project'}/{config or 'a config'} holds {present} of {len(words.names)} names"
    return Observation(value, seen + "".join(f"; {word}: {', '.join(names)}" for word, names in told.items() if names))


def _computed(held: Mapping[str, JSON], name: str) -> JSON:
    return as_object(held.get(name)).get("computed")


def _refused(words: DopplerProbe, reply: Reply) -> Observation:
    state = {401: "refused", 403: "forbidden"}.get(reply.status, "")
    if reply.status in {400, 404}:
        # Doppler tells the two apart by its words alone.
        said = reply.message.lower()
        state = "no-project" if "project" in said else "no-config" if "config" in said else ""
    if not state:
        raise ProbeError(f"Doppler answers {reply.status}: {reply.message}")
    nothing: dict[str, JSON] = {"missing": [], "empty": [], "hidden": [], "present": 0}
    value: dict[str, JSON] = {"state": state, "project": words.project, "config": words.config, **nothing}
    return Observation(value, f"Doppler answers {reply.status}: {reply.message}")


PROBE = Probe[DopplerProbe](kind="doppler", measure=measure, needs_place=False)
