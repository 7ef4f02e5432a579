"""How secrets lie in the world: sealed with the stack's passphrase; a rehearsal's protection, no more.

The texts have the shape of Pulumi's own (`v1:NONCE:TEXT`, base64), and the same key opens all of a stack.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi.line import Refused
from sprocket_tui.practice.world import State, identifier

# A property of a resource, as JSON has it.
Property: TypeAlias = "str | int | float | bool | list[Property] | dict[str, Property] | None"
# By these two a secret among properties is told from any other object.
_SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
_ROUNDS = 10_000
_TAG = 16
_PROOF = "pulumi"


def passphrase(call: Call) -> str:
    """The passphrase as the environment gives it. Raises Refused without one."""
    if "PULUMI_CONFIG_PASSPHRASE" in call.environ:
        return call.environ["PULUMI_CONFIG_PASSPHRASE"]
    name = call.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE", "")
    if not name:
        names = "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"
        raise Refused(f"passphrase must be set with {names} environment variables")
    try:
        return call.path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        said = (error.strerror or "").lower()
        raise Refused(f"unable to read PULUMI_CONFIG_PASSPHRASE_FILE: open {name}: {said}") from error


def digest(state: State, text: str) -> str:
    """What tells this passphrase from another one: `v1:SALT:v1:NONCE:TEXT`."""
    salt = _b64(hashlib.sha256(identifier(state).encode()).digest()[:8])
    return f"v1:{salt}:{seal(state, _key(salt, text), _PROOF)}"


def key(digest_: str, text: str) -> bytes:
    """The key of a stack. Raises Refused when this is not its passphrase."""
    _, _, rest = digest_.partition(":")
    salt, _, proof = rest.partition(":")
    found = _key(salt, text)
    try:
        unseal(found, proof)
    except ValueError as error:
        raise Refused("incorrect passphrase") from error
    return found


def seal(state: State, key_: bytes, text: str) -> str:
    """A text that only the key opens."""
    nonce = hashlib.sha256(identifier(state).encode()).digest()[:12]
    hidden = _mix(key_, nonce, text.encode())
    return f"v1:{_b64(nonce)}:{_b64(hidden + _tag(key_, nonce, hidden))}"


def unseal(key_: bytes, text: str) -> str:
    """What was sealed. Raises ValueError when it was not with this key."""
    _, nonce_text, rest = text.split(":")
    nonce, whole = base64.b64decode(nonce_text), base64.b64decode(rest)
    hidden, tag = whole[:-_TAG], whole[-_TAG:]
    if not hmac.compare_digest(tag, _tag(key_, nonce, hidden)):
        raise ValueError("bad value")
    return _mix(key_, nonce, hidden).decode()


class Secret(str):
    """A property that is secret, in clear, for as long as the command runs."""

    __slots__ = ()


def sealed(state: State, key_: bytes, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as the state keeps them: every Secret sealed."""

    def change(value: Property) -> Property:
        if isinstance(value, Secret):
            return {**_SIGNATURE, "ciphertext": seal(state, key_, value)}
        return _mapped(value, change)

    return {name: change(value) for name, value in properties.items()}


def opened(key_: bytes, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of the state with their secrets in clear. Raises ValueError for one of another key."""

    def change(value: Property) -> Property:
        if isinstance(value, dict) and "ciphertext" in value:
            return Secret(unseal(key_, str(value["ciphertext"])))
        return _mapped(value, change)

    return {name: change(value) for name, value in properties.items()}


def hidden(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as events show them."""
    return _replaced(properties, {**_SIGNATURE, "ciphertext": "[secret]"})


def masked(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as the document of a preview shows them."""
    return _replaced(properties, "[secret]")


def _replaced(properties: Mapping[str, Any], by: Property) -> dict[str, Any]:
    def change(value: Property) -> Property:
        return by if isinstance(value, Secret) else _mapped(value, change)

    return {name: change(value) for name, value in properties.items()}


def _mapped(value: Property, change: Callable[[Property], Property]) -> Property:
    if isinstance(value, dict):
        return {name: change(each) for name, each in value.items()}
    if isinstance(value, list):
        return [change(each) for each in value]
    return value


def _key(salt: str, text: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), _ROUNDS)


def _mix(key_: bytes, nonce: bytes, data: bytes) -> bytes:
    blocks = range(-(-len(data) // 32))
    stream = b"".join(hashlib.sha256(key_ + nonce + block.to_bytes(4, "big")).digest() for block in blocks)
    return bytes(one ^ other for one, other in zip(data, stream, strict=False))


def _tag(key_: bytes, nonce: bytes, hidden_: bytes) -> bytes:
    return hmac.digest(key_, nonce + hidden_, "sha256")[:_TAG]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
