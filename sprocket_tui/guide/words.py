"""The parameter model of every probe and verb, and the registries the loader reads them from.

A new kind is one model here and one module in `checks/probes/` or `actions/`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sprocket_tui.guide.model import Id, Model, ProbeWords, VerbWords


class CommandProbe(ProbeWords):
    """Runs `argv`; value {status, out, err}: `out` is text, lines or the parsed JSON document, as `read` says."""

    kind: Literal["command"]
    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    read: Literal["text", "lines", "json"] = "text"


class NodeProbe(ProbeWords):
    """Measures one fact of the node. The value is an object, its keys as `checks/probes/node.py` says for the fact."""

    kind: Literal["node"]
    fact: Literal["cpus", "memory", "disk", "inodes", "system", "clock", "swap", "tmpfs"]
    path: str = "/"


class SoftwareProbe(ProbeWords):
    """Finds a program; value {found, path, version, major, minor}: absolute path, version by `pattern` from `version`."""

    kind: Literal["software"]
    name: str
    version: tuple[str, ...] = ("--version",)
    pattern: str = r"(\d+)\.(\d+)(?:\.(\d+))?"


class PortProbe(ProbeWords):
    """Connects to `host`:`port`, or with `holder` says who listens there on the droplet.

    Value {state: open | refused | filtered} or {free, process, pid, container}.
    """

    kind: Literal["port"]
    host: str = "127.0.0.1"
    port: str
    holder: bool = False


class HttpProbe(ProbeWords):
    """Asks for `url` (certificates not verified when `insecure`); value {status, location, server, body}."""

    kind: Literal["http"]
    url: str
    host: str = ""
    method: Literal["GET", "HEAD"] = "GET"
    insecure: bool = False


class DnsProbe(ProbeWords):
    """Asks each resolver for `record` of `name`; value {answers: {resolver: [..]}, addresses, agree, wildcard}."""

    kind: Literal["dns"]
    name: str
    record: Literal["A", "AAAA", "CAA"] = "A"
    resolvers: str = "${resolvers}"


class SwarmServiceProbe(ProbeWords):
    """One service by exact `name` or by `prefix` of its generated name (a dash and seven hex digits follow).

    Value {name, count, mode, desired, running, state, error, failures, update}.
    """

    kind: Literal["swarm-service"]
    name: str = ""
    prefix: str = ""

    @model_validator(mode="after")
    def _name_or_prefix(self) -> Self:
        if bool(self.name) == bool(self.prefix):
            raise ValueError("give either name or prefix")
        return self


class SecretProbe(ProbeWords):
    """Whether a secret variable has been given; value {present}. Its text is never read."""

    kind: Literal["secret"]
    var: str


class ReadVerb(VerbWords):
    """Text to read; nothing is asked and nothing runs."""

    verb: Literal["read"]


class AskVerb(VerbWords):
    """Asks for the variables, in order; those already known are shown and kept."""

    verb: Literal["ask"]
    vars: Annotated[tuple[str, ...], Field(min_length=1)]


class ConfirmVerb(VerbWords):
    """A person says that `statement` holds."""

    verb: Literal["confirm"]
    statement: str


class CheckVerb(VerbWords):
    """Measures checklists or single checks."""

    verb: Literal["check"]
    checklists: tuple[Id, ...] = ()
    checks: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.checklists and not self.checks:
            raise ValueError("give checklists, checks, or both")
        return self


class CommandVerb(VerbWords):
    """Runs `argv` as a job. `repeatable` says that running it twice does no harm beyond running it once."""

    verb: Literal["command"]
    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    repeatable: bool = False


class ConfigKey(Model):
    """A configuration key of a stack and the variable whose value it gets; secret when the variable is."""

    key: str
    var: str


class PulumiVerb(VerbWords):
    """An operation on a stack: login (prove the backend), stack (select or create), config, up (preview, gate, apply)."""

    verb: Literal["pulumi"]
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
