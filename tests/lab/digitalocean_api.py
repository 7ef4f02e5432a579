"""A server shaped like DigitalOcean's API, as far as droplets and firewalls go: a fake, with nothing behind it."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

TOKEN = "dop_v1_" + "0123456789abcdef" * 4
ADDRESS = "203.0.113.7"
ANYWHERE = {"addresses": ["0.0.0.0/0", "::/0"]}


def rule(ports: str, *addresses: str, protocol: str = "tcp") -> dict[str, Any]:
    """An inbound rule; from anywhere where no address is given."""
    return {"protocol": protocol, "ports": ports, "sources": {"addresses": [*addresses]} if addresses else ANYWHERE}


def firewall(name: str, *inbound: dict[str, Any], out: bool = True, pending: int = 0) -> dict[str, Any]:
    """A firewall that covers the droplet."""
    protocols = ("tcp", "udp", "icmp") if out else ("icmp",)
    return {
        "id": f"fw-{name}",
        "name": name,
        "status": "waiting" if pending else "succeeded",
        "inbound_rules": [*inbound],
        "outbound_rules": [{"protocol": each, "ports": "0", "destinations": ANYWHERE} for each in protocols],
        "droplet_ids": [7],
        "pending_changes": [{"droplet_id": 7, "removing": False, "status": "waiting"}] * pending,
    }


def _droplet(number: int, address: str) -> dict[str, Any]:
    v4 = [{"ip_address": f"10.0.0.{number % 250}", "type": "private"}, {"ip_address": address, "type": "public"}]
    return {"id": number, "name": f"droplet-{number}", "networks": {"v4": v4, "v6": []}}


class DigitalOcean(BaseHTTPRequestHandler):
    """Answers one request, two items a page whatever is asked for; the droplet is on the last page."""

    protocol_version = "HTTP/1.1"
    firewalls: ClassVar[list[dict[str, Any]]] = []
    droplets: ClassVar[list[dict[str, Any]]] = [
        *(_droplet(number, f"198.51.100.{number}") for number in (1, 2, 3, 4)),
        _droplet(7, ADDRESS),
    ]
    refusal: ClassVar[tuple[int, dict[str, str]] | None] = None

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        page = int(parse_qs(url.query).get("page", ["1"])[0])
        listed = {
            "/v2/droplets": ("droplets", self.droplets),
            "/v2/droplets/7/firewalls": ("firewalls", self.firewalls),
        }
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._send(401, {"id": "Unauthorized", "message": "Unable to authenticate you"})
        elif self.refusal:
            status, headers = self.refusal
            self._send(
                status, {"id": "refused", "message": "You are not authorized to perform this operation"}, headers
            )
        elif url.path in listed:
            name, items = listed[url.path]
            more = page * 2 < len(items)
            # The address of the next page is another host's: who follows it gives the token away.
            pages = {"next": f"https://elsewhere.invalid{url.path}?page={page + 1}"} if more else {}
            items = items[page * 2 - 2 : page * 2]
            self._send(200, {name: items, "links": {"pages": pages}, "meta": {"total": len(items)}})
        else:
            self._send(404, {"id": "not_found", "message": "The resource you requested could not be found."})

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _send(self, status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
