"""What a real tool has and its stand-in has not is said in one sentence; what neither has, in the tool's words."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from sprocket_tui.practice.droplet import Droplet
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from sprocket_tui.practice.server import ENVIRONMENT
from sprocket_tui.practice.standins import MODULES, NAMES, apt
from sprocket_tui.practice.standins.rehearsed import StandIn as Taken
from sprocket_tui.practice.standins.rehearsed import vocabulary
from tests.lab import vocabulary as real
from tests.practice.conftest import Shell
from tests.practice.interpreting import InsideLink, inside
from tests.practice.replay import StandIn

__all__ = ["inside"]

TABLES = sorted(path.stem for path in real.DIRECTORY.glob("*.json"))
# It is the real one that answers, with all that it has.
_REAL = {"date"}


def taken(program: str) -> Taken:
    return Taken.of(program, import_module(f"sprocket_tui.practice.standins.{MODULES[program]}"))


def refusal(line: str) -> str:
    return f"practice: {line} is not in this rehearsal; a real droplet has it\n"


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path)


def test_every_stand_in_has_the_vocabulary_of_its_tool() -> None:
    assert {*TABLES} == {*NAMES} - _REAL


@pytest.mark.timeout(300)
@pytest.mark.parametrize("tool", TABLES)
def test_the_vocabulary_is_the_one_of_the_real_tool(tool: str) -> None:
    held = json.loads((real.DIRECTORY / f"{tool}.json").read_text())
    if reason := real.missing(tool):
        pytest.skip(reason)
    if (here := real.version(tool)) != held["version"]:
        pytest.skip(f"{tool} {here} is here, {held['version']} was read")
    assert real.read(tool) == held


@pytest.mark.parametrize("tool", TABLES)
def test_every_command_of_the_real_tool_is_stood_in_for_or_refused_in_one_sentence(
    tool: str, stand_in: StandIn
) -> None:
    known, own = vocabulary(tool), taken(tool)
    for path, words in known.words.items():
        for word in words:
            if own.path(path, word) is not None:
                continue
            given = stand_in.run([tool, *path.split(), word])
            assert (given.status, given.out) == (126, ""), word
            # Of what lies below a command that is missing as a whole, that one is named.
            whole = f"{tool} {path} {word}".replace("  ", " ")
            assert given.err in {
                refusal(whole),
                refusal(" ".join(whole.split()[:2])),
                refusal(" ".join(whole.split()[:3])),
            }


@pytest.mark.parametrize("tool", TABLES)
def test_every_option_of_a_command_that_is_stood_in_for_is_taken_or_refused_in_one_sentence(
    tool: str, stand_in: StandIn
) -> None:
    known, own = vocabulary(tool), taken(tool)
    for path in {"", *own.takes}:
        for option in known.of(path):
            if own.flag(path, option) is None:
                given = stand_in.run([tool, *path.split(), option])
                expected = refusal(" ".join(each for each in (tool, path, option) if each))
                assert (given.status, given.out, given.err) == (126, "", expected)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("docker run hello-world", "docker run"),
        ("docker system prune", "docker system prune"),
        ("docker image rm -f x", "docker image rm"),
        ("docker", "docker without a command"),
        ("docker stats", "docker stats without --no-stream"),
        ("docker ps -as", "docker ps -s"),
        ("docker ps -qf name=x --size", "docker ps --size"),
        ("docker ps --help", "docker ps --help"),
        ("docker -H x ps", "docker -H"),
        ("pulumi about", "pulumi about"),
        ("pulumi stack history", "pulumi stack history"),
        ("pulumi --cwd / logs", "pulumi logs"),
        ("pulumi up --refresh", "pulumi up --refresh"),
        ("npm run build", "npm run"),
        ("npm --prefix x outdated", "npm outdated"),
        ("npm ls --json", "npm ls --json"),
        ("npm", "npm without a command"),
        ("node -e 1", "node -e"),
        ("node", "node without a program"),
        ("git push", "git push"),
        ("git -C / stash", "git stash"),
        ("git log --graph", "git log --graph"),
        ("git remote add x y", "git remote add"),
        ("systemctl list-units", "systemctl list-units"),
        ("systemctl", "systemctl without a unit"),
        ("systemctl status", "systemctl status without a unit"),
        ("ufw disable", "ufw disable"),
        ("ufw delete 2", "ufw delete 2"),
        ("ufw allow from 192.0.2.1", "ufw allow from 192.0.2.1"),
        ("apt-get install -y jq htop", "apt-get install htop"),
        ("apt-get upgrade", "apt-get upgrade"),
        ("df --si", "df --si"),
        ("ss -tlnpe", "ss -e"),
        ("ss -tn state established", "ss state established"),
        ("ss -tan state Time-Wait sport = :22", "ss state Time-Wait"),
        ("ss -tan exclude listening", "ss exclude"),
        ("ss -ltn state listening state established", "ss state"),
        ("ss -tan dport = :443", "ss dport"),
    ],
)
def test_the_sentence_names_what_is_not_there(line: str, said: str, stand_in: StandIn) -> None:
    given = stand_in.run(line.split())
    assert (given.status, given.out, given.err) == (126, "", refusal(said))


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/x/y.git",
        "https://jane:hunter2@github.com:443/x/y",
        "git@github.com:x/y.git",
        "/root/elsewhere",
        "https://registry.npmjs.org/x",
    ],
)
def test_another_repository_is_not_said_to_be_at_no_host_where_the_host_is_there(
    url: str, stand_in: StandIn, tmp_path: Path
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hosts").write_text("127.0.0.1 localhost\n192.0.2.1 registry.npmjs.org github.com\n")
    given = stand_in.run(["git", "clone", url])
    said = "practice: git clone of another repository than SprocketBot/sprocket-infra is not in this rehearsal"
    assert (given.status, given.out, given.err) == (126, "", f"{said}; a real droplet may have it\n")


def test_what_comes_with_a_plugin_is_not_promised(stand_in: StandIn) -> None:
    given = stand_in.docker(["compose", "ps"])
    said = "practice: docker compose is not in this rehearsal; a real droplet may have it\n"
    assert (given.status, given.err) == (126, said)


@pytest.mark.parametrize(
    "line",
    [
        "docker service create --quiet --detach --name web lab/web:1 run --size --help",
        "docker inspect -f {{.Nope}} run",
        "pulumi config set key logs",
        "git log -- --graph",
        "npm ls run",
    ],
)
def test_a_word_that_is_no_command_and_no_option_is_not_taken_for_one(line: str, stand_in: StandIn) -> None:
    assert "rehearsal" not in stand_in.run(line.split()).err


def test_a_program_that_is_there_is_not_said_to_be_missing(stand_in: StandIn, tmp_path: Path) -> None:
    (tmp_path / "root/hello.js").write_text("")
    assert stand_in.run(["node", "hello.js"]).err == refusal("node hello.js")
    assert stand_in.run(["node", "hello"]).err == refusal("node hello")


@pytest.mark.skipif(not shutil.which("apt-cache"), reason="no apt-cache")
def test_a_package_that_is_refused_is_one_that_an_archive_has() -> None:
    listed = subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True, check=True).stdout.split()
    if "htop" not in listed:
        pytest.skip("no lists of packages")
    assert not {*apt.ARCHIVED.split()} - {*listed}


def test_a_tool_that_is_not_installed_has_no_vocabulary(stand_in: StandIn) -> None:
    with stand_in.world.change() as state:
        del state["software"]["pulumi"]
    assert stand_in.run(["pulumi", "about"]).status == 127


def test_the_interpreter_says_the_same(inside: Interpreter) -> None:
    done = InsideLink(inside).run("docker run x; docker ps --size; pulumi about; node -e 1", deadline=30)
    said = [refusal(each) for each in ("docker run", "docker ps --size", "pulumi about", "node -e")]
    assert (done.status, done.stderr.decode()) == (126, "".join(said))


def test_the_sandbox_says_the_same(shell: Shell) -> None:
    done = shell("docker run x; docker ps --size; pulumi about; node -e 1")
    said = [refusal(each) for each in ("docker run", "docker ps --size", "pulumi about", "node -e")]
    assert (done.returncode, done.stderr) == (126, "".join(said))


class TestAProgramThatTheDropletDoesNotHave:
    NAMES = ("journalctl", "ip", "dig", "apt", "sudo", "lsof", "hostnamectl", "htop", "nano")

    def login(self, droplet: Droplet, tmp_path: Path, script: str) -> subprocess.CompletedProcess[str]:
        """What a login shell answers to whoever types that."""
        (tmp_path / "typed").write_text(script)
        files = [(tmp_path / name).open(mode) for name, mode in (("typed", "r"), ("out", "w"), ("err", "w"))]
        process = droplet.sandbox.start(["/bin/bash", "-l"], ENVIRONMENT, [each.fileno() for each in files])
        status = process.ended.result(30)
        for each in files:
            each.close()
        out, err = ((tmp_path / name).read_text() for name in ("out", "err"))
        return subprocess.CompletedProcess([], status, out, err)

    def test_is_said_to_be_missing_from_the_rehearsal(self, droplet: Droplet, tmp_path: Path) -> None:
        done = self.login(droplet, tmp_path, "\n".join(self.NAMES))
        assert done.stderr == "".join(f"practice: {each} is not in this rehearsal\n" for each in self.NAMES)
        assert (done.returncode, done.stdout) == (127, "")

    def test_is_missing_as_anywhere_where_the_droplet_may_lack_it(self, droplet: Droplet, tmp_path: Path) -> None:
        done = self.login(droplet, tmp_path, "rm /usr/bin/pulumi; hash -r; pulumi up")
        assert (done.returncode, done.stderr) == (127, "bash: pulumi: command not found\n")

    def test_is_missing_from_a_shell_within_the_shell_too(self, droplet: Droplet, tmp_path: Path) -> None:
        done = self.login(droplet, tmp_path, "bash --rcfile /etc/bash.bashrc -i -c journalctl")
        assert done.stderr.endswith("practice: journalctl is not in this rehearsal\n")
        assert done.returncode == 127

    def test_is_missing_from_a_script_as_from_any_other(self, shell: Shell) -> None:
        done = shell("journalctl || echo $?; command -v journalctl || echo $?")
        assert done.stdout == "127\n127\n"
        assert "rehearsal" not in done.stderr
