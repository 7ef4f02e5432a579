"""The registries the loader reads the parameter models of probes and verbs from, by the name a guide uses.

Outcomes read values by `conditions.reach` ("value.addresses.0"); an operand "${address}" is the value of a variable.
A new kind is one model here, entered under its name below, and one module in `checks/probes/` or `actions/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sprocket_tui.guide.model import ProbeWords, VerbWords
from sprocket_tui.guide.words.probes import (
    CheckoutProbe,
    CloudFirewallProbe,
    CommandProbe,
    DnsProbe,
    DockerApiProbe,
    DopplerProbe,
    FirewallProbe,
    GithubProbe,
    HttpProbe,
    ImagesProbe,
    NodeProbe,
    PortProbe,
    PostgresProbe,
    PulumiBackendProbe,
    RegistryProbe,
    S3Probe,
    SecretProbe,
    SoftwareProbe,
    SwarmNodesProbe,
    SwarmObjectsProbe,
    SwarmServiceProbe,
    SwarmServicesProbe,
    TlsProbe,
    ToldProbe,
    VaultProbe,
)
from sprocket_tui.guide.words.verbs import (
    AskVerb,
    CheckVerb,
    CommandVerb,
    ConfirmVerb,
    PulumiVerb,
    ReadVerb,
)

PROBES: dict[str, type[ProbeWords]] = {
    "command": CommandProbe,
    "firewall": FirewallProbe,
    "node": NodeProbe,
    "software": SoftwareProbe,
    "port": PortProbe,
    "http": HttpProbe,
    "dns": DnsProbe,
    "tls": TlsProbe,
    "images": ImagesProbe,
    "docker-api": DockerApiProbe,
    "swarm-nodes": SwarmNodesProbe,
    "swarm-objects": SwarmObjectsProbe,
    "swarm-service": SwarmServiceProbe,
    "swarm-services": SwarmServicesProbe,
    "secret": SecretProbe,
    "postgres": PostgresProbe,
    "s3": S3Probe,
    "registry": RegistryProbe,
    "told": ToldProbe,
    "doppler": DopplerProbe,
    "vault": VaultProbe,
    "checkout": CheckoutProbe,
    "github": GithubProbe,
    "cloud-firewall": CloudFirewallProbe,
    "pulumi-backend": PulumiBackendProbe,
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
