"""A server shaped like Doppler's, with the practice project: `python doppler_api.py PORT`. Standard library alone.

It serves what the command line asks for, so that the words of its answers are the real program's own.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

PROJECT, CONFIG = "sprocket-infra", "prd"
NAMES = (
    *("BALLCHASING_API_TOKEN", "CHATWOOT_HMAC_KEY", "DISCORD_CLIENT_ID", "DISCORD_CLIENT_SECRET", "EPIC_CLIENT_ID"),
    *("EPIC_CLIENT_SECRET", "GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"),
    "STEAM_API_KEY",
)
PLACE = {"DOPPLER_CONFIG": CONFIG, "DOPPLER_ENVIRONMENT": CONFIG, "DOPPLER_PROJECT": PROJECT}
SECRETS = {name: f"practice-{number:012x}" for number, name in enumerate(NAMES, 0xAB12CD)} | PLACE
MADE = "2026-01-05T10:00:00.000Z"
LOGIN, SERVICE = "dp.ct." + "p" * 43, "dp.st.prd." + "p" * 43


class Refusal(Exception):
    """A status and what is said with it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Doppler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    # What a test's own subclass may hold instead.
    secrets: ClassVar[dict[str, str | None]] = {**SECRETS}

    def do_GET(self) -> None:
        try:
            status, kind, body = 200, "application/json", self._answer()
            if isinstance(body, str):
                kind = "text/plain"
        except Refusal as refusal:
            status, kind, body = refusal.status, "application/json", {"messages": [str(refusal)], "success": False}
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def _answer(self) -> Any:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        match url.path:
            case "/v3/auth/cli/generate/2":
                link = "https://dashboard.doppler.com/workplace/auth/cli"
                return {"code": "practice_word_for_login", "polling_code": "poll", "auth_url": link}
            case "/v3/auth/cli/authorize":
                link = "https://dashboard.doppler.com"
                return {"token": LOGIN, "name": "Practice", "dashboard_url": link}
            case "/v3/auth/cli/revoke":
                return {"success": True}
            case _:
                return self._known(url.path, asked)

    def _known(self, path: str, asked: dict[str, str]) -> Any:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in (LOGIN, SERVICE):
            raise Refusal(401, "Invalid Auth token")
        match path:
            case "/v3/me":
                return {
                    "workplace": {"name": "Practice", "slug": "practice"},
                    "type": "cli" if token == LOGIN else "service_token",
                    "token_preview": f"{token[:9]}…{token[-6:]}",
                    "slug": "00000000-0000-4000-8000-000000000000",
                    "created_at": MADE,
                    "name": "Practice",
                    "last_seen_at": MADE,
                }
            case "/v3/projects":
                project = {"id": PROJECT, "name": PROJECT, "description": "", "created_at": MADE}
                return {"projects": [project], "page": 1, "success": True}
            case _:
                return self._of_config(
                    path, asked if token == LOGIN else {**asked, "project": PROJECT, "config": CONFIG}
                )

    def _of_config(self, path: str, asked: dict[str, str]) -> Any:
        self._check("project", asked.get("project", ""), PROJECT)
        if path == "/v3/configs":
            config = {"name": CONFIG, "root": True, "locked": False, "environment": CONFIG, "project": PROJECT}
            times = dict.fromkeys(("created_at", "initial_fetch_at", "last_fetch_at"), MADE)
            return {"configs": [{**config, **times}], "page": 1, "success": True}
        self._check("config", asked.get("config", ""), CONFIG)
        match path:
            case "/v3/configs/config/tokens":
                token = {"name": "practice", "key": SERVICE, "slug": "s", "created_at": MADE, "expires_at": None}
                return {"token": {**token, "project": PROJECT, "environment": CONFIG, "config": CONFIG}}
            case "/v3/configs/config/secrets/names":
                return {"names": sorted(self.secrets), "success": True}
            case "/v3/configs/config/secrets":
                wanted = asked.get("secrets", "").split(",") if asked.get("secrets") else list(self.secrets)
                held = {name: value for name, value in self.secrets.items() if name in wanted}
                shown = {"rawVisibility": "masked", "computedVisibility": "masked", "note": ""}
                return {
                    "secrets": {name: {"raw": value, "computed": value, **shown} for name, value in held.items()},
                    "success": True,
                }
            case "/v3/configs/config/secrets/download":
                return self._download(asked)
            case _:
                raise Refusal(404, "Not found")

    @staticmethod
    def _check(what: str, given: str, known: str) -> None:
        if not given:
            raise Refusal(400, f"You must specify a {what}")
        if given != known:
            raise Refusal(404, f"Could not find requested {what} '{given}'")

    def _download(self, asked: dict[str, str]) -> Any:
        form = parse_qs(urlsplit(self.path).query).get("format", ["json"])[-1]
        match form:
            case "env":
                return "\n".join(f'{name}="{value}"' for name, value in sorted(SECRETS.items()))
            case "env-no-quotes" | "docker":
                return "\n".join(f"{name}={value}" for name, value in sorted(SECRETS.items()))
            case _:
                return dict(sorted(SECRETS.items()))


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Doppler).serve_forever()
