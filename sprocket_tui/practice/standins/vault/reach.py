"""How an address leads to Vault: past the names, the ports and Traefik of the one world; and what fails on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sprocket_tui.practice.standins import traefik
from sprocket_tui.practice.standins.network import listening, serving
from sprocket_tui.practice.standins.vault.line import Request
from sprocket_tui.practice.world import Service, State

_ADDRESS = "https://127.0.0.1:8200"
_HERE = ("127.0.0.1", "localhost", "::1", "[::1]", "0.0.0.0")  # noqa: S104 what somebody may write
_NOT_FOUND = "404 page not found\n"
_PLAIN = "http: server gave HTTP response to HTTPS client"
_HTTPS_WANTED = "Client sent an HTTP request to an HTTPS server.\n"
_CERTIFICATE = "5b72c0ae206bd680f6f83878a7e2b89c.bc8642e3cfb9d56382d08f93a0ac3cdd.traefik.default"
_RULE = re.compile(r"Host\(`([^`]+)`\)")


class Failed(Exception):
    """Why Vault did not do it, as it follows what was tried; the status to end with."""

    def __init__(self, text: str, status: int = 2) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Api:
    """Vault as it is reached at an address: the service, and the words for what it answers."""

    service: Service
    address: str

    def refusal(self, method: str, path: str, code: int, *errors: str) -> Failed:
        """An answer that refuses."""
        listed = "\n".join(f"* {error}" for error in errors)
        return _refused(f"{self.address}/v1/{path}", method, f"{code}. Errors:\n\n{listed}")


def service(state: State) -> Service | None:
    """Vault's service, while a task of it runs."""
    up = serving(state)
    return next((each for each in state["docker"]["services"] if each["name"] in up and is_vault(each)), None)


def is_vault(each: Service) -> bool:
    """Whether the service is Vault."""
    return each["image"].partition(":")[0].rpartition("/")[2] == "vault"


def reached(request: Request, state: State, method: str, path: str) -> Api:
    """Vault, for one request. Raises Failed with all that was said on the way."""
    address = request.given.get("-address") or request.call.environ.get("VAULT_ADDR") or _ADDRESS
    address = address.rstrip("/")
    url = urlsplit(address)
    target, host = f"{address}/v1/{path}", url.hostname or ""
    if "://" not in address and ":" in address.partition("/")[0]:
        raise Failed(f'failed to create client: parse "{address}": first path segment in URL cannot contain colon', 1)
    if url.scheme not in ("http", "https"):
        raise Failed(f'{method.capitalize()} "{target}": unsupported protocol scheme "{url.scheme}"')
    secure = url.scheme == "https"
    # The droplet's web ports stand for 80 and 443.
    port = url.port or state["ports"]["https" if secure else "http"]

    def broken(why: str) -> Failed:
        return Failed(f'{method.capitalize()} "{target}": {why}')

    if not _known(state, host):
        raise broken(f"dial tcp: lookup {host} on 127.0.0.53:53: no such host")
    if port not in listening(state):
        raise broken(f"dial tcp {_number(host)}:{port}: connect: connection refused")
    found = service(state)
    if found is not None and port in found["ports"]:
        if secure:
            raise broken(_PLAIN)
        return Api(found, address)
    if port == state["ports"]["https"] and not secure:
        raise _refused(target, method, f"400. Raw Message:\n\n{_HTTPS_WANTED}")
    if port == state["ports"]["https"] and not _skips(request):
        raise broken(f"tls: failed to verify certificate: x509: certificate is valid for {_CERTIFICATE}, not {host}")
    if secure and port == state["ports"]["http"]:
        raise broken(_PLAIN)
    if secure or found is None or traefik.refusal(state) or host not in _hosts(found):
        raise _refused(target, method, f"404. Raw Message:\n\n{_NOT_FOUND}")
    return Api(found, address)


def _refused(target: str, method: str, said: str) -> Failed:
    return Failed(f"Error making API request.\n\nURL: {method} {target}\nCode: {said}")


def _skips(request: Request) -> bool:
    told = request.call.environ.get("VAULT_SKIP_VERIFY", "").lower()
    return request.on("-tls-skip-verify") or told in ("1", "t", "true")


def _known(state: State, host: str) -> bool:
    """Whether the name leads to the droplet; those of the guide do, unless the world says otherwise."""
    if host in (*_HERE, state["node"]["address"]):
        return True
    names = {name for each in state["docker"]["services"] for name in _hosts(each)}
    held = state["names"].get(host.partition(".")[0], [])
    return host in names and not {"nxdomain", "servfail"} & set(held)


def _hosts(each: Service) -> list[str]:
    return [name for label in each["labels"].values() for name in _RULE.findall(label)]


def _number(host: str) -> str:
    return "[::1]" if host in ("::1", "[::1]") else "127.0.0.1"
