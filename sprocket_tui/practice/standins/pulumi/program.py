"""What the program registers for a configuration, and where it stops; its urns, and its properties filled in."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from sprocket_tui.practice.standins.pulumi.cipher import Property, Secret
from sprocket_tui.practice.standins.pulumi.layer_1 import ITEMS, STACK, Item

PROVIDER = "default_3_6_1"
# What a preview says in place of a value that is not known before the resource is made.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# A key that is asked for in vain is reported late, because Node.js prints its whole module graph.
SLOW_FAILURE = 19.5
# Keys that must be there, in the order in which the program asks; where it stops, these are never registered.
_LOGIN_NEEDED = ("vault", "vault-config", "vault-network", "vault-service", "traefik-fa-service")
_VAULT_NEEDED = ("vault-config", "vault-network", "vault-service")
_REQUIRED: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    ("docker-username", False, _LOGIN_NEEDED),
    ("docker-access-token", True, _LOGIN_NEEDED),
    ("discord-fa-client-secret", True, _LOGIN_NEEDED),
    ("vault-s3-access-key", True, _VAULT_NEEDED),
    ("vault-s3-secret-key", True, _VAULT_NEEDED),
    ("vault-s3-bucket", False, _VAULT_NEEDED),
    ("vault-s3-endpoint", False, _VAULT_NEEDED),
)
DEFAULT_HOSTNAME = "spr.ocket.cloud"


def missing(config: Mapping[str, str], project: str) -> tuple[str, str, tuple[str, ...]] | None:
    """The first key in vain: the key, the message, what is not registered because of it."""
    for key, secret, left_out in _REQUIRED:
        if f"{project}:{key}" not in config:
            flag = " --secret" if secret else ""
            ask = f"please set a value using the command `pulumi config set{flag} {project}:{key} <value>`"
            return key, f"Missing required configuration variable '{project}:{key}'\n\t{ask}\n", left_out
    return None


def urn(stack: str, project: str, item: Item | None) -> str:
    """The urn of a resource; of the stack itself for None."""
    start = f"urn:pulumi:{stack}::{project}::"
    if item is None:
        return f"{start}{STACK}::{project}-{stack}"
    types, above = [item.type], item.parent
    while above:
        parent = _component(above)
        types.insert(0, parent.type)
        above = parent.parent
    return f"{start}{'$'.join(types)}::{item.name}"


def parent_urn(stack: str, project: str, item: Item) -> str:
    """The urn of what it stands below."""
    return urn(stack, project, _component(item.parent) if item.parent else None)


def provider_urn(stack: str, project: str) -> str:
    """The urn of the default provider."""
    return f"urn:pulumi:{stack}::{project}::pulumi:providers:docker::{PROVIDER}"


def depends(urn_: str) -> list[str]:
    """The urns that a resource waits for, by its own urn."""
    _, stack, rest = urn_.removeprefix("urn:").split(":", 2)
    project, types = rest.removeprefix(":").split("::")[:2]
    name, kind = urn_.rpartition("::")[2], types.rpartition("$")[2]
    item = next((each for each in ITEMS if each.name == name and each.type == kind), None)
    needed = [next(each for each in ITEMS if each.name == one and each.custom) for one in item.depends] if item else []
    return [urn(stack, project, each) for each in needed]


def _component(name: str) -> Item:
    return next(item for item in ITEMS if item.name == name and not item.custom)


def resolve(properties: Mapping[str, Any], look: Callable[[str, str], str]) -> dict[str, Any]:
    """Properties with their placeholders filled in; `look` says what (kind, name) stands for."""

    def text(value: str) -> str:
        return re.sub(r"\$\{(\w+):?([\w-]*)\}", lambda found: look(found[1], found[2]), value)

    def marked(value: dict[str, Property]) -> Property:
        if "$secret" in value:
            return Secret(change(value["$secret"]))
        if "$base64" in value:
            return base64.b64encode(str(change(value["$base64"])).encode()).decode()
        if "$port" in value:
            return int(look("port", str(value["$port"])))
        return {name: change(each) for name, each in value.items()}

    def change(value: Property) -> Property:
        if isinstance(value, str):
            return text(value)
        if isinstance(value, list):
            return [change(each) for each in value]
        return marked(value) if isinstance(value, dict) else value

    return {name: change(value) for name, value in properties.items()}
