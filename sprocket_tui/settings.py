"""Profiles: named environments in `$XDG_CONFIG_HOME/sprocket-tui/profiles.yaml`."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import re
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.problems import Problem, unknown
from sprocket_tui.guide.shape import shaped
from sprocket_tui.guide.written import faulty, opened
from sprocket_tui.values import JSON

PROFILE_NAME = r"^[a-z0-9][a-z0-9-]{0,31}$"
# As long as another program may take to write a file of ours, in seconds, and how often that is looked at.
_PATIENCE, _AGAIN = 5.0, 0.05


class Profile(BaseModel):
    """One environment; with `practice` a rehearsal's. `sudo` is how root is reached.

    `path` holds directories that a non-login shell lacks.
    """

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid")

    practice: bool = False
    environment: Literal["production", "staging", "development"] = "development"
    host: str = ""
    user: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    ssh_config: str = ""
    sudo: Literal["no", "yes"] = "no"
    domain: str = ""
    address: str = ""
    resolvers: tuple[str, ...] = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
    http_port: Annotated[int, Field(ge=1, le=65535)] = 80
    https_port: Annotated[int, Field(ge=1, le=65535)] = 443
    backend: str = ""
    checkout: str = "/root/sprocket-infra"
    path: tuple[str, ...] = ("~/.pulumi/bin", "/usr/local/bin", "/snap/bin")

    @model_validator(mode="before")
    @classmethod
    def _address_as_one(cls, given: object) -> object:
        """A host may be written as host:port; a port of its own goes first."""
        if not isinstance(given, dict):
            return given
        fields = cast("dict[str, Any]", given)
        written = re.fullmatch(r"([^:\[\]]+|\[[^\[\]]+\]):(\d+)", str(fields.get("host", "")))
        return {"port": written[2], **fields, "host": written[1].strip("[]")} if written else fields

    @field_validator("sudo", mode="before")
    @classmethod
    def _word(cls, given: object) -> object:
        """YAML reads yes and no as truth values."""
        return {True: "yes", False: "no"}.get(given, given) if isinstance(given, bool) else given

    @field_validator("resolvers", "path", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return tuple(filter(None, re.split(r"[,\s]+", given))) if isinstance(given, str) else given

    @field_validator("domain")
    @classmethod
    def _name(cls, given: str) -> str:
        if not re.fullmatch(r"([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?", given):
            raise ValueError(f"{given!r} is no domain, as in sprocket.example")
        return given

    @field_validator("checkout")
    @classmethod
    def _absolute(cls, given: str) -> str:
        if given[:1] not in ("/", "~"):
            raise ValueError(f"{given!r} must begin with / or ~")
        return given

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

    def twice(self) -> str:
        """What is wrong with one port for two uses, empty where there are two: nothing can listen to both at one."""
        if self.http_port != self.https_port:
            return ""
        return f"{self.https_port} is the port of HTTP and of HTTPS: give two different ones"

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
    """Every profile by name. Raises SprocketError with the line and the field of all that is wrong."""
    path = file()
    document = opened(path) if path.exists() else None
    if document is None:
        return {}
    problems: list[Problem] = []
    found = {
        str(name): shaped(Profile, document, (str(name),), fields or {}, problems)
        for name, fields in document.data.items()
    }
    for name, each in found.items():
        if each and (said := each.twice()):
            path = (name, "https_port" if "https_port" in each.model_fields_set else "http_port")
            problems.append(Problem(document.name, document.line(path), ".".join(path), said))
    if problems:
        raise faulty(problems)
    return {name: each for name, each in found.items() if each}


def profile(name: str) -> Profile:
    """The profile called `name`."""
    known = profiles()
    if name not in known:
        have = unknown("profile", name, known) if known else f"there is no profile {name}; none is saved yet"
        raise SprocketError(have, remedy=f"`sprocket-tui profiles add {name}` makes one")
    return known[name]


def save(name: str, new: Profile) -> Path:
    """Adds or replaces a profile, atomically; the others stay as they are. Raises SprocketError where it cannot be."""
    with alone(file()):
        return write(file(), {**_documents(), name: new.model_dump(mode="json", exclude_unset=True)})


def forget(name: str) -> Path:
    """Removes a profile; the others stay as they are, and nothing else is touched."""
    with alone(file()):
        return write(file(), {each: value for each, value in _documents().items() if each != name})


def _documents() -> dict[str, JSON]:
    return {each: value.model_dump(mode="json", exclude_unset=True) for each, value in profiles().items()}


@contextmanager
def alone(path: Path) -> Generator[None]:
    """Nobody else of us changes a file beside the profiles meanwhile: what was read is still so when it is written.

    Raises SprocketError where it cannot be written there, or another program does not come to an end with it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # The directory itself is locked: no file is left behind.
        directory = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _locked(directory, path)
        yield
    finally:
        os.close(directory)


def _locked(directory: int, path: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise SprocketError(
                    f"{path} is being written by another sprocket-tui", remedy="wait for its end, then try again"
                ) from None
            time.sleep(_AGAIN)
        except OSError:
            # A file system that has no locks.
            return
        else:
            return


def write(path: Path, document: dict[str, JSON]) -> Path:
    """Replaces a file of ours beside the profiles as a whole. Raises SprocketError where it cannot; it is as it was."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file_:
                yaml.safe_dump(document, file_, sort_keys=True, allow_unicode=True)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error
    return path


def _unwritable(path: Path, error: OSError) -> SprocketError:
    return SprocketError(
        f"{path} cannot be written: {error.strerror}", remedy="make room, or let yourself write there, then try again"
    )
