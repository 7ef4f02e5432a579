"""The parameter model of every probe and verb, and the registries the loader reads them from.

Outcomes read values by `conditions.reach` ("value.addresses.0"); an operand "${address}" is the value of a variable.
A new kind is one model here, entered under its name below, and one module in `checks/probes/` or `actions/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sprocket_tui.guide.model import Id, Model, ProbeWords, Text, VerbWords


class CommandProbe(ProbeWords):
    """Runs `argv`; value {status, out, err}: `out` is text, lines or the parsed JSON document, as `read` says."""

    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    read: Literal["text", "lines", "json"] = "text"


class NodeProbe(ProbeWords):
    """Measures one fact of the node. The value is an object, its keys as `checks/probes/node.py` says for the fact."""

    fact: Literal["cpus", "memory", "disk", "inodes", "system", "clock", "swap", "tmpfs"]
    path: str = "/"


class SoftwareProbe(ProbeWords):
    """Finds a program; value {found, path, version, major, minor}: an absolute path; `pattern` reads the version."""

    name: str
    version: tuple[str, ...] = ("--version",)
    pattern: str = r"(\d+)\.(\d+)(?:\.(\d+))?"


class PortProbe(ProbeWords):
    """Connects to `host`:`port`, or with `holder` says who listens there on the droplet.

    Value {state: open | refused | filtered} or {free, process, pid, container, name}.
    """

    host: str = "127.0.0.1"
    port: str
    holder: bool = False


class HttpProbe(ProbeWords):
    """Asks for `url` (certificates not verified when `insecure`); value {status, location, server, body}."""

    url: str
    host: str = ""
    method: Literal["GET", "HEAD"] = "GET"
    insecure: bool = False


class DnsProbe(ProbeWords):
    """Asks each resolver for `record` of `name`; value {answers: {resolver: [..]}, addresses, agree, wildcard}."""

    name: str
    record: Literal["A", "AAAA", "CAA"] = "A"
    resolvers: str = "${resolvers}"


class SwarmServiceProbe(ProbeWords):
    """One service by exact `name` or by `prefix` of its generated name (a dash and seven hex digits follow).

    Value {name, count, mode, desired, running, state, error, failures, update}.
    """

    name: str = ""
    prefix: str = ""

    @model_validator(mode="after")
    def _name_or_prefix(self) -> Self:
        if bool(self.name) == bool(self.prefix):
            raise ValueError("give either name or prefix")
        return self


class SecretProbe(ProbeWords):
    """Whether a secret variable has been given; value {present}, unknown where it was not. Its text is never read."""

    var: str


class ReadVerb(VerbWords):
    """Text to read; nothing is asked and nothing runs."""


class AskVerb(VerbWords):
    """Asks for the variables, in order; those already known are shown and kept."""

    vars: Annotated[tuple[str, ...], Field(min_length=1)]


class ConfirmVerb(VerbWords):
    """A person says that `statement` holds."""

    statement: Text


class CheckVerb(VerbWords):
    """Measures checklists or single checks."""

    checklists: tuple[Id, ...] = ()
    checks: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.checklists and not self.checks:
            raise ValueError("give checklists, checks, or both")
        return self


class CommandVerb(VerbWords):
    """Runs `argv` as a job. `repeatable` says that running it twice does no harm beyond running it once."""

    mutates: ClassVar[bool] = True
    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    repeatable: bool = False


class ConfigKey(Model):
    """A configuration key of a stack and the variable whose value it gets; secret when the variable is."""

    key: str
    var: str


class PulumiVerb(VerbWords):
    """An operation on a stack: login (prove the backend), stack (select or create), config, up (preview, gate)."""

    mutates: ClassVar[bool] = True
    operation: Literal["login", "stack", "config", "up"]
    stack: str
    keys: tuple[ConfigKey, ...] = ()

    @model_validator(mode="after")
    def _keys_for_config(self) -> Self:
        if bool(self.keys) != (self.operation == "config"):
            raise ValueError("keys belong to operation config, and it needs them")
        return self


PROBES: dict[str, type[ProbeWords]] = {
    "command": CommandProbe,
    "node": NodeProbe,
    "software": SoftwareProbe,
    "port": PortProbe,
    "http": HttpProbe,
    "dns": DnsProbe,
    "swarm-service": SwarmServiceProbe,
    "secret": SecretProbe,
}

VERBS: dict[str, type[VerbWords]] = {
    "read": ReadVerb,
    "ask": AskVerb,
    "confirm": ConfirmVerb,
    "check": CheckVerb,
    "command": CommandVerb,
    "pulumi": PulumiVerb,
}


@dataclass(frozen=True)
class Vocabulary:
    """The probes and verbs a guide may use, by name."""

    probes: Mapping[str, type[ProbeWords]]
    verbs: Mapping[str, type[VerbWords]]


BUNDLED = Vocabulary(PROBES, VERBS)
