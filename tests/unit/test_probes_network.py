"""Ports, HTTP and DNS against real sockets of this machine."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.guide.model import ProbeWords, Where
from sprocket_tui.target.batch import Answer
from sprocket_tui.target.local import LocalLink
from tests.unit.checks_kit import answered, probe

BOTH: tuple[Where, Where] = ("here", "droplet")


def measured(asked: ProbeWords, where: Where, deadline: float = 20) -> Observation:
    wanted = Measurement(asked, where)
    return measure([wanted], target=Target(LocalLink()), secrets={}, deadline=deadline)[wanted.key]


def value(observation: Observation) -> dict[str, Any]:
    assert isinstance(observation.value, dict), observation.reason
    return observation.value


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is bound, so that nobody takes it, and refuses because nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port whose queue is full: the kernel drops further attempts, as a filter does."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        waiting: list[socket.socket] = []
        for _ in range(3):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(address)
            waiting.append(sock)
        yield address[1]
        for sock in waiting:
            sock.close()


@pytest.mark.parametrize("where", BOTH)
def test_an_open_port_is_open(where: Where, listening: int) -> None:
    assert value(measured(probe("port", port=str(listening)), where)) == {"state": "open"}


@pytest.mark.parametrize("where", BOTH)
def test_a_port_nobody_listens_on_refuses(where: Where, closed_port: int) -> None:
    assert value(measured(probe("port", port=str(closed_port)), where)) == {"state": "refused"}


@pytest.mark.parametrize("where", BOTH)
def test_a_port_that_never_answers_is_filtered(where: Where, deaf: int) -> None:
    assert value(measured(probe("port", port=str(deaf), timeout=3), where)) == {"state": "filtered"}


def test_a_name_that_does_not_resolve_on_the_droplet_says_nothing_about_the_port() -> None:
    assert "does not resolve" in measured(probe("port", host="no-such-host.invalid", port="80"), "droplet").reason


def run_with(tools: list[str], directory: Path, asked: ProbeWords) -> Observation:
    """The probe on a machine that has only these tools beside the shell."""
    for tool in ["sh", "timeout", "head", *tools]:
        found = shutil.which(tool)
        assert found
        (directory / tool).symlink_to(found)
    commands = PROBES[asked.kind].commands
    assert commands
    (command,) = commands(asked)
    done = subprocess.run(
        ["sh", "-c", command.script],
        env={"PATH": str(directory), "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    return answered(asked, Answer(done.returncode, done.stdout, done.stderr))


@pytest.mark.parametrize("tool", ["bash", "curl"])
def test_each_tool_tells_open_from_refused(tool: str, tmp_path: Path, listening: int, closed_port: int) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert value(run_with([tool], tmp_path / "a", probe("port", port=str(listening), timeout=3)))["state"] == "open"
    assert (
        value(run_with([tool], tmp_path / "b", probe("port", port=str(closed_port), timeout=3)))["state"] == "refused"
    )


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Connection to 127.0.0.1 80 port [tcp/*] succeeded!\nstatus 124", "open"),
        ("127.0.0.1 (127.0.0.1:80) open\nstatus 124", "open"),
        ("nc: connect to 127.0.0.1 port 80 (tcp) failed: Connection refused\nstatus 1", "refused"),
        ("nc: connect to 10.0.0.1 port 80 (tcp) timed out: Operation now in progress\nstatus 1", "filtered"),
        ("nc: connect to 10.0.0.1 port 80 (tcp) failed: No route to host\nstatus 1", "filtered"),
    ],
)
def test_the_words_of_every_netcat_are_understood(said: str, state: str) -> None:
    assert value(answered(probe("port", port="80"), f"nc\n{said}\n")) == {"state": state}


def test_a_droplet_without_a_tool_to_connect_with_says_so(tmp_path: Path) -> None:
    assert "no tool on the droplet to connect with" in run_with([], tmp_path, probe("port", port="80")).reason


def test_the_process_that_holds_a_port_is_named(listening: int) -> None:
    found = value(measured(probe("port", port=str(listening), holder=True), "droplet"))
    assert (found["free"], found["pid"]) == (False, os.getpid())


def test_a_port_nobody_holds_is_free() -> None:
    table = 'LISTEN 0 128 0.0.0.0:8080 0.0.0.0:* users:(("nginx",pid=7,fd=6))\n'
    assert value(answered(probe("port", port="80", holder=True), f"ss 0\n{table}", ""))["free"] is True


def test_without_root_the_owner_is_said_not_to_be_visible() -> None:
    observation = answered(probe("port", port="80", holder=True), "ss 1000\nLISTEN 0 128 [::]:80 [::]:*\n", "")
    assert value(observation) == {"free": False, "process": None, "pid": None, "container": "", "name": ""}
    assert "not visible without root" in observation.seen


def test_without_ss_the_kernels_own_table_is_read() -> None:
    table = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
        "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1\n"
        "   1: 0100007F:01BB 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 2\n"
    )
    assert value(answered(probe("port", port="80", holder=True), f"proc 0\n{table}", ""))["free"] is False
    assert value(answered(probe("port", port="443", holder=True), f"proc 0\n{table}", ""))["free"] is True


@pytest.mark.parametrize(
    ("row", "holder"),
    [
        ('{"name":"web.1.x","ports":"0.0.0.0:80->8080/tcp, :::80->8080/tcp","service":"web"}', "service web"),
        ('{"name":"nginx","ports":"0.0.0.0:79-81->79-81/tcp","service":""}', "container nginx"),
        ('{"name":"traefik-c9829b1","ports":"*:80->80/tcp"}', "service traefik-c9829b1"),
        ('{"name":"dns","ports":"0.0.0.0:80->80/udp","service":""}', ""),
        ('{"name":"other","ports":"0.0.0.0:8080->80/tcp, 80/tcp","service":""}', ""),
    ],
)
def test_what_docker_publishes_on_the_port_is_named(row: str, holder: str) -> None:
    table = 'ss 0\nLISTEN 0 128 *:80 *:* users:(("dockerd",pid=9,fd=6))\n'
    assert value(answered(probe("port", port="80", holder=True), table, row))["container"] == holder


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in {"/first", "/round"}:
            self.send_response(302)
            self.send_header("Location", {"/first": "/second", "/round": "/round"}[self.path])
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"moved")
            return
        if self.path == "/second":
            self.send_response(301)
            self.send_header("Location", f"http://{self.headers['Host']}/third")
            self.end_headers()
            return
        if self.path == "/large":
            self.send_response(200)
            self.end_headers()
            for _ in range(1024):
                self.wfile.write(b"x" * 10240)
            return
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "https://example.org/")
            self.end_headers()
            return
        body = f"host {self.headers['Host']}\n\nsecond part".encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Server", "lab")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """As a GraphQL server: says which query it was asked."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"data": {"query": asked["query"], "type": self.headers["Content-Type"]}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("where", BOTH)
def test_a_web_server_is_read_and_a_redirect_is_not_followed(where: Where, web: str) -> None:
    found = value(measured(probe("http", url=f"{web}/"), where))
    assert (found["status"], found["location"]) == (200, "")
    assert found["body"].endswith("second part")
    moved = value(measured(probe("http", url=f"{web}/moved"), where))
    assert (moved["status"], moved["location"]) == (301, "https://example.org/")
    assert value(measured(probe("http", url=f"{web}/missing"), where))["status"] == 404
    assert value(measured(probe("http", url=f"{web}/", method="HEAD"), where))["status"] == 200


@pytest.mark.parametrize("where", BOTH)
def test_another_host_name_is_asked_for_at_the_same_address(where: Where, web: str) -> None:
    found = value(measured(probe("http", url=f"{web}/", host="vault.example.org"), where))
    assert found["body"].startswith("host vault.example.org")


@pytest.mark.parametrize("tool", ["curl", "wget"])
def test_each_tool_gives_the_same_answer(tool: str, tmp_path: Path, web: str) -> None:
    found = value(run_with([tool], tmp_path, probe("http", url=f"{web}/missing", host="a.example.org")))
    assert (found["status"], found["body"]) == (404, "host a.example.org\n\nsecond part")


@pytest.mark.parametrize("where", BOTH)
def test_a_refused_connection_is_no_answer_of_a_web_server(where: Where, closed_port: int) -> None:
    observation = measured(probe("http", url=f"http://127.0.0.1:{closed_port}/"), where)
    assert not observation.measured
    assert "127.0.0.1" in observation.reason


@pytest.mark.parametrize("where", BOTH)
def test_a_web_server_that_never_answers_is_unknown(where: Where, listening: int) -> None:
    assert not measured(probe("http", url=f"http://127.0.0.1:{listening}/", timeout=2), where).measured


@pytest.mark.parametrize("where", BOTH)
def test_redirects_are_followed_to_the_end_and_listed(where: Where, web: str) -> None:
    found = value(measured(probe("http", url=f"{web}/first", follow=True), where))
    assert found["redirects"] == [
        {"status": 302, "location": "/second"},
        {"status": 301, "location": f"{web}/third"},
    ]
    assert (found["status"], found["body"].endswith("second part")) == (200, True)


@pytest.mark.parametrize("where", BOTH)
def test_redirects_in_a_circle_are_unknown(where: Where, web: str) -> None:
    assert "redirect" in measured(probe("http", url=f"{web}/round", follow=True), where).reason


@pytest.mark.parametrize("where", BOTH)
def test_a_graphql_query_is_answered_by_a_document(where: Where, web: str) -> None:
    query = '{ __typename(a: "it\'s $(id)") }'
    found = value(measured(probe("http", url=f"{web}/graphql", method="POST", query=query), where))
    assert found["json"] == {"data": {"query": query, "type": "application/json"}}


@pytest.mark.parametrize("where", BOTH)
def test_of_a_page_of_10_mb_the_beginning_is_kept(where: Where, web: str) -> None:
    found = value(measured(probe("http", url=f"{web}/large"), where))
    assert (found["status"], found["body"], found["json"]) == (200, "x" * 4096, None)


@pytest.mark.parametrize("tool", ["curl", "wget"])
def test_each_tool_follows_and_asks_alike(tool: str, tmp_path: Path, web: str) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    followed = value(run_with([tool], tmp_path / "a", probe("http", url=f"{web}/first", follow=True)))
    assert (followed["status"], len(followed["redirects"])) == (200, 2)
    asked = value(run_with([tool], tmp_path / "b", probe("http", url=f"{web}/", method="POST", query="{a}")))
    assert asked["json"]["data"]["query"] == "{a}"


class Zone(socketserver.BaseRequestHandler):
    """A name server: an address, a wildcard, a bare name, refusals and silence."""

    def handle(self) -> None:
        data, sock = self.request
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text()
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if name == "silent.test.":
            return
        if name == "broken.test.":
            response.set_rcode(dns.rcode.SERVFAIL)
        elif name == "a.test." or name.endswith(".wild.test."):
            if question.rdtype == dns.rdatatype.A:
                response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", self.server.address))  # type: ignore[attr-defined]
        elif name != "bare.test.":
            response.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(response.to_wire(), self.client_address)


class NameServer(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__(("127.0.0.1", 0), Zone)
        self.address = address
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def resolver(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def resolvers() -> Iterator[tuple[str, str]]:
    with NameServer("192.0.2.1") as first, NameServer("192.0.2.2") as second:
        yield first.resolver, second.resolver
        first.shutdown()
        second.shutdown()


def resolved(name: str, *resolvers: str, record: str = "A") -> dict[str, Any]:
    asked = probe("dns", name=name, record=record, resolvers=",".join(resolvers), timeout=3)
    return value(measured(asked, "here"))


def test_every_resolver_is_asked_by_itself(resolvers: tuple[str, str]) -> None:
    found = resolved("a.test", *resolvers)
    assert found["answers"] == {resolvers[0]: ["192.0.2.1"], resolvers[1]: ["192.0.2.2"]}
    assert (found["agree"], found["addresses"]) == (False, ["192.0.2.1", "192.0.2.2"])
    assert (found["result"], found["wildcard"]) == ("ok", False)


def test_a_missing_name_a_missing_record_and_a_failing_server_are_told_apart(resolvers: tuple[str, str]) -> None:
    first, _ = resolvers
    assert resolved("nobody.test", first)["result"] == "nxdomain"
    assert resolved("bare.test", first)["result"] == "no-answer"
    assert resolved("a.test", first, record="AAAA")["result"] == "no-answer"
    asked = probe("dns", name="broken.test", resolvers=first, timeout=3)
    assert measured(asked, "here").reason == f"{first}: server failure"


def test_silence_of_all_resolvers_is_unknown(resolvers: tuple[str, str]) -> None:
    asked = probe("dns", name="silent.test", resolvers=resolvers[0], timeout=1)
    assert measured(asked, "here").reason == f"{resolvers[0]}: no answer in time"


@contextlib.contextmanager
def saying(answer: Callable[[bytes], bytes]) -> Generator[str, None, None]:
    """A name server that answers every question over UDP with the bytes made of it."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, sock = self.request
            sock.sendto(answer(question), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def garbage(_question: bytes) -> bytes:
    return b"\xff" * 40


def words(_question: bytes) -> bytes:
    return b"no"


def in_a_circle(question: bytes) -> bytes:
    reply = dns.message.make_response(dns.message.from_wire(question))
    reply.answer += [
        dns.rrset.from_text("a.test.", 60, "IN", "CNAME", "b.test."),
        dns.rrset.from_text("b.test.", 60, "IN", "CNAME", "a.test."),
    ]
    return reply.to_wire()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (in_a_circle, "the name stands for others in a circle"),
        (garbage, "its answer is none of a name server"),
        (words, "its answer is none of a name server"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(answer: Callable[[bytes], bytes], said: str) -> None:
    with saying(answer) as server:
        asked = probe("dns", name="a.test", resolvers=server, timeout=1)
        assert measured(asked, "here").reason == f"{server}: {said}"


def test_whether_resolvers_agree_is_not_told_when_one_is_silent(resolvers: tuple[str, str], closed_port: int) -> None:
    found = resolved("a.test", resolvers[0], f"127.0.0.1:{closed_port}")
    assert found["agree"] is None
    assert found["results"][resolvers[0]] == "ok"
    assert found["addresses"] == ["192.0.2.1"]


def test_a_name_that_only_a_wildcard_answers_is_recognised(resolvers: tuple[str, str]) -> None:
    assert resolved("anything.wild.test", resolvers[0])["wildcard"] is True


def test_names_are_absolute_and_the_search_list_is_not_used(resolvers: tuple[str, str]) -> None:
    assert resolved("a", resolvers[0])["result"] == "nxdomain"
    assert resolved("a.test.", resolvers[0])["result"] == "ok"


def test_dns_is_not_measured_on_the_droplet(resolvers: tuple[str, str]) -> None:
    asked = probe("dns", name="a.test", resolvers=resolvers[0])
    assert "only measured from here" in measured(asked, "droplet").reason
