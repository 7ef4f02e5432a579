"""A server shaped like Pulumi Cloud's, as far as a reader of stacks and `pulumi cancel` go."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

ORGANISATION = "gankoji"
TOKEN = "pul-" + "0123456789abcdef0123" * 2
# In every exported state of the server; no report may hold it.
CANARY = "canary-in-a-state-0042"
_UPDATE = "11111111-2222-3333-4444-555555555555"
STACKS = ("layer_1/layer_1", "layer_2/layer_2", "platform/prod")


def pending(kind: str, urn: str) -> dict[str, Any]:
    """A pending operation as a state holds it."""
    return {"resource": {"urn": urn, "custom": True, "type": "t", "inputs": {"password": CANARY}}, "type": kind}


class PulumiCloud(BaseHTTPRequestHandler):
    """Answers one request; a test's own subclass holds other facts."""

    protocol_version = "HTTP/1.1"
    user: ClassVar[str] = "ada"
    organisations: ClassVar[tuple[str, ...]] = ("ada", ORGANISATION)
    stacks: ClassVar[tuple[str, ...]] = tuple(f"{ORGANISATION}/{name}" for name in STACKS)
    running: ClassVar[dict[str, dict[str, Any]]] = {}
    cut_off: ClassVar[dict[str, list[dict[str, Any]]]] = {}
    page: ClassVar[int] = 2

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        known = self.headers.get("Authorization") == f"token {TOKEN}"
        answer = self._answer(url.path, parse_qs(url.query)) if known else None
        status = 200 if answer is not None else 404 if known else 401
        words = {401: "Unauthorized: No credentials provided or are invalid.", 404: "Not Found: Stack not found"}
        self._send(status, answer if answer is not None else {"code": status, "message": words[status]})

    def do_POST(self) -> None:
        """Gives up the update that runs, as `pulumi cancel` asks for."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        whole, _, rest = self.path.removeprefix("/api/stacks/").partition("/update/")
        there = rest == f"{_UPDATE}/cancel" and self.running.pop(whole, None) is not None
        self._send(200 if there else 404, {} if there else {"code": 404, "message": "Not Found: Update not found"})

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _answer(self, path: str, query: dict[str, list[str]]) -> dict[str, Any] | None:
        if path == "/api/user":
            return {
                "id": "0",
                "githubLogin": self.user,
                "name": "Ada",
                "email": "ada@example.org",
                "organizations": [{"githubLogin": name, "name": name} for name in self.organisations],
            }
        if path == "/api/capabilities":
            return {"capabilities": []}
        if path == "/api/user/stacks":
            begin = int(query.get("continuationToken", ["0"])[0])
            end = begin + self.page
            names = ("orgName", "projectName", "stackName")
            rows = [dict(zip(names, whole.split("/"), strict=True)) for whole in self.stacks[begin:end]]
            return {"stacks": rows, "continuationToken": str(end) if end < len(self.stacks) else None}
        return self._of_stack(path.removeprefix("/api/stacks/"))

    def _of_stack(self, path: str) -> dict[str, Any] | None:
        whole = path.removesuffix("/export")
        if whole not in self.stacks:
            return None
        if path != whole:
            resources = [{"urn": "urn:pulumi:x", "type": "pulumi:pulumi:Stack", "outputs": {"password": CANARY}}]
            held = {"pending_operations": self.cut_off[whole]} if whole in self.cut_off else {}
            return {"version": 3, "deployment": {"manifest": {}, "resources": resources, **held}}
        running = {"currentOperation": self.running[whole]} if whole in self.running else {}
        names = dict(zip(("orgName", "projectName", "stackName"), whole.split("/"), strict=True))
        # The last update's, whether or not it still runs.
        return {"id": "1", **names, "activeUpdate": _UPDATE, "version": 7, **running}

    def _send(self, status: int, document: dict[str, Any]) -> None:
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
