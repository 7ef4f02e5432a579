"""Profiles: named environments in `$XDG_CONFIG_HOME/sprocket-tui/profiles.yaml`."""

from __future__ import annotations

import ipaddress
import os
import re
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sprocket_tui.errors import SprocketError
from sprocket_tui.values import JSON

PROFILE_NAME = r"^[a-z0-9][a-z0-9-]{0,31}$"


class Profile(BaseModel):
    """One environment; with `practice` a rehearsal's. `sudo` is how root is reached.

    `path` holds directories that a non-login shell lacks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    practice: bool = False
    environment: Literal["production", "staging", "development"] = "development"
    host: str = ""
    user: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    ssh_config: str = ""
    sudo: Literal["no", "yes"] = "no"
    domain: Annotated[str, Field(pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?$")] = ""
    address: str = ""
    resolvers: tuple[str, ...] = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
    http_port: Annotated[int, Field(ge=1, le=65535)] = 80
    https_port: Annotated[int, Field(ge=1, le=65535)] = 443
    backend: str = ""
    checkout: Annotated[str, Field(pattern=r"^[/~]")] = "/root/sprocket-infra"
    path: tuple[str, ...] = ("~/.pulumi/bin", "/usr/local/bin", "/snap/bin")

    @field_validator("sudo", mode="before")
    @classmethod
    def _word(cls, given: object) -> object:
        """YAML reads yes and no as truth values."""
        return {True: "yes", False: "no"}.get(given, given) if isinstance(given, bool) else given

    @field_validator("resolvers", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return tuple(filter(None, re.split(r"[,\s]+", given))) if isinstance(given, str) else given

    @field_validator("address")
    @classmethod
    def _ip(cls, given: str) -> str:
        return str(ipaddress.ip_address(given)) if given else given

    def target(self) -> str:
        """The target's URL, or "local" when no host is given."""
        if not self.host:
            return "local"
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"ssh://{user}{host}" + (f":{self.port}" if self.port else "")

    def values(self) -> dict[str, JSON]:
        """The fields as the guide's variables see them; what nobody said is not there, and is asked for."""
        document: dict[str, JSON] = self.model_dump(mode="json", exclude_unset=True)
        return {name: value for name, value in document.items() if value not in ("", None)}


def file() -> Path:
    """The settings file (XDG base directories)."""
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    config = Path(base) if base.startswith("/") else Path.home() / ".config"
    return config / "sprocket-tui" / "profiles.yaml"


def profiles() -> dict[str, Profile]:
    """Every profile by name. Raises SprocketError that names the file and the field when one is wrong."""
    path = file()
    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SprocketError(
            f"{path}: {' '.join(str(error).split())}", remedy="mend the file or move it away"
        ) from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise SprocketError(f"{path}: must map profile names to their fields", remedy="mend the file or move it away")
    found: dict[str, Profile] = {}
    for name, fields in document.items():  # pyright: ignore[reportUnknownVariableType]
        try:
            found[str(name)] = Profile.model_validate(fields or {})  # pyright: ignore[reportUnknownArgumentType]
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise SprocketError(
                f"{path}: profile {name}: {field}: {first['msg']}",
                remedy=f"the fields are {', '.join(Profile.model_fields)}",
            ) from error
    return found


def profile(name: str) -> Profile:
    """The profile called `name`."""
    known = profiles()
    if name not in known:
        have = f"known are {', '.join(sorted(known))}" if known else "none is saved yet"
        raise SprocketError(
            f"there is no profile {name}; {have}", remedy=f"`sprocket-tui profiles add {name}` makes one"
        )
    return known[name]


def save(name: str, new: Profile) -> Path:
    """Adds or replaces a profile, atomically; the others stay as they are."""
    document = {each: value.model_dump(mode="json", exclude_unset=True) for each, value in profiles().items()}
    document[name] = new.model_dump(mode="json", exclude_unset=True)
    path = file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as temporary:
        yaml.safe_dump(document, temporary, sort_keys=True, allow_unicode=True)
    Path(temporary.name).replace(path)
    return path
