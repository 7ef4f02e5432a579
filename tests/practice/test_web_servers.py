"""What answers on the droplet's web ports is what `ss` names: to who is inside, and to who comes from outside."""

from __future__ import annotations

import http.client
import re
from pathlib import Path

from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.sandbox import places
from sprocket_tui.practice.world import World
from tests.lab.people import wait_until
from tests.practice.conftest import Shell
from tests.practice.interpreting import InsideLink, inside

__all__ = ["inside"]

_NGINX = "nginx/1.24.0 (Ubuntu)"


def taken(droplet: Droplet) -> int:
    """The HTTP port, which nginx holds from now on."""
    with droplet.world.change() as state:
        port = state["ports"]["http"]
        state["listeners"].append({"port": port, "process": "nginx", "pid": 1043})
    return port


def asked(port: int, path: str = "/") -> tuple[int, str, str] | None:
    """Status, server and page from outside; None while nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers["Server"], answer.read().decode()
    except OSError:
        return None
    finally:
        connection.close()


def test_nginx_answers_as_long_as_it_holds_the_port(droplet: Droplet, shell: Shell) -> None:
    port = taken(droplet)
    wait_until(lambda: asked(port) is not None, "nginx to answer", 10)
    status, server, page = asked(port) or (0, "", "")
    assert (status, server) == (200, _NGINX)
    assert "<title>Welcome to nginx!</title>" in page
    assert (asked(port, "/api/rawdata") or (0,))[0] == 404
    within = shell(f"curl -sSi http://127.0.0.1:{port}/; ss -Hltnp 'sport = :{port}'; ps -p 1043 -o comm=")
    assert f"Server: {_NGINX}" in within.stdout, within
    assert "Welcome to nginx!" in within.stdout
    assert re.search(r'users:\(\("nginx",pid=1043,fd=\d+\)\)', within.stdout)
    assert within.stdout.endswith("\nnginx\n")
    shell("systemctl stop nginx")
    wait_until(lambda: asked(port) is None, "the port to be closed", 10)
    # Inside and outside each look at the state a few times a second.
    wait_until(lambda: shell(f"curl -sS http://127.0.0.1:{port}/").returncode == 7, "nginx to be gone inside", 10)


def test_nginx_answers_without_a_sandbox_too(inside: Interpreter, tmp_path: Path) -> None:
    link = InsideLink(inside)
    port = 18080
    assert link.run(f"curl -sS http://127.0.0.1:{port}/", deadline=20).status == 7
    with World(places(tmp_path / "droplet").world / "world.json").change() as state:
        state["listeners"].append({"port": port, "process": "nginx", "pid": 1043})
    said = link.run(f"curl -sSi http://127.0.0.1:{port}/", deadline=20).stdout.decode()
    assert f"Server: {_NGINX}" in said
    assert "Welcome to nginx!" in said


def test_curl_without_a_sandbox_tells_whom_it_came_to_be_connected_with(inside: Interpreter, tmp_path: Path) -> None:
    link, told = InsideLink(inside), r"-w '\nconnected with %{remote_ip}'"
    port = 18080
    assert link.run(f"curl -sS {told} http://127.0.0.1:{port}/", deadline=20).stdout == b"\nconnected with "
    with World(places(tmp_path / "droplet").world / "world.json").change() as state:
        state["listeners"].append({"port": port, "process": "nginx", "pid": 1043})
    for scheme in ("http", "https"):
        said = link.run(f"curl -sSI {told} {scheme}://localhost:{port}/", deadline=20)
        assert said.stdout.endswith(b"\nconnected with 127.0.0.1"), said
        assert (said.status == 0) is (scheme == "http")
