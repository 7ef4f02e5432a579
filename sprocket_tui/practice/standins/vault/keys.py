"""`vault kv`: what is kept at paths of an engine, in versions or without."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from sprocket_tui.practice.standins.vault import access, shown, store
from sprocket_tui.practice.standins.vault.line import Request
from sprocket_tui.practice.standins.vault.reach import Api, Failed, reached
from sprocket_tui.practice.world import State, Value, Vault

# How long somebody may keep what has no versions, in seconds.
_LEASE = 2764800


@dataclass(frozen=True)
class _Place:
    """A path in an engine: `shown` as the API has it below "data" or "metadata"."""

    api: Api
    vault: Vault
    mount: str
    name: str
    versioned: bool

    def shown(self, kind: str) -> str:
        middle = f"{kind}/" if self.versioned else ""
        return f"{self.mount}{middle}{self.name}".rstrip("/")

    @property
    def key(self) -> str:
        return f"{self.mount}{self.name}"

    @property
    def versions(self) -> list[Value]:
        return self.vault["values"].get(self.key, [])


def _place(request: Request, state: State, word: str) -> _Place:
    """Where a word leads. Raises Failed as the first look at the mount does."""
    given = request.given.get("-mount", "")
    path = word.strip("/")
    asked = given.strip("/") or path
    where = f"sys/internal/ui/mounts/{asked}"
    api = reached(request, state, "GET", where)
    vault = access.allowed(request, state, api, "GET", where)
    mount = next((each for each in vault["mounts"] if f"{asked}/".startswith(each)), "")
    if not mount:
        why = "preflight capability check returned 403, please ensure client's policies grant access to path "
        raise api.refusal("GET", where, 403, f'{why}"{asked}/"')
    name = path if given else path.removeprefix(mount.rstrip("/")).strip("/")
    return _Place(api, vault, mount, name, vault["mounts"][mount]["version"] == "2")


def _put(request: Request) -> int:
    if len(request.words) < 2:
        return request.call.fail("Must supply data")
    data = _data(request, request.words[1:])
    with request.call.world.change() as state:
        place = _place(request, state, request.words[0])
        made: Value = {"created": time.time(), "deleted": 0.0, "data": data}
        versions = [*place.versions, made] if place.versioned else [made]
        place.vault["values"][place.key] = versions
        number = store.number(place.vault)
    if not place.versioned:
        request.call.say(f"Success! Data written to: {place.shown('')}")
        return 0
    about = _metadata(made, len(versions))
    if request.as_json:
        shown.as_json(request.call, shown.answer(number, about))
        return 0
    _path(request, place)
    shown.title(request.call, "Metadata", _width(about))
    shown.pairs(request.call, about)
    return 0


def _data(request: Request, words: list[str]) -> dict[str, Any]:
    """What is to be written: NAME=VALUE, with @FILE or "-" for values that are not typed. Raises Failed."""
    found = dict[str, Any]()
    for word in words:
        if word == "-":
            try:
                found |= json.loads(request.call.stdin.read())
            except ValueError as error:
                raise Failed(f"Failed to parse K=V data: invalid key/value pair {word!r}: {error}", 1) from error
            continue
        name, equals, value = word.partition("=")
        if not equals:
            raise Failed(f'Failed to parse K=V data: invalid key/value pair "{word}": format must be key=value', 1)
        if value == "-":
            value = request.call.stdin.read()
        elif value.startswith("@"):
            try:
                value = request.call.path(value[1:]).read_text(encoding="utf-8")
            except OSError:
                why = f"error reading file: open {value[1:]}: no such file or directory"
                raise Failed(f'Failed to parse K=V data: invalid key/value pair "{word}": {why}', 1) from None
        found[name] = value
    return found


def _get(request: Request) -> int:
    with request.call.world.change() as state:
        place = _place(request, state, request.words[0])
        number = store.number(place.vault)
    wanted = int(request.given.get("-version", "0")) or len(place.versions)
    if not 0 < wanted <= len(place.versions):
        return request.call.fail(f"No value found at {place.shown('data')}", 2)
    value = place.versions[wanted - 1]
    about = _metadata(value, wanted)
    data = None if value["deleted"] else value["data"]
    if "-field" in request.given:
        return _field(request, data or {})
    if request.as_json:
        known = {"data": data, "metadata": about} if place.versioned else data
        shown.as_json(request.call, shown.answer(number, known, 0 if place.versioned else _LEASE))
        return 0
    if place.versioned:
        _path(request, place)
        shown.title(request.call, "Metadata", _width(about))
        shown.pairs(request.call, about)
        request.call.say("")
    if data is None:
        return 0
    shown.title(request.call, "Data", _width(data))
    shown.pairs(request.call, dict(sorted(data.items())))
    return 0


def _field(request: Request, data: dict[str, Any]) -> int:
    name = request.given["-field"]
    if name not in data:
        return request.call.fail(f'Field "{name}" not present in secret', 1)
    told = json.dumps(data[name]) if request.as_json else shown.text(data[name])
    # Without an end of line where somebody puts it into a variable.
    request.call.stdout.write(told + ("\n" if request.call.stdout.isatty() else ""))
    return 0


def _list(request: Request) -> int:
    state = request.call.world.read()
    place = _place(request, state, request.words[0])
    start = f"{place.key}/" if place.name else place.mount
    below = {key.removeprefix(start) for key in place.vault["values"] if key.startswith(start)}
    names = sorted({f"{name}/" if rest else name for name, _, rest in (each.partition("/") for each in below)})
    if not names:
        if request.as_json:
            request.call.say("{}")
        else:
            request.call.stderr.write(f"No value found at {place.shown('metadata')}\n")
        return 2
    if request.as_json:
        shown.as_json(request.call, names)
    else:
        shown.table(request.call, ("Keys",), [(name,) for name in names])
    return 0


def _delete(request: Request) -> int:
    with request.call.world.change() as state:
        place = _place(request, state, request.words[0])
        if place.versioned:
            for value in place.versions[-1:]:
                value["deleted"] = value["deleted"] or time.time()
        else:
            place.vault["values"].pop(place.key, None)
    request.call.say(f"Success! Data deleted (if it existed) at: {place.shown('data')}")
    return 0


def _metadata(value: Value, version: int) -> dict[str, Any]:
    return {
        "created_time": shown.moment(value["created"]),
        "custom_metadata": None,
        "deletion_time": shown.moment(value["deleted"]) if value["deleted"] else "",
        "destroyed": False,
        "version": version,
    }


def _path(request: Request, place: _Place) -> None:
    whole = place.shown("data")
    shown.title(request.call, "Secret Path", len(whole))
    request.call.say(f"{whole}\n")


def _width(rows: dict[str, Any]) -> int:
    return max(len(name) for name in rows) + len("    Value")


COMMANDS = {"kv put": _put, "kv get": _get, "kv list": _list, "kv delete": _delete}
