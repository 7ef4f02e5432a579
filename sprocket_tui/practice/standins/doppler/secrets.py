"""`doppler secrets`, `run` and `configs`: what there is, and programs that have it in their environment."""

from __future__ import annotations

from collections.abc import Callable

from sprocket_tui.practice.standins.call import Become
from sprocket_tui.practice.standins.doppler import account, settings
from sprocket_tui.practice.standins.doppler.line import Request
from sprocket_tui.practice.standins.doppler.words import Refused, compact, table
from sprocket_tui.practice.standins.rehearsed import NotRehearsed
from sprocket_tui.practice.world import State

_FETCH, _DOWNLOAD = "Unable to fetch secrets", "Unable to download secrets"
_KNOWN = "json, dotnet-json, env, yaml, docker, env-no-quotes"
_LINES: dict[str, Callable[[str, str], str]] = {
    "env": lambda name, value: f'{name}="{value}"',
    "env-no-quotes": lambda name, value: f"{name}={value}",
    "docker": lambda name, value: f"{name}={value}",
}
# What is looked for where the server did not answer, and never found: nothing is kept in a rehearsal.
_FALLBACK = "Unable to fetch secrets from the Doppler API\nDoppler Error: {why}\nReading secrets from fallback file"
_MASKED = "masked"


def _reached(request: Request, what: str) -> State:
    token = settings.token(request)
    state = request.call.world.read()
    account.reach(state, token, *settings.place(request), what)
    return state


def _fetched(request: Request) -> dict[str, str]:
    """All secrets for a program or a file. Raises Refused."""
    try:
        return account.secrets(_reached(request, _DOWNLOAD))
    except Refused as refused:
        if not refused.why.startswith("You must") or request.on("--no-fallback"):
            raise
        raise Refused("The fallback file does not exist", _FALLBACK.format(why=refused.why)) from refused


def _secrets(request: Request) -> int:
    names = request.on("--only-names")
    known = account.secrets(_reached(request, "Unable to fetch secret names" if names else _FETCH))
    if not names:
        return _shown(request, known)
    if request.on("--json"):
        request.call.say(compact({name: dict[str, str]() for name in known}))
    else:
        request.call.say(table(("name",), [(name,) for name in known]))
    return 0


def _get(request: Request) -> int:
    known = account.secrets(_reached(request, _FETCH))
    missing = [name for name in request.words if name not in known]
    if missing and not request.on("--no-exit-on-missing-secret"):
        kind = "secrets" if len(missing) > 1 else "secret"
        raise Refused(f"Could not find requested {kind}: {', '.join(missing)}")
    chosen = {name: known[name] for name in request.words if name in known}
    if request.on("--plain") and not request.on("--json"):
        request.call.say("\n".join(chosen.values()))
        return 0
    return _shown(request, chosen)


def _shown(request: Request, chosen: dict[str, str]) -> int:
    if request.on("--json"):
        rows = {name: {"computed": chosen[name], "computedVisibility": _MASKED, "note": ""} for name in sorted(chosen)}
        request.call.say(compact(rows))
    else:
        request.call.say(table(("name", "value", "note"), [(name, value, "") for name, value in chosen.items()]))
    return 0


def _download(request: Request) -> int:
    settings.token(request)
    form = request.given.get("--format", "json")
    if form not in _KNOWN.split(", "):
        raise Refused(f"invalid format. Valid formats are {_KNOWN}")
    if form not in ("json", *_LINES):
        raise NotRehearsed(f"doppler secrets download --format {form}")
    if not request.on("--no-file"):
        raise NotRehearsed("doppler secrets download without --no-file")
    if form == "json":
        request.call.say(compact(_fetched(request)))
        return 0
    known = account.secrets(_reached(request, _DOWNLOAD))
    request.call.say("\n".join(_LINES[form](name, value) for name, value in known.items()))
    return 0


def _run(request: Request) -> int:
    known = _fetched(request)
    command = request.given.get("--command")
    argv = request.words if command is None else ["sh", "-c", command]
    missing = f'Doppler Error: exec: "{argv[0]}": executable file not found in $PATH'
    raise Become(argv, {**request.call.environ, **known}, missing)


def _configs(request: Request) -> int:
    token, state = settings.token(request), request.call.world.read()
    account.reach(state, token, settings.place(request)[0], None, "Unable to fetch configs")
    times = ("created_at", "initial_fetch_at", "last_fetch_at")
    config = {
        "name": account.CONFIG,
        "root": True,
        "locked": False,
        "environment": account.CONFIG,
        "project": account.PROJECT,
        **dict.fromkeys(times, account.MADE),
    }
    if request.on("--json"):
        request.call.say(compact([config]))
        return 0
    row = [account.CONFIG, account.MADE, account.MADE, account.MADE, account.CONFIG, account.PROJECT]
    request.call.say(table(("name", "initial fetch", "last fetch", "created at", "environment", "project"), [row]))
    return 0


def _create_token(request: Request) -> int:
    known = settings.token(request)
    if not request.words:
        raise Refused("you must provide a name")
    if not request.on("--plain"):
        raise NotRehearsed("doppler configs tokens create without --plain")
    with request.call.world.change() as state:
        account.reach(state, known, *settings.place(request), "Unable to create service token")
        made = account.service_token(state)
    request.call.say(made)
    return 0


COMMANDS = {
    "configs": _configs,
    "configs tokens create": _create_token,
    "run": _run,
    "secrets": _secrets,
    "secrets download": _download,
    "secrets get": _get,
}
