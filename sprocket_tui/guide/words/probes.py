"""The parameters of every probe; what it measures, and the form of its value, stands in `checks/probes/`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self, cast

from pydantic import Field, model_validator

from sprocket_tui.guide.model import ProbeWords


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
    """Asks for `url`, its certificate not verified when `insecure`.

    Value {status, location, server, body, json, redirects}, as `checks/probes/http.py` says. `query` is a GraphQL
    query, sent by POST. `follow` follows up to ten redirects and lists them.
    """

    url: str
    host: str = ""
    method: Literal["GET", "HEAD", "POST"] = "GET"
    query: str = ""
    follow: bool = False
    insecure: bool = False

    @model_validator(mode="after")
    def _together(self) -> Self:
        if bool(self.query) != (self.method == "POST"):
            raise ValueError("a query goes with method POST, and POST with a query")
        if self.follow and (self.query or self.host):
            raise ValueError("follow goes with neither a query nor another host")
        return self


class TlsProbe(ProbeWords):
    """The certificate that `host`:`port` shows for `name` (or for `host`); value as `checks/probes/tls.py` says."""

    host: str
    port: str = "443"
    name: str = ""


class DnsProbe(ProbeWords):
    """Asks each resolver for `record` of `name`, with `authoritative` the zone's own servers too.

    Value {answers: {resolver: [..]}, addresses, agree, wildcard, ...}, as `checks/probes/dns_query.py` says.
    """

    name: str
    record: Literal["A", "AAAA", "CAA", "NS", "SOA"] = "A"
    resolvers: str = "${resolvers}"
    authoritative: bool = False

    @model_validator(mode="after")
    def _not_upwards(self) -> Self:
        if self.authoritative and self.record == "CAA":
            raise ValueError("CAA is looked for in several zones; leave authoritative out")
        return self


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

    secrets: ClassVar[tuple[str, ...]] = ("var",)
    var: str


class PostgresProbe(ProbeWords):
    """Logs in as `user`, with the secret variable `password`; value as `checks/probes/postgres.py` says.

    With `ca`, a file of this machine, the server must prove its name by it, and the password goes nowhere before;
    without it the connection is encrypted and not proved (sslmode=require). `databases` and `roles` are looked for.
    """

    secrets: ClassVar[tuple[str, ...]] = ("password",)
    host: str
    port: str = "5432"
    user: str
    password: str
    database: str
    tls: bool = True
    ca: str = ""
    databases: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


class S3Probe(ProbeWords):
    """Asks a bucket with the secret variables `access_key` and `secret_key`; value as `checks/probes/s3.py` says.

    Without `bucket` the list of all buckets is asked for. `endpoint` without a scheme means https. One that `writes`
    puts an object of a random name and removes it again.
    """

    secrets: ClassVar[tuple[str, ...]] = ("access_key", "secret_key")
    endpoint: str
    bucket: str = ""
    access_key: str
    secret_key: str
    region: str = "us-east-1"
    addressing: Literal["path", "virtual"] = "path"
    writes: bool = False


class RegistryProbe(ProbeWords):
    """Logs in to a registry and looks for `images` ("owner/name:tag"); value as `checks/probes/registry.py` says.

    `registry` without a scheme means https. Without `password`, the name of a secret variable, nobody is logged in.
    """

    secrets: ClassVar[tuple[str, ...]] = ("password",)
    registry: str = "registry-1.docker.io"
    user: str = ""
    password: str = ""
    images: Annotated[tuple[str, ...], Field(min_length=1)]


class ToldProbe(ProbeWords):
    """What a person saw where no program can look, as told by the variable `var`; unknown where nobody told.

    The value is a number where it reads as one, true or false for a variable of type bool, else text.
    """

    var: str
    told: str = ""

    @model_validator(mode="before")
    @classmethod
    def _put_in(cls, given: object) -> object:
        """The variable's value is put in like any other's, so that a check without it is unknown and names it."""
        if not isinstance(given, dict):
            return given
        fields = cast("dict[str, object]", given)
        return {**fields, "told": f"${{{fields.get('var', '')}}}"} if "told" not in fields else fields


class DopplerProbe(ProbeWords):
    """Which of `names` the Doppler config of the secret `token` holds, and which are empty; their values are not kept.

    `project` and `config` are for a token that belongs to no config. Value {state, project, config, missing, empty,
    hidden, present}, as `checks/probes/doppler.py` says.
    """

    secrets: ClassVar[tuple[str, ...]] = ("token",)
    token: str
    names: Annotated[tuple[str, ...], Field(min_length=1)]
    project: str = ""
    config: str = ""
    api: str = "https://api.doppler.com"
