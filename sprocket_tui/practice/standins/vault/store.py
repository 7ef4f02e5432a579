"""What Vault keeps: made, opened and closed again. Everything secret in it follows from the world's seed."""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from typing import Any

from sprocket_tui.practice.standins.docker.tasks import tasks
from sprocket_tui.practice.world import Mount, Service, State, Vault

_LENGTH = 33
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LEAST = 16


class Unfit(Exception):
    """Why a key does not do."""


def task(state: State, service: Service) -> str:
    """The task that runs: another one begins with a sealed Vault."""
    return next((each.id for each in tasks(state, service) if each.up), "")


def kept(state: State) -> Vault:
    """What it keeps, where it was made. Raises KeyError where it was not."""
    if "vault" not in state:
        raise KeyError("vault")
    return state["vault"]


def sealed(state: State, service: Service) -> bool:
    """Whether nobody has opened it since it started."""
    vault = state.get("vault")
    return vault is None or not vault["opened"] or vault["opened"] != task(state, service)


def make(state: State, service: Service, shares: int, threshold: int) -> Vault:
    """Makes the keys, the root token and the first engines."""
    vault: Vault = {
        "mark": service["id"],
        "drawn": 0,
        "shares": [],
        "threshold": threshold,
        "root": "",
        "accessor": "",
        "made": time.time(),
        "cluster": "",
        "opened": "",
        "tried": "",
        "given": [],
        "nonce": "",
        "mounts": {},
        "values": {},
    }
    state["vault"] = vault
    # Whoever decodes a key sees what it is.
    length = _LENGTH if shares > 1 else _LENGTH - 1
    vault["shares"] = [f"practice-key-{_digest(vault)}"[:length].encode().hex() for _ in range(shares)]
    vault["root"] = f"hvs.practice{letters(vault, 16)}"
    vault["accessor"], vault["cluster"] = letters(vault, 24), number(vault)
    for path, kind in (("cubbyhole/", "cubbyhole"), ("identity/", "identity"), ("sys/", "system")):
        vault["mounts"][path] = mount(vault, kind, "")
    return vault


def mount(vault: Vault, kind: str, version: str) -> Mount:
    """A new engine."""
    return {"type": kind, "version": version, "uuid": number(vault), "accessor": f"{kind}_{_digest(vault)[:8]}"}


def give(state: State, service: Service, text: str) -> None:
    """Takes one key, and opens Vault with the last one that it needs. Raises Unfit."""
    vault, key = kept(state), _decoded(text)
    if len(key) < 2 * _LEAST:
        raise Unfit(f"invalid key: key is shorter than minimum {_LEAST} bytes")
    if len(key) > 2 * _LENGTH:
        raise Unfit(f"invalid key: key is longer than maximum {_LENGTH} bytes")
    if not sealed(state, service):
        return
    if not vault["given"]:
        vault["nonce"] = number(vault)
    if key not in vault["given"]:
        vault["given"].append(key)
    if len(vault["given"]) < vault["threshold"]:
        return
    given = vault["given"]
    reset(vault)
    if not set(given) <= set(vault["shares"]):
        if len({len(each) for each in given}) > 1:
            raise Unfit("invalid key: failed to compute combined key: all parts must be the same length")
        raise Unfit(
            "unable to retrieve stored keys: invalid key: failed to decrypt keys from storage: "
            "cipher: message authentication failed"
        )
    vault["opened"] = task(state, service)


def reset(vault: Vault) -> None:
    """Forgets the keys of an attempt."""
    vault["given"], vault["nonce"] = [], ""


def in_base64(share: str) -> str:
    """A key as it is mostly shown."""
    return base64.b64encode(bytes.fromhex(share)).decode()


def number(vault: Vault) -> str:
    """A new UUID."""
    return str(uuid.UUID(_digest(vault)[:32]))


def letters(vault: Vault, length: int) -> str:
    """New letters and digits."""
    drawn = bytes.fromhex(_digest(vault))
    return "".join(_ALPHABET[each % len(_ALPHABET)] for each in drawn[:length])


def status(state: State, service: Service) -> dict[str, Any]:
    """What it tells of its seal to anybody."""
    vault, closed = state.get("vault"), sealed(state, service)
    version = service["image"].partition(":")[2]
    known: dict[str, Any] = {
        "type": "shamir",
        "initialized": vault is not None,
        "sealed": closed,
        "t": vault["threshold"] if vault else 0,
        "n": len(vault["shares"]) if vault else 0,
        "progress": len(vault["given"]) if vault else 0,
        "nonce": vault["nonce"] if vault else "",
        "version": version,
        "build_date": "",
        "migration": False,
    }
    if vault and not closed:
        known |= {"cluster_name": f"vault-cluster-{vault['cluster'][:8]}", "cluster_id": vault["cluster"]}
    return {**known, "recovery_seal": False, "storage_type": "s3" if service.get("configs") else "file"}


def _decoded(text: str) -> str:
    try:
        return bytes.fromhex(text).hex()
    except ValueError:
        pass
    try:
        return base64.b64decode(text, validate=True).hex()
    except ValueError:
        raise Unfit("'key' must be a valid hex or base64 string") from None


def _digest(vault: Vault) -> str:
    vault["drawn"] += 1
    return hashlib.sha256(f"{vault['mark']} {vault['drawn']}".encode()).hexdigest()
