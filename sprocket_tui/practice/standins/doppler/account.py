"""What Doppler has of the practice project, and whom it lets see it: part of the one world."""

from __future__ import annotations

import hashlib
import random
from typing import Any

from sprocket_tui.practice.standins.doppler.words import Refused
from sprocket_tui.practice.standins.first_day import doppler
from sprocket_tui.practice.world import Doppler, State

PROJECT, CONFIG = "sprocket-infra", "prd"
MADE = "2026-01-05T10:00:00.000Z"
WHO = "Practice"
NAMES = (
    *("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET", "EPIC_CLIENT_ID"),
    *("EPIC_CLIENT_SECRET", "STEAM_API_KEY", "BALLCHASING_API_TOKEN", "CHATWOOT_HMAC_KEY", "MINIO_ACCESS_KEY"),
    "MINIO_SECRET_KEY",
)
_LOGIN, _SERVICE = "dp.ct.", f"dp.st.{CONFIG}."
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def held(state: State) -> Doppler:
    """What the world has of it; a world from before there was any gets it now."""
    return state.setdefault("doppler", doppler(state["seed"]))


def login(state: State) -> str:
    """A new token of somebody who logged in."""
    return _token(state, _LOGIN)


def service_token(state: State) -> str:
    """A new token that sees the one config."""
    return _token(state, _SERVICE)


def revoke(state: State, token: str) -> bool:
    """Whether the token was one; it is none afterwards."""
    known = token in held(state)["tokens"]
    if known:
        held(state)["tokens"].remove(token)
    return known


def secrets(state: State) -> dict[str, str]:
    """Every secret by name, in order; nobody could take a value for a real one."""
    mark = held(state)["mark"]
    drawn = {name: f"practice-{hashlib.sha256(f'{mark} {name}'.encode()).hexdigest()[:12]}" for name in NAMES}
    place = {"DOPPLER_CONFIG": CONFIG, "DOPPLER_ENVIRONMENT": CONFIG, "DOPPLER_PROJECT": PROJECT}
    return dict(sorted({**drawn, **place}.items()))


def actor(state: State, token: str) -> dict[str, Any]:
    """Who has the token. Raises Refused."""
    _check(state, token, "Unable to fetch actor")
    return {
        "workplace": {"name": WHO, "slug": "practice"},
        "type": "cli" if token.startswith(_LOGIN) else "service_token",
        "token_preview": f"{token[:9]}…{token[-6:]}",
        "slug": "00000000-0000-4000-8000-000000000000",
        "created_at": MADE,
        "name": WHO,
        "last_seen_at": MADE,
    }


def reach(state: State, token: str, project: str | None, config: str | None, what: str) -> None:
    """Whether the token may see a place; None where none is asked for. Raises Refused, which names `what` failed."""
    _check(state, token, what)
    if token.startswith(_SERVICE):
        # It sees its own config, whichever is asked for.
        return
    for kind, given, known in (("project", project, PROJECT), ("config", config, CONFIG)):
        if given == "":
            raise Refused(f"You must specify a {kind}", what)
        if given is not None and given != known:
            raise Refused(f"Could not find requested {kind} '{given}'", what)


def _check(state: State, token: str, what: str) -> None:
    if token not in held(state)["tokens"]:
        raise Refused("Invalid Auth token", what)


def _token(state: State, kind: str) -> str:
    known = held(state)
    known["made"] += 1
    draw = random.Random(f"{known['mark']} {known['made']}")  # noqa: S311 a token of a rehearsal
    made = f"{kind}practice{''.join(draw.choice(_LETTERS) for _ in range(35))}"
    known["tokens"].append(made)
    return made
