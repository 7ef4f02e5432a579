"""The program of Layer 1 as data: what it registers, in which order, after whom.

A text in properties may hold ${config:KEY}, ${id:RESOURCE}, ${name:RESOURCE} and ${checkout}; {"$secret": ...} marks
what is secret, {"$base64": ...} what is encoded, {"$port": NAME} a port of the droplet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

IMAGE = "asaxplayinghorse/discord-forward-auth"
IMAGE_DIGEST = "sha256:e8d9a30157f005f818108f266a95f642278fb104834f3ffa28852a1a3e7d6290"
STACK = "pulumi:pulumi:Stack"
_TRAEFIK, _VAULT = "SprocketBot:Services:Traefik", "SprocketBot:Services:Vault"
_PROXY, _LOGIN = "SprocketBot:Utilities:SocketProxy", "SprocketBot:Services:Traefik:DiscordForwardAuth"
NETWORK, VOLUME = "docker:index/network:Network", "docker:index/volume:Volume"
CONFIG, SERVICE = "docker:index/serviceConfig:ServiceConfig", "docker:index/service:Service"
_LOGS = {
    "name": "fluentd",
    "options": {
        "fluentd-address": "172.18.0.1:24224",
        "fluentd-async": "true",
        "fluentd-max-retries": "3",
        "fluentd-retry-wait": "1s",
        "max-buffer-size": "4m",
        "mode": "non-blocking",
        "tag": "docker.{{.FullID}}.{{.Name}}",
    },
}
_VAULT_HCL = """\
listener "tcp" {
  address     = "0.0.0.0:8200"
  tls_disable = 1
}

ui            = true
disable_mlock = true
storage "s3" {
    access_key = "${config:vault-s3-access-key}"
    secret_key = "${config:vault-s3-secret-key}"
    bucket     = "${config:vault-s3-bucket}"
    endpoint   = "${config:vault-s3-endpoint}"
}
"""
_LOGIN_YAML = """\
provider: "discord"

oauth:
  clientId: "846086564479631372"
  callbackUrl: https://fa.spr.ocket.cloud/login

cookieDomain: "spr.ocket.cloud"
"""
_STATIC_YAML = """\
entryPoints:
  web:
    address: :80
  websecure:
    address: :443
api:
  dashboard: true
  insecure: true
providers:
  docker:
    endpoint: tcp://${name:traefik-socket-proxy-service}:2375
    exposedByDefault: false
    network: traefik-ingress
    swarmMode: true
"""


@dataclass(frozen=True)
class Item:
    """A resource: what it is, below whom, after whom (`wave`), the seconds its call takes, its fixed name if any."""

    type: str
    name: str
    parent: str
    wave: int
    seconds: float
    depends: tuple[str, ...]
    inputs: dict[str, Any]
    fixed: str = ""

    @property
    def custom(self) -> bool:
        """Whether there is something real behind it; a component is a name for others."""
        return self.type.startswith("docker:")


def _labels(**labels: str) -> list[dict[str, str]]:
    return [{"label": name.replace("__", "-").replace("_", "."), "value": value} for name, value in labels.items()]


def _network(name: str, parent: str, fixed: str = "") -> Item:
    return Item(NETWORK, name, parent, 1, 0.3, (), {"driver": "overlay"}, fixed)


_VAULT_SERVICE = {
    "labels": _labels(
        traefik_enable="true",
        traefik_http_routers_vault_rule="Host(`vault.${config:hostname}`)",
        traefik_http_services_vault_loadbalancer_server_port="8200",
    ),
    "taskSpec": {
        "containerSpec": {
            "commands": ["/auto-initialize.sh"],
            "configs": [
                {"configId": "${id:vault-config}", "configName": "${name:vault-config}", "fileName": "/vault.hcl"}
            ],
            "image": "vault:1.10.0",
            "mounts": [
                {
                    "readOnly": True,
                    "source": "${checkout}/global/services/vault/scripts/auto-initialize.sh",
                    "target": "/auto-initialize.sh",
                    "type": "bind",
                },
                {
                    "readOnly": False,
                    "source": "${checkout}/global/services/vault/unseal-tokens",
                    "target": "/vault/unseal-tokens",
                    "type": "bind",
                },
            ],
        },
        "logDriver": _LOGS,
        "networks": ["${id:vault-network}", "${id:traefik-network}"],
    },
}
_PROXY_SERVICE = {
    "taskSpec": {
        "containerSpec": {
            "env": dict.fromkeys(("CONTAINERS", "NETWORKS", "SERVICES", "SWARM", "TASKS"), "1"),
            "image": "tecnativa/docker-socket-proxy:latest",
            "mounts": [
                {
                    "readOnly": True,
                    "source": "/var/run/docker.sock",
                    "target": "/var/run/docker.sock",
                    "type": "bind",
                }
            ],
        },
        "logDriver": _LOGS,
        "networks": ["${id:traefik-socket-proxy-network}"],
    }
}
_LOGIN_SERVICE = {
    "auth": {
        "password": {"$secret": "${config:docker-access-token}"},
        "serverAddress": "https://docker.io",
        "username": "${config:docker-username}",
    },
    "labels": _labels(
        traefik_enable="true",
        traefik_http_routers_http_tls="true",
        traefik_http_routers_http_tls_certResolver="lets-encrypt-tls",
        traefik_http_services_http_loadbalancer_server_port="3000",
        traefik_http_routers_http_rule="Host(`fa.spr.ocket.cloud`)",
    ),
    "taskSpec": {
        "containerSpec": {
            "configs": [
                {
                    "configId": "${id:traefik-fa-config}",
                    "configName": "${name:traefik-fa-config}",
                    "fileName": "/app/config.yaml",
                }
            ],
            "env": {
                "CLIENT_SECRET": {"$secret": "${config:discord-fa-client-secret}"},
                "CONFIG_FILE": "/app/config.yaml",
            },
            "image": {"$secret": f"{IMAGE}@{IMAGE_DIGEST}"},
        },
        "networks": ["${id:traefik-network}"],
    },
}
_TRAEFIK_SERVICE = {
    "endpointSpec": {
        "ports": [
            {"protocol": "tcp", "publishMode": "host", "publishedPort": {"$port": name}, "targetPort": target}
            for name, target in (("http", 80), ("https", 443))
        ]
    },
    "labels": _labels(
        traefik_enable="true",
        traefik_http_routers_traefik__dashboard_rule="Host(`traefik.${config:hostname}`)",
        traefik_http_routers_traefik__dashboard_service="api@internal",
        traefik_http_routers_traefik__dashboard_entryPoints="websecure",
        traefik_http_routers_traefik__dashboard_tls="true",
        traefik_http_routers_traefik__dashboard_tls_certResolver="lets-encrypt-tls",
        traefik_http_services_traefik__dashboard_loadbalancer_server_port="9999",
        traefik_http_middlewares_traefik__dashboard_forwardauth_address=(
            "https://fa.spr.ocket.cloud/login?rule=SprocketAdmin"
        ),
        traefik_http_routers_traefik__dashboard_middlewares="traefik-dashboard",
    ),
    "taskSpec": {
        "containerSpec": {
            "args": ["--configFile=/static.yaml"],
            "configs": [
                {"configId": "${id:traefik-config}", "configName": "${name:traefik-config}", "fileName": "/static.yaml"}
            ],
            "image": "traefik:v2.6.1",
            "mounts": [{"source": "${id:traefik-data}", "target": "/data", "type": "volume"}],
        },
        "logDriver": _LOGS,
        "networks": ["${id:traefik-network}", "${id:traefik-socket-proxy-network}"],
    },
}

ITEMS: tuple[Item, ...] = (
    Item(_TRAEFIK, "traefik", "", 0, 0, (), {}),
    Item(_VAULT, "vault", "", 0, 0, (), {}),
    Item(_PROXY, "traefik-socket-sock-proxy", "traefik", 0, 0, (), {}),
    Item(_LOGIN, "traefik-fa", "traefik", 0, 0, (), {}),
    _network("vault-network", "vault"),
    Item(CONFIG, "vault-config", "vault", 1, 0.2, (), {"data": {"$secret": {"$base64": _VAULT_HCL}}}),
    _network("traefik-network", "traefik", "traefik-ingress"),
    Item(VOLUME, "traefik-data", "traefik", 1, 0.2, (), {}),
    _network("traefik-socket-proxy-network", "traefik-socket-sock-proxy"),
    Item(CONFIG, "traefik-fa-config", "traefik-fa", 2, 0.2, (), {"data": {"$base64": _LOGIN_YAML}}),
    Item(
        SERVICE,
        "vault-service",
        "vault",
        2,
        1.2,
        ("vault-config", "vault-network", "traefik-network"),
        _VAULT_SERVICE,
        "vault",
    ),
    Item(
        SERVICE,
        "traefik-socket-proxy-service",
        "traefik-socket-sock-proxy",
        2,
        1.2,
        ("traefik-socket-proxy-network",),
        _PROXY_SERVICE,
        "traefik-socket-sock-proxy",
    ),
    Item(SERVICE, "traefik-fa-service", "traefik-fa", 3, 1.2, ("traefik-fa-config", "traefik-network"), _LOGIN_SERVICE),
    Item(
        CONFIG,
        "traefik-config",
        "traefik",
        3,
        0.2,
        ("traefik-socket-proxy-service",),
        {"data": {"$base64": _STATIC_YAML}},
    ),
    Item(
        SERVICE,
        "traefik",
        "traefik",
        4,
        1.2,
        ("traefik-data", "traefik-config", "traefik-network", "traefik-socket-proxy-network"),
        _TRAEFIK_SERVICE,
    ),
)
OUTPUTS = {
    "IngressNetwork": "${id:traefik-network}",
    "VaultAddress": "http://vault.${config:hostname}",
    "VaultNetwork": "${id:vault-network}",
}
# What components say about themselves when their parts are there.
COMPONENT_OUTPUTS: dict[str, dict[str, str]] = {
    "traefik-fa": {},
    "traefik": {"networkId": "${id:traefik-network}"},
    "vault": {
        "networkId": "${id:vault-network}",
        "unsealTokensPath": "${checkout}/global/services/vault/unseal-tokens/unseal_tokens.txt",
    },
    "traefik-socket-sock-proxy": {
        "networkId": "${id:traefik-socket-proxy-network}",
        "serviceName": "${name:traefik-socket-proxy-service}",
    },
}
