"""A probe that could not measure says so: for every probe there is, whatever its commands or a server answer.

A new probe with commands enters its forms in SAMPLES; one that asks over the network from here enters them in DIRECT.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sprocket_tui.checks import probes
from sprocket_tui.checks.measure import Measurement, Target, measure, observe
from sprocket_tui.checks.probes import PROBES
from sprocket_tui.checks.probes.base import Answers
from sprocket_tui.errors import LinkLost
from sprocket_tui.guide import words
from sprocket_tui.guide.model import ProbeWords
from sprocket_tui.guide.words.probes import NodeProbe
from sprocket_tui.secret import Secret
from sprocket_tui.target.batch import CAP, Answer, Command
from sprocket_tui.target.link import Completed
from tests.unit import hostile
from tests.unit.checks_kit import probe
from tests.unit.fakes import FakeLink


def pulumi_backend(address: str, wait: float = 2) -> ProbeWords:
    secrets = dict.fromkeys(("token", "access_key", "secret_key"), "canary")
    return probe(
        "pulumi-backend", backend=address, organisation="o", stacks=["layer_1/layer_1"], timeout=wait, **secrets
    )


# One of each kind, and of each form that is read differently.
SAMPLES = {
    "command": probe("command", argv=["docker", "info"], read="json"),
    "software": probe("software", name="node"),
    "software engines": probe("software", name="node", engines="/root/sprocket-infra/layer_1"),
    "port": probe("port", port="80"),
    "port holder": probe("port", port="80", holder=True),
    "firewall": probe("firewall", ports=["80"]),
    "http": probe("http", url="http://127.0.0.1/"),
    "checkout": probe("checkout", directory="/root/sprocket-infra"),
    "github": probe("github", url="git@github.com:SprocketBot/sprocket-infra.git"),
    "vault": probe("vault", url="http://127.0.0.1:8200"),
    "http followed": probe("http", url="http://127.0.0.1/", follow=True),
    "docker-api": probe("docker-api", directory="/root/sprocket-infra", image="traefik"),
    "images": probe("images", directories=["/root/sprocket-infra/layer_1"]),
    "swarm-nodes": probe("swarm-nodes", label="role=storage"),
    "swarm-objects": probe("swarm-objects", networks=["traefik-ingress"]),
    "swarm-service": probe("swarm-service", name="vault"),
    "swarm-service prefix": probe("swarm-service", prefix="redis"),
    "swarm-services": probe("swarm-services"),
    **{
        f"node {fact}": probe("node", fact=fact)
        for fact in NodeProbe.model_fields["fact"].annotation.__args__  # type: ignore[union-attr]
    },
}

# What asks a server from here: its words for a server at this host and port, with little time to wait. A secret that it
# needs is called "canary".
DIRECT: dict[str, Callable[[str, int], ProbeWords]] = {
    "port": lambda host, port: probe("port", host=host, port=str(port), timeout=1),
    "http": lambda host, port: probe("http", url=f"http://{host}:{port}/", timeout=1),
    "http tls": lambda host, port: probe("http", url=f"https://{host}:{port}/", timeout=1),
    "http tls insecure": lambda host, port: probe("http", url=f"https://{host}:{port}/", insecure=True, timeout=1),
    "vault": lambda host, port: probe("vault", url=f"http://{host}:{port}", timeout=1),
    "cloud-firewall": lambda host, port: probe(
        "cloud-firewall", token="canary", address="203.0.113.7", ports=["22"], api=f"http://{host}:{port}", timeout=1
    ),
    "doppler": lambda host, port: probe("doppler", token="canary", names=["A"], api=f"http://{host}:{port}", timeout=1),
    "pulumi-backend": lambda host, port: pulumi_backend(f"http://{host}:{port}", 1),
    "pulumi-backend tls": lambda host, port: pulumi_backend(f"https://{host}:{port}", 1),
    "http query": lambda host, port: probe("http", url=f"http://{host}:{port}/", method="POST", query="{a}", timeout=1),
    "tls": lambda host, port: probe("tls", host=host, port=str(port), name="example.org", timeout=1),
    "postgres": lambda host, port: probe(
        "postgres", host=host, port=str(port), user="u", password="canary", database="d", timeout=2
    ),
    "postgres plain": lambda host, port: probe(
        "postgres", host=host, port=str(port), user="u", password="canary", database="d", tls=False, timeout=2
    ),
    "s3": lambda host, port: probe(
        "s3", endpoint=f"http://{host}:{port}", bucket="abc", access_key="canary", secret_key="canary", timeout=2
    ),
    "s3 tls": lambda host, port: probe(
        "s3", endpoint=f"{host}:{port}", bucket="abc", access_key="canary", secret_key="canary", timeout=2
    ),
    "registry": lambda host, port: probe(
        "registry", registry=f"http://{host}:{port}", user="u", password="canary", images=["a/b:c"], timeout=2
    ),
    "registry tls": lambda host, port: probe(
        "registry", registry=f"{host}:{port}", user="u", password="canary", images=["a/b:c"], timeout=2
    ),
    "dns": lambda host, port: probe("dns", name="example.org", resolvers=f"{host}:{port}", timeout=1),
}

# What is measured from here with a script on the droplet: what that script answers may be anything, too.
BOTH_ENDS = {
    "port nonce": probe("port", port="80", nonce=True, timeout=2),
    "pulumi-backend file": pulumi_backend("file:///root/state"),
    "pulumi-backend bucket": pulumi_backend("s3://state?region=us-east-1"),
}

# What measures without a server and without commands.
ELSEWHERE = {
    "secret": "it looks at what has been given, and at nothing else",
    "told": "it looks at what a person told, and at nothing else",
}

# Where a server that speaks no protocol is an answer all the same.
ANSWERS = {
    # The port probe asks whether somebody listens, and not who.
    **{("port", manner): {"state": "open"} for manner in hostile.MANNERS},
    ("port", hostile.REFUSES): {"state": "refused"},
}

ADVERSITIES = {
    "ran out of time": Answer(None, b"", b""),
    "is refused": Answer(1, b"", b"dial tcp 127.0.0.1:2375: connect: connection refused\n"),
    "is not permitted": Answer(1, b"", b"cat: /x: Permission denied\n"),
    "may not be started": Answer(126, b"", b"sh: 1: docker: Permission denied\n"),
    "is not there": Answer(127, b"", b"sh: 1: docker: not found\n"),
    "is empty": Answer(0, b"", b""),
    "is blank": Answer(0, b"\n\n", b""),
    "is garbage": Answer(0, b"\x00\xff\xfe\x1b[31m\x07" * 50, b""),
    "is text of another kind": Answer(0, b"Last login: Mon Nov 23 from 10.0.0.1\n", b""),
    "speaks another language": Answer(0, "Dateisystem 1B-Blöcke Benutzt Verfügbar Verw% Eingehängt\n".encode(), b""),
    "is huge": Answer(0, b"x" * CAP, b"", truncated=True),
    "is a deep document": Answer(0, b"[" * 100_000, b""),
    "died": Answer(137, b"", b""),
}


def test_every_probe_with_commands_is_sampled_here() -> None:
    assert {sample.kind for sample in SAMPLES.values()} == {kind for kind, each in PROBES.items() if each.commands}


def test_every_probe_is_in_one_of_the_tables() -> None:
    direct = {words("127.0.0.1", 1).kind for words in DIRECT.values()}
    sampled = {sample.kind for sample in SAMPLES.values()}
    assert set(PROBES) == sampled | direct | set(ELSEWHERE)
    # One with commands that can also be measured from here without them belongs in both.
    assert {kind for kind, each in PROBES.items() if each.measure} == direct | set(ELSEWHERE)


@pytest.mark.parametrize("manner", [*hostile.MANNERS, hostile.REFUSES])
@pytest.mark.parametrize("form", DIRECT)
def test_a_server_that_speaks_no_protocol_is_unknown_with_its_reason(form: str, manner: str) -> None:
    canary = Secret("c4nary-0f-th1s-t3st")
    with hostile.hostile(manner) as port:
        wanted = Measurement(DIRECT[form]("127.0.0.1", port), "here")
        observation = measure([wanted], target=Target(None), secrets={"canary": canary}, deadline=10)[wanted.key]
    answer = ANSWERS.get((wanted.words.kind, manner))
    assert observation.value == answer
    assert observation.measured is (answer is not None)
    assert bool(observation.reason) is (answer is None)
    assert canary.reveal() not in repr(observation)
    assert not any(ord(character) < 32 for character in observation.reason)


# What git and ssh say of it themselves.
NO_CONNECTION = (
    "ssh: connect to host github.com port 22: Connection refused",
    "ssh: connect to host github.com port 22: Connection timed out",
    "ssh: connect to host github.com port 22: Network is unreachable",
    "Connection closed by 140.82.121.3 port 22",
    "kex_exchange_identification: read: Connection reset by peer",
    "fatal: unable to access 'https://github.com/': Failed to connect to h port 443: Couldn't connect to server",
    "fatal: unable to access 'https://github.com/x/': Connection timed out after 5001 milliseconds",
)


@pytest.mark.parametrize("said", NO_CONNECTION)
def test_a_repository_whose_host_is_not_reached_is_unknown_in_the_words_of_git(said: str) -> None:
    refused = Answer(128, b"key\n", f"{said}\nfatal: Could not read from remote repository.\n".encode())
    observation = observe(SAMPLES["github"], Answers({"ask": refused}))
    assert (observation.measured, observation.reason) == (False, said)
    assert observation.to_do.startswith("Allow outbound traffic")


@pytest.mark.parametrize(
    "url", ["https://token@github.com/x/y.git", "https://bob:pw@github.com/x", "ssh://git:pw@github.com/x"]
)
def test_a_repository_with_a_login_in_its_address_is_not_asked(url: str) -> None:
    wanted = Measurement(probe("github", url=url), "droplet")
    observation = measure([wanted], target=Target(FakeLink()), secrets={}, deadline=10)[wanted.key]
    assert observation.reason.startswith("a login stands in the address")


def test_every_kind_of_words_has_a_probe() -> None:
    assert set(PROBES) == set(words.PROBES)


@pytest.mark.parametrize("adversity", ADVERSITIES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_what_cannot_be_read_is_unknown_with_its_reason(sample: str, adversity: str) -> None:
    asked = SAMPLES[sample]
    commands = PROBES[asked.kind].commands
    assert commands
    answers = {command.key: ADVERSITIES[adversity] for command in commands(asked)}
    observation = observe(asked, Answers(answers))
    assert not observation.measured
    assert observation.value is None
    assert observation.reason


# A canary of which no four characters stand side by side in anything else.
CUT = Secret("QzXvKjWqYgHbPfMdLcRnTsZyXwVuBnGhJkQw", "canary")
# Beyond every limit that a probe has for what it quotes.
FILLING = (0, *range(60, 130), *range(150, 210), *range(260, 310), *range(380, 410), *range(960, 1001), 4060, 4080)


def kept(observation: object) -> list[str]:
    """The pieces of the canary that a person could read there."""
    shown, secret = repr(observation), CUT.reveal()
    return [secret[at : at + 4] for at in range(len(secret) - 3) if secret[at : at + 4] in shown]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_secret_in_an_answer_is_masked_wherever_the_answer_is_cut(
    sample: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Measurement(SAMPLES[sample], "droplet")
    target = Target(FakeLink())
    answer = Answer(0, b"", b"")

    def run(link: object, commands: list[Command], *, on_answer: Callable[[str, Answer], None], **_: object) -> None:
        for command in commands:
            on_answer(command.key, answer)

    monkeypatch.setattr("sprocket_tui.checks.batched.run_batch", run)
    for padding in FILLING:
        said = ("p" * padding + CUT.reveal() + "\n").encode()
        for form in (Answer(0, said, b""), Answer(1, b"", said), Answer(0, b"curl\n" + said + b"\nend", b"")):
            answer = form
            found = measure([wanted], target=target, secrets={"canary": CUT}, deadline=10)
            assert kept(found[wanted.key]) == []


@pytest.mark.parametrize("form", [name for name in DIRECT if name != "dns" and "tls" not in name])
def test_a_secret_in_what_a_server_says_is_masked_wherever_it_is_cut(form: str) -> None:
    paddings = [0]

    def refusing(sock: socket.socket) -> bytes:
        sock.recv(65536)
        said = "p" * paddings[-1] + CUT.reveal()
        body = f'{{"message": "{said}", "messages": ["{said}"], "x": "<Code>{said}</Code><Message>{said}</Message>"}}'
        return f"HTTP/1.1 400 No\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

    with hostile.serving(refusing) as port:
        for padding in (*range(0, 20, 5), *range(165, 205, 5), *range(265, 305, 5)):
            paddings.append(padding)
            wanted = Measurement(DIRECT[form]("127.0.0.1", port), "here")
            found = measure([wanted], target=Target(None), secrets={"canary": CUT}, deadline=10)
            assert kept(found[wanted.key]) == []


def test_no_probe_cuts_what_it_quotes_by_itself() -> None:
    """`excerpt` masks first; what is cut before holds half a secret, which nobody finds any more."""
    modules = sorted(Path(probes.__file__).parent.glob("*.py"))
    assert len(modules) > len(PROBES)
    assert [each.name for each in modules if "shortened" in each.read_text(encoding="utf-8")] == []


class Answering(FakeLink):
    """A droplet that answers every script alike."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def run(self, script: str, *, deadline: float, limit: int = 8 << 20) -> Completed:
        if self._answer.status is None:
            raise LinkLost("no answer from droplet")
        mark = script.split("'%s\\n' ", 1)[1].partition("\n")[0].encode()
        return Completed(self._answer.status, mark + b"\n" + self._answer.stdout, self._answer.stderr)

    def follow(self, script: str, on_output: Callable[[bytes], None], *, silence: float) -> Completed:
        done = self.run(script, deadline=silence)
        on_output(done.stdout)
        return done


@pytest.mark.parametrize("adversity", ADVERSITIES)
@pytest.mark.parametrize("sample", BOTH_ENDS)
def test_a_script_of_the_droplet_that_cannot_be_read_is_unknown_with_its_reason(sample: str, adversity: str) -> None:
    wanted = Measurement(BOTH_ENDS[sample], "here")
    target = Target(Answering(ADVERSITIES[adversity]))
    canary = Secret("c4nary-0f-th1s-t3st")
    observation = measure([wanted], target=target, secrets={"canary": canary}, deadline=10)[wanted.key]
    assert not observation.measured
    assert observation.value is None
    assert observation.reason
    assert canary.reveal() not in repr(observation)
    assert not any(ord(character) < 32 for character in observation.reason)


@pytest.mark.parametrize("sample", SAMPLES)
def test_an_answer_that_never_came_is_unknown(sample: str) -> None:
    assert observe(SAMPLES[sample], Answers({})).reason == "no answer came"


@pytest.mark.parametrize(
    "asked",
    [
        probe("http", url="http://no-such-host.invalid/"),
        probe("http", url="ftp://127.0.0.1/"),
        probe("http", url="not a url"),
        probe("port", host="no-such-host.invalid", port="80"),
        probe("port", port="http"),
        probe("port", port="80", holder=True),
        probe("dns", name="example.org", resolvers=""),
        probe("dns", name="example.org", resolvers="not-an-address"),
        probe("dns", name="", resolvers="127.0.0.1"),
        probe("dns", name="a..b", resolvers="127.0.0.1"),
        probe("doppler", token="doppler_token", names=["A"]),
        probe("postgres", host="127.0.0.1", user="u", password="postgres_password", database="d"),
        probe("s3", endpoint="127.0.0.1", bucket="abc", access_key="a_key", secret_key="s_key"),
        probe("registry", registry="127.0.0.1", user="u", password="docker_access_token", images=["a/b:c"]),
        pulumi_backend("https://127.0.0.1"),
        pulumi_backend("file:///root/state"),
        pulumi_backend("s3://state"),
    ],
    ids=lambda asked: asked.model_dump_json(exclude_defaults=True),
)
def test_what_cannot_be_asked_from_here_is_unknown_with_its_reason(asked: ProbeWords) -> None:
    wanted = Measurement(asked, "here")
    observation = measure([wanted], target=Target(None), secrets={}, deadline=10)[wanted.key]
    assert not observation.measured
    assert observation.reason


@pytest.mark.parametrize(
    "asked",
    [
        probe("doppler", token="canary", names=["A"], api="http://192.0.2.1"),
        probe("cloud-firewall", token="canary", address="203.0.113.7", ports=["22"], api="http://192.0.2.1"),
        probe("registry", registry="http://192.0.2.1", user="u", password="canary", images=["a/b:c"]),
        pulumi_backend("http://192.0.2.1"),
    ],
    ids=lambda asked: asked.kind,
)
def test_a_secret_that_others_could_read_on_the_way_is_not_sent(asked: ProbeWords) -> None:
    wanted = Measurement(asked, "here")
    secret = Secret("a-secret-of-this-test", "canary")
    observation = measure([wanted], target=Target(None), secrets={"canary": secret}, deadline=10)[wanted.key]
    assert observation.reason.endswith("sent over HTTPS alone")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (probe("node", fact="cpus"), "4\n"),
        (probe("node", fact="memory"), "MemTotal: 2048 kB\nMemAvailable: 1024 kB\n"),
        (probe("node", fact="swap"), "SwapTotal: 0 kB\nSwapFree: 0 kB\n"),
        (probe("node", fact="clock"), "1000\nyes\n"),
        (probe("software", name="pulumi"), "absent\n"),
        (probe("software", name="node"), "at /usr/bin/node\nv20.1.0\n"),
        (probe("port", host="127.0.0.1", port="80"), "bash\n\nstatus 0\n"),
        (probe("command", argv=["true"]), ""),
    ],
)
def test_what_was_read_is_kept_as_evidence(asked: ProbeWords, said: str) -> None:
    answers = {each.key: Answer(0, said.encode(), b"warned") for each in PROBES[asked.kind].commands(asked)}  # type: ignore[misc]
    assert observe(asked, Answers(answers)).evidence == (said or "warned")


def test_the_list_of_sockets_is_kept_as_evidence_of_a_free_port() -> None:
    answers = {"listeners": Answer(0, b"ss 0\n", b""), "published": Answer(0, b"", b"")}
    assert observe(probe("port", port="80", holder=True), Answers(answers)).evidence == "ss 0\n"
