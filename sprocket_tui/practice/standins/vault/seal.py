"""`vault status` and `vault operator`: whether Vault is made and open, and how that changes."""

from __future__ import annotations

from sprocket_tui.practice.standins.vault import access, shown, store
from sprocket_tui.practice.standins.vault.line import Request
from sprocket_tui.practice.standins.vault.reach import Failed, reached
from sprocket_tui.practice.world import State, Vault

_NOT_HIDDEN = """\
An error occurred attempting to ask for an unseal key. The raw error message
is shown below, but usually this is because you attempted to pipe a value
into the unseal command or you are executing outside of a terminal (tty). You
should run the unseal command from a terminal for maximum security. If this
is not an option, the unseal key can be provided as the first argument to the
unseal command. The raw error was:  file descriptor 0 is not a terminal"""
_MADE = """
Vault initialized with {shares} key shares and a key threshold of {threshold}. Please securely
distribute the key shares printed above. When the Vault is re-sealed,
restarted, or stopped, you must supply at least {threshold} of these keys to unseal it
before it can start servicing requests.

Vault does not store the generated root key. Without at least {threshold} keys to
reconstruct the root key, Vault will remain permanently sealed!

It is possible to generate new unseal keys, provided you have a quorum of
existing unseal keys shares. See "vault operator rekey" for more information."""
_SEALED, _ERROR = 2, 1


def _status(request: Request) -> int:
    state = request.call.world.read()
    try:
        api = reached(request, state, "GET", "sys/seal-status")
    except Failed as failed:
        told = str(failed) if failed.status == _ERROR else f"Error checking seal status: {failed}"
        raise Failed(told, _ERROR) from failed
    _show(request, state, store.status(state, api.service))
    return _SEALED if store.sealed(state, api.service) else 0


def _show(request: Request, state: State, known: dict[str, object]) -> None:
    if request.as_json:
        shown.as_json(request.call, {**known, "ha_enabled": False, "active_time": "0001-01-01T00:00:00Z"})
        return
    rows = {
        "Seal Type": known["type"],
        "Initialized": known["initialized"],
        "Sealed": known["sealed"],
        "Total Shares": known["n"],
        "Threshold": known["t"],
    }
    if known["sealed"]:
        rows |= {"Unseal Progress": f"{known['progress']}/{known['t']}", "Unseal Nonce": known["nonce"]}
    rows |= {"Version": known["version"], "Build Date": known["build_date"], "Storage Type": known["storage_type"]}
    if not known["sealed"]:
        rows |= {"Cluster Name": known["cluster_name"], "Cluster ID": known["cluster_id"]}
    shown.pairs(request.call, {**rows, "HA Enabled": False})


def _init(request: Request) -> int:
    if request.on("-status"):
        return _is_made(request)
    # It looks at the seal first, and says nothing of its own where it cannot.
    reached(request, request.call.world.read(), "GET", "sys/seal-status")
    shares, threshold = (int(request.given.get(name, default)) for name, default in _NUMBERS)
    try:
        with request.call.world.change() as state:
            api = reached(request, state, "PUT", "sys/init")
            if "vault" in state:
                raise api.refusal("PUT", "sys/init", 400, "Vault is already initialized")
            if wrong := _unfit(shares, threshold):
                raise api.refusal("PUT", "sys/init", 400, f"invalid seal configuration: {wrong}")
            vault = store.make(state, api.service, shares, threshold)
    except Failed as failed:
        raise Failed(f"Error initializing: {failed}") from failed
    _tell(request, vault)
    return 0


_NUMBERS = (("-key-shares", "5"), ("-key-threshold", "3"))


def _unfit(shares: int, threshold: int) -> str:
    if not shares:
        return "shares must be at least one"
    if not threshold:
        return "threshold must be at least one"
    if shares > 1 and threshold == 1:
        return "threshold must be greater than one for multiple shares"
    return "threshold cannot be larger than shares" if threshold > shares else ""


def _is_made(request: Request) -> int:
    state = request.call.world.read()
    try:
        reached(request, state, "GET", "sys/init")
    except Failed as failed:
        raise Failed(f"Error checking init status: {failed}", _ERROR) from failed
    made = "vault" in state
    request.call.say(f"Vault is {'' if made else 'not '}initialized")
    return 0 if made else _SEALED


def _tell(request: Request, vault: Vault) -> None:
    keys = [store.in_base64(share) for share in vault["shares"]]
    if request.as_json:
        known = {
            "unseal_keys_b64": keys,
            "unseal_keys_hex": vault["shares"],
            "unseal_shares": len(keys),
            "unseal_threshold": vault["threshold"],
            "recovery_keys_b64": list[str](),
            "recovery_keys_hex": list[str](),
            "recovery_keys_shares": 0,
            "recovery_keys_threshold": 0,
            "root_token": vault["root"],
        }
        shown.as_json(request.call, known)
        return
    for number, key in enumerate(keys, 1):
        request.call.say(f"Unseal Key {number}: {key}")
    request.call.say(f"\nInitial Root Token: {vault['root']}")
    request.call.say(_MADE.format(shares=len(keys), threshold=vault["threshold"]))


def _unseal(request: Request) -> int:
    reset = request.on("-reset")
    key = "" if reset else request.words[0] if request.words else _asked(request)
    doing = "Error resetting unseal process" if reset else "Error unsealing"
    try:
        with request.call.world.change() as state:
            api = reached(request, state, "PUT", "sys/unseal")
            if "vault" not in state:
                raise api.refusal("PUT", "sys/unseal", 400, "Vault is not initialized")
            known = store.sealed(state, api.service)
            if reset and not known:
                raise api.refusal("PUT", "sys/unseal", 400, "vault is unsealed")
            wrong = ""
            try:
                if reset:
                    store.reset(store.kept(state))
                else:
                    store.give(state, api.service, key)
            except store.Unfit as unfit:
                wrong = str(unfit)
    except Failed as failed:
        raise Failed(f"{doing}: {failed}") from failed
    if wrong:
        raise Failed(f"{doing}: {api.refusal('PUT', 'sys/unseal', 400, wrong)}")
    _show(request, state, store.status(state, api.service))
    return 0


def _asked(request: Request) -> str:
    """The key that somebody types at a terminal; nobody sees it there."""
    call = request.call
    call.stdout.write("Unseal Key (will be hidden): ")
    call.stdout.flush()
    if not call.stdin.isatty():
        call.say("")
        call.stdout.flush()
        raise Failed(_NOT_HIDDEN, _ERROR)
    import getpass  # noqa: PLC0415 only who is asked needs it

    return getpass.getpass("", call.stdout).strip()


def _seal(request: Request) -> int:
    try:
        with request.call.world.change() as state:
            api = reached(request, state, "PUT", "sys/seal")
            # What is sealed already asks nobody who he is.
            if not store.sealed(state, api.service):
                access.allowed(request, state, api, "PUT", "sys/seal")
                store.kept(state)["opened"] = ""
    except Failed as failed:
        raise Failed(f"Error sealing: {failed}") from failed
    request.call.say("Success! Vault is sealed.")
    return 0


COMMANDS = {"status": _status, "operator init": _init, "operator unseal": _unseal, "operator seal": _seal}
