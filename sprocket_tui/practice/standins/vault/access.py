"""`vault login`, `vault token` and `vault secrets`: who asks, and which engines there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sprocket_tui.practice.standins.vault import shown, store
from sprocket_tui.practice.standins.vault.line import Request
from sprocket_tui.practice.standins.vault.reach import Api, Failed, reached
from sprocket_tui.practice.world import Mount, State, Vault

_FILE = "~/.vault-token"
_SELF = "auth/token/lookup-self"
_DENIED = "permission denied"
_KINDS = {"kv": "kv", "kv-v1": "kv", "kv-v2": "kv"}
_DESCRIPTIONS = {
    "cubbyhole": "per-token private secret storage",
    "identity": "identity store",
    "system": "system endpoints used for control, policy and debugging",
}
_LOGGED_IN = """\
Success! You are now authenticated. The token information displayed below
is already stored in the token helper. You do NOT need to run "vault login"
again. Future Vault requests will automatically use this token.
"""

_NOT_STORED = """\
The token was not stored in token helper. Set the VAULT_TOKEN environment
variable or pass the token below with each request to Vault.

"""
_NOT_HIDDEN = (
    "Error authenticating: An error occurred attempting to ask for a token. The raw error message is shown below, but "
    "usually this is because you attempted to pipe a value into the command or you are executing outside of a terminal "
    '(tty). If you want to pipe the value, pass "-" as the argument to read from stdin. The raw error was: '
    "file descriptor 0 is not a terminal"
)


def token(request: Request) -> str:
    """The token to ask with: the environment's, or the one that a login kept."""
    told = request.call.environ.get("VAULT_TOKEN", "")
    try:
        return told or request.call.path(_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def allowed(request: Request, state: State, api: Api, method: str, path: str) -> Vault:
    """What Vault has, for whoever may see it. Raises Failed: only the root token is known in a rehearsal."""
    if store.sealed(state, api.service):
        raise api.refusal(method, path, 503, "Vault is sealed")
    vault = state.get("vault")
    if vault is None or token(request) != vault["root"]:
        raise api.refusal(method, path, 403, _DENIED)
    return vault


def _lookup(request: Request) -> int:
    with request.call.world.change() as state:
        path, method = ("auth/token/lookup", "POST") if request.words else (_SELF, "GET")
        try:
            api = reached(request, state, method, path)
            vault = allowed(request, state, api, method, path)
            if request.words and request.words[0] != vault["root"]:
                raise api.refusal(method, path, 403, "bad token")
        except Failed as failed:
            raise Failed(f"Error looking up token: {failed}") from failed
        known = _token(vault)
        number = store.number(vault)
    if request.as_json:
        shown.as_json(request.call, shown.answer(number, known))
    else:
        spans = dict.fromkeys(("creation_ttl", "explicit_max_ttl", "ttl"), "0s")
        shown.pairs(request.call, {**known, **spans})
    return 0


def _token(vault: Vault) -> dict[str, Any]:
    return {
        "accessor": vault["accessor"],
        "creation_time": int(vault["made"]),
        "creation_ttl": 0,
        "display_name": "root",
        "entity_id": "",
        "expire_time": None,
        "explicit_max_ttl": 0,
        "id": vault["root"],
        "meta": None,
        "num_uses": 0,
        "orphan": True,
        "path": "auth/token/root",
        "policies": ["root"],
        "ttl": 0,
        "type": "service",
    }


def _login(request: Request) -> int:
    call = request.call
    if len(request.words) > 1:
        why = f'invalid key/value pair "{request.words[1]}": format must be key=value'
        return call.fail(f"Error parsing configuration: {why}")
    text = _given(request)
    state = call.world.read()
    try:
        api = reached(request, state, "GET", _SELF)
        given = {**call.environ, "VAULT_TOKEN": text}
        vault = allowed(replace(request, call=replace(call, environ=given)), state, api, "GET", _SELF)
    except Failed as failed:
        raise Failed(f"Error authenticating: error looking up token: {failed}") from failed
    if request.on("-no-store"):
        call.stderr.write(_NOT_STORED)
    else:
        file = call.path(_FILE)
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
    if request.on("-no-print"):
        return 0
    if request.as_json:
        shown.as_json(call, {**shown.answer("", None), "auth": _auth(vault)})
        return 0
    call.say(_LOGGED_IN)
    rows = {
        "token": vault["root"],
        "token_accessor": vault["accessor"],
        "token_duration": "∞",
        "token_renewable": False,
        "token_policies": ['"root"'],
        "identity_policies": list[str](),
        "policies": ['"root"'],
    }
    shown.pairs(call, rows)
    return 0


def _auth(vault: Vault) -> dict[str, Any]:
    return {
        "client_token": vault["root"],
        "accessor": vault["accessor"],
        "policies": ["root"],
        "token_policies": ["root"],
        "identity_policies": None,
        "metadata": None,
        "orphan": False,
        "entity_id": "",
        "lease_duration": 0,
        "renewable": False,
        "mfa_requirement": None,
    }


def _given(request: Request) -> str:
    """The token that somebody wants to log in with. Raises Failed where nobody could type it unseen."""
    stdin, stderr = request.call.stdin, request.call.stderr
    if request.words:
        return (stdin.readline() if request.words[0] == "-" else request.words[0]).strip()
    stderr.write("Token (will be hidden): ")
    stderr.flush()
    if not stdin.isatty():
        stderr.write("\n")
        raise Failed(_NOT_HIDDEN)
    import getpass  # noqa: PLC0415 only who is asked needs it

    return getpass.getpass("", stderr).strip()


def _enable(request: Request) -> int:
    kind = request.words[0]
    path = request.given.get("-path", kind).strip("/")
    version = {"kv-v2": "2", "kv-v1": "1"}.get(kind, request.given.get("-version", ""))
    where = f"sys/mounts/{path}"
    try:
        with request.call.world.change() as state:
            api = reached(request, state, "POST", where)
            vault = allowed(request, state, api, "POST", where)
            if f"{path}/" in vault["mounts"]:
                raise api.refusal("POST", where, 400, f"path is already in use at {path}/")
            if kind not in _KINDS:
                raise api.refusal("POST", where, 400, f"plugin not found in the catalog: {kind}")
            vault["mounts"][f"{path}/"] = store.mount(vault, _KINDS[kind], version)
    except Failed as failed:
        raise Failed(f"Error enabling: {failed}") from failed
    request.call.say(f"Success! Enabled the {kind} secrets engine at: {path}/")
    return 0


def _list(request: Request) -> int:
    state = request.call.world.read()
    try:
        api = reached(request, state, "GET", "sys/mounts")
        vault = allowed(request, state, api, "GET", "sys/mounts")
    except Failed as failed:
        raise Failed(f"Error listing secrets engines: {failed}") from failed
    mounts = sorted(vault["mounts"].items())
    if request.as_json:
        version = api.service["image"].partition(":")[2]
        shown.as_json(request.call, {path: _mount(each, version) for path, each in mounts})
        return 0
    rows = [(path, each["type"], each["accessor"], _DESCRIPTIONS.get(each["type"], "n/a")) for path, each in mounts]
    shown.table(request.call, ("Path", "Type", "Accessor", "Description"), rows)
    return 0


def _mount(each: Mount, version: str) -> dict[str, Any]:
    kind = each["type"]
    headers = {"identity": ["Authorization"], "system": ["Accept"]}.get(kind)
    config = {"default_lease_ttl": 0, "max_lease_ttl": 0, "force_no_cache": False}
    return {
        "uuid": each["uuid"],
        "type": kind,
        "description": _DESCRIPTIONS.get(kind, ""),
        "accessor": each["accessor"],
        "config": {**config, "passthrough_request_headers": headers} if headers else config,
        "options": {"version": each["version"]} if each["version"] else None,
        "local": kind == "cubbyhole",
        "seal_wrap": kind == "system",
        "external_entropy_access": False,
        "plugin_version": "",
        "running_plugin_version": "v0.14.2+builtin" if kind == "kv" else f"v{version}+builtin.vault",
        "running_sha256": "",
        "deprecation_status": "supported" if kind == "kv" else "",
    }


COMMANDS = {"login": _login, "token lookup": _lookup, "secrets enable": _enable, "secrets list": _list}
