"""`pulumi config`: the configuration of a stack.

The world holds it; the file Pulumi.STACK.yaml is written beside the program for whoever looks there.
"""

from __future__ import annotations

import json
import re
from typing import Any

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi import backend, cipher
from sprocket_tui.practice.standins.pulumi.line import Line, Refused
from sprocket_tui.practice.world import Stack

_BARE = re.compile(r"[A-Za-z/_][\w./@ +-]*(?:://[\w./@+-]+)?")
_WORDS_OF_YAML = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")


def show(call: Call, line: Line) -> int:
    """`pulumi config [--json] [--show-secrets]`."""
    state, project = call.world.read(), backend.project(call)
    backend.opened(call, state)
    _, stack = backend.stack(call, line, state, project)
    key = cipher.key(stack["digest"], cipher.passphrase(call)) if line.has("show-secrets") else None
    rows: dict[str, dict[str, Any]] = {}
    for name, value in sorted(stack["config"].items()):
        secret = not isinstance(value, str)
        row = {} if secret and key is None else {"value": _clear(key, value)}
        rows[name] = {**row, "secret": secret}
    if line.has("json"):
        call.say(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    table = [("KEY", "VALUE")]
    table += [(name.removeprefix(f"{project.name}:"), row.get("value", "[secret]")) for name, row in rows.items()]
    width = max(len(name) for name, _ in table)
    for name, value in table:
        call.say(f"{name:<{width}}  {value}")
    return 0


def get(call: Call, line: Line) -> int:
    """`pulumi config get KEY [--json]`."""
    state, project = call.world.read(), backend.project(call)
    backend.opened(call, state)
    name, stack = backend.stack(call, line, state, project)
    whole = _whole(project, line.words[0])
    if whole not in stack["config"]:
        raise Refused(f"configuration key '{whole.removeprefix(f'{project.name}:')}' not found for stack '{name}'")
    value, key = stack["config"][whole], None
    secret = isinstance(value, dict)
    if secret:
        try:
            key = cipher.key(stack["digest"], cipher.passphrase(call))
        except Refused as error:
            raise Refused(f"could not create a decrypter: {error}") from error
    try:
        clear = _clear(key, value)
    except ValueError as error:
        raise Refused(f"could not decrypt configuration value: {error}") from error
    call.say(json.dumps({"value": clear, "secret": secret}, indent=2) if line.has("json") else clear)
    return 0


def put(call: Call, line: Line) -> int:
    """`pulumi config set [--secret|--plaintext] KEY [VALUE]`; a value that is not given comes by stdin."""
    if line.has("secret") and line.has("plaintext"):
        raise Refused(
            "if any flags in the group [secret plaintext type] are set none of the others can be; "
            "[plaintext secret] were all set"
        )
    project = backend.project(call)
    backend.opened(call, state := call.world.read())
    backend.stack(call, line, state, project)
    whole = _whole(project, line.words[0])
    value = line.words[1] if len(line.words) > 1 else _asked(call, secret=line.has("secret"))
    with call.world.change() as state:
        name, stack = backend.stack(call, line, state, project)
        if line.has("secret"):
            key = cipher.key(stack["digest"], cipher.passphrase(call))
            stack["config"][whole] = {"secure": cipher.seal(state, key, value)}
        else:
            stack["config"][whole] = value
        write(call, project, name, stack)
    return 0


def remove(call: Call, line: Line) -> int:
    """`pulumi config rm KEY`."""
    project = backend.project(call)
    with call.world.change() as state:
        backend.opened(call, state)
        name, stack = backend.stack(call, line, state, project)
        stack["config"].pop(_whole(project, line.words[0]), None)
        write(call, project, name, stack)
    return 0


def write(call: Call, project: backend.Project, name: str, stack: Stack) -> None:
    """Writes Pulumi.STACK.yaml."""
    rows = [f"encryptionsalt: {stack['digest']}"]
    if stack["config"]:
        rows.append("config:")
    for key, value in stack["config"].items():
        if isinstance(value, dict):
            rows += [f"  {key}:", f"    secure: {value['secure']}"]
        else:
            rows.append(f"  {key}: {_scalar(value)}")
    file = call.path(project.directory) / f"Pulumi.{name}.yaml"
    file.write_text("\n".join([*rows, ""]), encoding="utf-8")


def clear(call: Call, stack: Stack) -> dict[str, str]:
    """The configuration with its secrets (as Secret). Raises Refused as an update does."""
    try:
        key = cipher.key(stack["digest"], cipher.passphrase(call))
    except Refused as error:
        raise Refused(f"getting stack configuration: get stack secrets manager: {error}") from error
    found: dict[str, str] = {}
    for name, value in stack["config"].items():
        try:
            found[name] = cipher.Secret(_clear(key, value)) if not isinstance(value, str) else value
        except ValueError as error:
            raise BadValue(f"failed to decrypt configuration key '{name}': {error}") from error
    return found


class BadValue(Refused):
    """A secret of another stack; found after an update has said that it begins."""


def _clear(key: bytes | None, value: str | dict[str, str]) -> str:
    return value if isinstance(value, str) else cipher.unseal(key or b"", value["secure"])


def _whole(project: backend.Project, key: str) -> str:
    if key.count(":") > 1:
        raise Refused(
            f"invalid configuration key: could not parse {key} as a configuration key "
            "(configuration keys should be of the form `<namespace>:<name>`)"
        )
    return key if ":" in key else f"{project.name}:{key}"


def _asked(call: Call, *, secret: bool) -> str:
    if not call.stdin.isatty():
        text = call.stdin.read()
        return text[:-1] if text.endswith("\n") else text
    if secret:
        import getpass  # noqa: PLC0415 only where somebody sits

        return getpass.getpass("value: ", call.stdout)
    call.stdout.write("value: ")
    call.stdout.flush()
    return call.stdin.readline().rstrip("\n")


def _scalar(value: str) -> str:
    """A text as YAML writes it: bare where nobody could take it for anything else."""
    if _BARE.fullmatch(value) and value.lower() not in _WORDS_OF_YAML and value == value.strip():
        return value
    return json.dumps(value, ensure_ascii=False)


def shown(config: dict[str, str]) -> dict[str, str]:
    """The configuration as events show it."""
    return {
        name: "[secret]" if isinstance(value, cipher.Secret) else str(value) for name, value in sorted(config.items())
    }
