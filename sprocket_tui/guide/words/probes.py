"""The parameters of every probe; what it measures, and the form of its value, stands in `checks/probes/`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal, Self, cast

from pydantic import Field, model_validator

from sprocket_tui.guide.model import ProbeWords


class CommandProbe(ProbeWords):
    """Runs `argv`; value {status, out, err}: `out` is text, lines or the parsed JSON document, as `read` says."""

    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    read: Literal["text", "lines", "json"] = "text"


class NodeProbe(ProbeWords):
    """Measures one fact of the node. The value is an object, its keys as `checks/probes/node.py` says for the fact.

    `ends` has the last day of security updates by release ("ubuntu 24.04", as os-release names it), for `system`.
    """

    fact: Literal["cpus", "memory", "disk", "inodes", "system", "clock", "swap", "tmpfs", "mounts"]
    path: str = "/"
    ends: dict[str, date] = Field(default_factory=dict[str, date])


class SoftwareProbe(ProbeWords):
    """Finds a program; value {found, path, version, major, minor}: an absolute path; `pattern` reads the version.

    With `engines`, a directory with a package.json, the value also has {asks, unmet, fits}: the ranges of npm that it
    and its lock file give for the program, those that the version is not in, and whether it is in all of them.
    """

    name: str
    engines: str = ""
    version: tuple[str, ...] = ("--version",)
    pattern: str = r"(\d+)\.(\d+)(?:\.(\d+))?"


class FirewallProbe(ProbeWords):
    """What ufw lets in to the droplet, `ports` among it, and what Docker publishes around it; asked as root.

    `ports` are meant to be open to everybody. Value {installed, active, incoming, outgoing, ipv6, rules, ssh, closed,
    closed_ipv6, unsure, hidden, around, guarded, perhaps}.
    """

    ports: tuple[str, ...] = ()


class PortProbe(ProbeWords):
    """Connects to `host`:`port`, or with `holder` says who listens there on the droplet.

    With `nonce`, asked from here, a listener is started on the droplet for a moment where nobody holds the port, and
    answers with a word that nobody else knows. Value {state: open | refused | filtered}, with `nonce`
    {state: droplet | other | refused | filtered | open, listened, holder, said}, with `holder`
    {free, process, pid, container, name}.
    """

    host: str = "127.0.0.1"
    port: str
    holder: bool = False
    nonce: bool = False

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if self.holder and self.nonce:
            raise ValueError("holder and nonce are two questions")
        return self


class HttpProbe(ProbeWords):
    """Asks for `url`, its certificate not verified when `insecure`.

    Value {status, location, server, body, json, redirects}, as `checks/probes/http.py` says. `query` is a GraphQL
    query, sent by POST. `follow` follows up to ten redirects and lists them. With `resolves` the value has that
    and `connects` too: a name that does not resolve, or a connection that does not come about, is an answer then.
    """

    url: str
    host: str = ""
    resolves: bool = False
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


class DockerApiProbe(ProbeWords):
    """The range of the Docker daemon's API, and which tag of `image` the programs below `directory` pin.

    Value as `checks/probes/docker_api.py` says.
    """

    directory: str
    image: str


class ImagesProbe(ProbeWords):
    """Whether the images of the Swarm's services, and those that programs below `directories` name, can be had.

    Value as `checks/probes/images.py` says.
    """

    directories: tuple[str, ...] = ()


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


class SwarmServicesProbe(ProbeWords):
    """Every service of the Swarm, the worst by name; with `window`, which of them have not run for so many seconds.

    Value as `checks/probes/swarm_services.py` says.
    """

    window: Annotated[int, Field(ge=0)] = 0


class SwarmNodesProbe(ProbeWords):
    """The nodes of the Swarm, and which of those that take tasks bear `label` ("key=value").

    Value as `checks/probes/swarm_nodes.py` says.
    """

    label: str = ""


class SwarmObjectsProbe(ProbeWords):
    """The networks, configs and secrets of the Swarm by name, and which of these names are missing.

    A name stands also for one to which a dash and seven hex digits were added. Value as
    `checks/probes/swarm_objects.py` says; what is in a config or a secret is never asked for.
    """

    networks: tuple[str, ...] = ()
    configs: tuple[str, ...] = ()
    secret_names: tuple[str, ...] = ()


class SecretProbe(ProbeWords):
    """Whether a secret variable has been given; value {present}, unknown where it was not. Its text is never read."""

    secrets: ClassVar[tuple[str, ...]] = ("var",)
    var: str


class PostgresProbe(ProbeWords):
    """Logs in as `user`, with the secret variable `password`; value as `checks/probes/postgres.py` says.

    With `ca`, a file of this machine, the server must prove its name by it, and the password goes nowhere before;
    without it the connection is encrypted and not proved (sslmode=require). `databases` and `roles` are looked for.
    `ends` has the last day of corrections by major version ("16").
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
    ends: dict[str, date] = Field(default_factory=dict[str, date])


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

    @property
    def leaves(self) -> str:
        left = f"an object named sprocket-tui-probe-... may be left in {self.bucket}"
        return left if self.writes and self.bucket else ""


class RegistryProbe(ProbeWords):
    """Logs in to a registry and looks for `images` ("owner/name:tag"); value as `checks/probes/registry.py` says.

    `registry` without a scheme means https. Without `password`, the name of a secret variable, nobody is logged in.
    """

    secrets: ClassVar[tuple[str, ...]] = ("password",)
    registry: str = "registry-1.docker.io"
    user: str = ""
    password: str = ""
    images: Annotated[tuple[str, ...], Field(min_length=1)]


class VaultProbe(ProbeWords):
    """Asks the Vault at `url` (under the name `host`, as in `http`) for its seal and health, without a token.

    Value {state: unsealed | sealed | uninitialized | no-server | no-route, initialized, sealed, threshold, progress,
    shares, version, health}.
    """

    url: str
    host: str = ""
    insecure: bool = False


class CheckoutProbe(ProbeWords):
    """What git says of the checkout in `directory`: branch, commit, what differs, and which names look like secrets.

    Value as `checks/probes/checkout.py` says: {state: ok | absent | no-repository | foreign | no-commit, ...}.
    """

    directory: str


class GithubProbe(ProbeWords):
    """Whether the repository at `url` (https://, ssh:// or git@HOST:PATH) can be read from where it is asked.

    Value {state, head, keys}, as `checks/probes/github.py` says.
    """

    url: str


class ToldProbe(ProbeWords):
    """What a person saw where no program can look, as told by the variable `var`; unknown where nobody told.

    The value is a number where it reads as one, true or false for a variable of type bool, else text. With `ends`, the
    last day of what may be told, it is {told, ends, days_left}; the latter two are null for what is not in the table.
    """

    var: str
    told: str = ""
    ends: dict[str, date] = Field(default_factory=dict[str, date])

    @model_validator(mode="before")
    @classmethod
    def _put_in(cls, given: object) -> object:
        """The variable's value is put in like any other's, so that a check without it is unknown and names it."""
        if not isinstance(given, dict):
            return given
        fields = cast("dict[str, object]", given)
        return {**fields, "told": f"${{{fields.get('var', '')}}}"} if "told" not in fields else fields


class CloudFirewallProbe(ProbeWords):
    """What DigitalOcean's cloud firewalls let through to the droplet with `address`, asked with the secret `token`.

    `ports` are those that must be open to everybody, `ssh` the one by which the droplet is reached. Value {state,
    droplet, firewalls, ssh: [sources], inbound: {port: [sources]}, closed: [ports], outbound: all | limited, pending},
    as `checks/probes/cloud_firewall.py` says.
    """

    secrets: ClassVar[tuple[str, ...]] = ("token",)
    token: str
    address: str
    ssh: str = "22"
    ports: Annotated[tuple[str, ...], Field(min_length=1)]
    api: str = "https://api.digitalocean.com"


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


class PulumiBackendProbe(ProbeWords):
    """Who we are at `backend`, and of `stacks` (PROJECT/STACK) which are there, held, or hold pending operations.

    Pulumi Cloud is asked from here with the secret `token`, a backend of one's own by the droplet's pulumi, a bucket
    with the secrets `access_key` and `secret_key`. Value as `checks/probes/pulumi_backend.py` says.
    """

    secrets: ClassVar[tuple[str, ...]] = ("token", "access_key", "secret_key")
    backend: str
    organisation: str
    stacks: Annotated[tuple[Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")], ...], Field(min_length=1)]
    token: str
    access_key: str
    secret_key: str
