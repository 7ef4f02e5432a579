"""The machine's own tools for scenes, in a droplet whose files, ports and firewall are private."""

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from sprocket_tui.practice.standins import repository
from tests.lab.droplet import Droplet
from tests.lab.pulumi import PROGRAM as LAYER_1
from tests.lab.pulumi import npm_cache
from tests.lab.sshd import wait_until
from tests.practice.contract import HOME, Answer, Kept, substituted

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": HOME,
    "USER": "root",
    "LANG": "C.UTF-8",
}
_REGISTRY = "http://127.0.0.1:4873"
_UPSTREAM = "/run/upstream.git"
# What lies on a droplet is to be changed here, and not on the machine.
_PRIVATE = {"ufw": ("/etc/ufw", "/lib/ufw")}
_RULES = ("22/tcp", "8080/tcp", "8443/tcp")


class RealMachine:
    """A droplet of its own, on which the steps of a scene about one tool are taken."""

    def __init__(self, tool: str) -> None:
        self._tool, self.environment, self._kept = tool, dict(ENVIRONMENT), Kept()
        self.droplet = Droplet("sprocket-practice")
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    @property
    def version(self) -> Any:
        """The first line of what the tool says."""
        return self.run([self._tool, "--version"]).out.splitlines()[0]

    def run(
        self, argv: Sequence[str], stdin: str = "", directory: str = HOME, environ: dict[str, str] | None = None
    ) -> Answer:
        """What a command line answers."""
        told = {**self.environment, **(environ or {})}
        done = self.droplet.run(argv, env=told, stdin=stdin, check=False, cwd=directory)
        return Answer(done.returncode, done.stdout, done.stderr)

    def step(self, step: dict[str, Any]) -> Answer | None:
        """Takes one step; the answer of a command line."""
        match step:
            case {"run": argv}:
                words = [self._kept.filled(word) for word in substituted(argv, self.run)]
                stdin = self._kept.filled(step.get("stdin", ""))
                answer = self.run(words, stdin, step.get("in", HOME), self._kept.environment(step))
                self._kept.keep(step.get("keep", {}), answer)
                return answer
            case {"export": wanted}:
                self._kept.export(wanted)
            case {"wait": seconds}:
                time.sleep(seconds)
            case {"write": path, "text": text}:
                file = self.droplet.path(path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
            case {"remove": path}:
                self.droplet.run(["rm", "-r", path])
            case {"checkout": directory}:
                self.droplet.run(["git", "clone", "-q", repository.URL, directory], env=self.environment)
            case {"listen": port, "process": name}:
                # The kernel names a process after the file that was started.
                self.droplet.run(["install", "-D", "/usr/bin/socat", f"/run/listening/{name}"])
                self.droplet.spawn([f"/run/listening/{name}", f"TCP4-LISTEN:{port}", "SYSTEM:true"])
                wait_until(lambda: f":{port} " in self.run(["ss", "-Hltn"]).out, "the port to be open", 10)
            case {"without": _}:
                # Here it never was.
                pass
            case _:
                raise ValueError(f"an unknown step: {step}")
        return None

    def close(self) -> None:
        """Takes everything down; nothing of it is left on the machine."""
        self.droplet.close()

    def _prepare(self) -> None:
        for directory in _PRIVATE.get(self._tool, ()):
            copy = self.droplet.base / directory.strip("/").replace("/", "-")
            shutil.copytree(directory, copy, symlinks=True)
            self.droplet.run(["mount", "--bind", str(copy), directory])
        match self._tool:
            case "ufw":
                # Docker has it so on a droplet.
                self.droplet.run(["sysctl", "-q", "net.ipv4.ip_forward=1"])
                for rule in _RULES:
                    self.droplet.run(["ufw", "allow", rule], env=self.environment)
                self.droplet.run(["ufw", "--force", "enable"], env=self.environment)
            case "ps" | "ss":
                self.step({"listen": 22, "process": "sshd"})
            case "git":
                self._upstream()
            case "npm":
                self._packages()
            case _:
                pass

    def _upstream(self) -> None:
        """The repository that git finds where it looks for the real one."""
        source = self.droplet.base / "source"
        repository.checkout(source)
        shutil.rmtree(source / ".git")
        name, mail = repository.AUTHOR
        told = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), name)
        told |= dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), mail)
        told |= dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"@{repository.COMMITTED} +0000")
        for argv in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", repository.MESSAGE]):
            self.droplet.run(["git", *argv], env={**self.environment, **told}, cwd=source)
        self.droplet.run(["git", "clone", "-q", "--bare", str(source), _UPSTREAM], env=self.environment)
        self.environment |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{_UPSTREAM.removesuffix('.git')}.insteadOf",
            "GIT_CONFIG_VALUE_0": repository.URL.removesuffix(".git"),
        }

    def _packages(self) -> None:
        """npm takes its packages from the lab's cache, and asks a registry that knows one of them."""
        cache = self.droplet.base / "npm"
        subprocess.run(["cp", "-r", str(npm_cache()), str(cache)], check=True)
        lines = {"cache": cache, "prefer-offline": "true", "fetch-retries": 0, "update-notifier": "false"}
        lines |= {"registry": _REGISTRY, "replace-registry-host": "never"}
        (self.droplet.home / ".npmrc").write_text("".join(f"{name}={value}\n" for name, value in lines.items()))
        packages = json.loads((LAYER_1 / "package-lock.json").read_text())["packages"]
        held = packages["node_modules/semver"]
        dist = {
            "integrity": held["integrity"],
            "tarball": f"https://registry.npmjs.org/semver/-/semver-{held['version']}.tgz",
        }
        version = {"name": "semver", "version": held["version"], "dist": dist}
        told = {"name": "semver", "dist-tags": {"latest": held["version"]}, "versions": {held["version"]: version}}
        registry = self.droplet.path("/run/registry")
        registry.mkdir()
        (registry / "semver").write_text(json.dumps(told))
        self.droplet.spawn(["busybox", "httpd", "-f", "-p", _REGISTRY.removeprefix("http://"), "-h", "/run/registry"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
