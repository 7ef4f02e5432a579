"""What the start script in Vault's container does by itself: makes the keys once, keeps them in files, opens Vault."""

from __future__ import annotations

from contextlib import suppress

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.docker.tasks import tasks
from sprocket_tui.practice.standins.vault import reach, store
from sprocket_tui.practice.world import Service, State

# Seconds of the world's time until the script has its own tools.
_NEEDS = 12.0
_SCRIPT, _DIRECTORY = "/auto-initialize.sh", "/unseal-tokens"
_SHARES, _THRESHOLD = 5, 3
_KEYS, _ROOT = "unseal_tokens.txt", "root_token.txt"


def due(state: State) -> Service | None:
    """Vault's service, where the script has had its time and nobody has looked since."""
    service = reach.service(state)
    if service is None or not _source(service, _SCRIPT) or not _source(service, _DIRECTORY):
        return None
    running = next((each for each in tasks(state, service) if each.up), None)
    if running is None or running.since < _NEEDS or state.get("vault", {}).get("tried") == running.id:
        return None
    return service


def settle(call: Call) -> None:
    """Does what the script has done since somebody last looked."""
    if due(call.world.read()) is None:
        return
    with call.world.change() as state:
        service = due(state)
        if service is not None:
            _run(call, state, service)


def _run(call: Call, state: State, service: Service) -> None:
    directory = call.path(_source(service, _DIRECTORY))
    if "vault" not in state:
        vault = store.make(state, service, _SHARES, _THRESHOLD)
        keys = [store.in_base64(share) for share in vault["shares"]]
        # Where they cannot be kept they are lost, as the real script loses them.
        with suppress(OSError):
            (directory / _KEYS).write_text("".join(f"{key}\n" for key in keys), encoding="utf-8")
            (directory / _ROOT).write_text(f"{vault['root']}\n", encoding="utf-8")
    vault = store.kept(state)
    vault["tried"] = store.task(state, service)
    try:
        kept = (directory / _KEYS).read_text(encoding="utf-8").split()
    except OSError:
        # Without its keys it stays sealed, until somebody opens it by hand.
        return
    for key in kept[: vault["threshold"]]:
        try:
            store.give(state, service, key)
        except store.Unfit:
            return


def _source(service: Service, end: str) -> str:
    return next((source for source in service["mounts"] if source.endswith(end)), "")
