"""A real Docker Engine in Swarm mode inside a droplet of its own."""

import json
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.lab import droplet, images
from tests.lab.droplet import Droplet
from tests.lab.sshd import wait_until
from tests.lab.tools import missing_files, missing_programs

_CGROUPS = Path("/sys/fs/cgroup")
_DAEMON = ("dockerd", "containerd", "containerd-shim", "docker-proxy", "runc")


class SwarmLab:
    """A droplet whose /var/run/docker.sock is a Docker daemon of its own: a Swarm manager with the lab's images."""

    def __init__(self) -> None:
        self.droplet = Droplet("sprocketbot-manager")
        self._cgroup = f"sprocket-lab-{self.droplet.base.name}"
        self._log = (self.droplet.base / "dockerd.log").open("ab")
        try:
            self.start_daemon()
            self.docker("swarm", "init", "--advertise-addr", "127.0.0.1")
            for image in images.images():
                images.build(image, [*self.droplet.enter, "docker"])
        except BaseException:
            self.close()
            raise

    def start_daemon(self) -> None:
        """Start dockerd, also after `kill_daemon`; returns when it answers."""
        argv = ["dockerd", "--data-root", str(self.droplet.base / "docker"), "--cgroup-parent", self._cgroup]
        # A network of the machine's own range would do too, but must not hide the cable to this machine.
        argv += ["--default-address-pool", "base=10.98.0.0/16,size=24", "--bip", "10.97.0.1/24"]
        self.daemon = self.droplet.spawn(argv, log=self._log)
        wait_until(lambda: self.daemon.poll() is not None or self._answers(), "dockerd to answer", 60)
        if self.daemon.poll() is not None:
            raise RuntimeError(f"dockerd ended: {(self.droplet.base / 'dockerd.log').read_text()[-2000:]}")

    def kill_daemon(self) -> None:
        """Kill dockerd with its containers' keeper, as a crash or the kernel would."""
        self.droplet.run(["sh", "-c", "kill -9 $(pidof dockerd) $(pidof containerd)"], check=False)
        self.daemon.wait()
        self.droplet.run(["rm", "-f", "/run/docker.pid", "/run/docker/containerd/containerd.pid"])

    def docker(self, *arguments: str, check: bool = True, stdin: str = "") -> str:
        """What a docker command printed."""
        return self.droplet.run(["docker", *arguments], check=check, stdin=stdin).stdout

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """The rows of a docker list, each as its fields."""
        return [json.loads(line) for line in self.docker(*arguments, "--format", "{{json .}}").splitlines()]

    def services(self) -> list[str]:
        """The names of all services, sorted."""
        return sorted(row["Name"] for row in self.rows("service", "ls"))

    def running(self, service: str) -> bool:
        """Whether a service has as many tasks running as it wants, and wants any."""
        shown = self.rows("service", "ls", "--filter", f"name={service}")
        return any(row["Name"] == service and row["Replicas"].split()[0] == "1/1" for row in shown)

    def now(self) -> float:
        """A moment that `created_events` can start from: nothing of before is in it."""
        return time.time()

    def created_events(self, kind: str = "service", since: float = 0) -> list[str]:
        """The names of what Docker's own event stream says was created, in order, repeats and all."""
        listed = self.docker(
            *["events", "--since", str(since or 1), "--until", str(int(time.time()) + 1)],
            *["--filter", f"type={kind}", "--filter", "event=create", "--format", "{{json .}}"],
        )
        return [json.loads(line)["Actor"]["Attributes"].get("name", "") for line in listed.splitlines()]

    def reset(self) -> None:
        """Remove what earlier tests left: services, networks, configs, secrets, volumes, processes, root's files."""
        self.droplet.kill_all(besides=_DAEMON)
        self.droplet.empty_home()
        if self.daemon.poll() is not None:
            self.start_daemon()
        if names := self.docker("service", "ls", "-q").split():
            self.docker("service", "rm", *names)
        wait_until(self._tasks_killed, "all tasks to end", 60)
        for kind in ("config", "secret"):
            if names := self.docker(kind, "ls", "-q").split():
                self.docker(kind, "rm", *names)
        wait_until(self._networks_gone, "all networks to go", 60)
        wait_until(self._volumes_gone, "all volumes to go", 60)

    def close(self) -> None:
        """Take everything down; nothing of it is left on the machine."""
        self.droplet.close()
        self._log.close()
        for controller in _CGROUPS.iterdir():
            remove_cgroup(controller / self._cgroup)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _answers(self) -> bool:
        return self.droplet.run(["docker", "version"], check=False).returncode == 0

    def _tasks_killed(self) -> bool:
        if tasks := self.docker("ps", "-q").split():
            self.docker("kill", *tasks, check=False)
        return not tasks

    def _volumes_gone(self) -> bool:
        """A container that has just died may still hold its volume."""
        self.docker("container", "prune", "-f")
        if names := self.docker("volume", "ls", "-q").split():
            self.docker("volume", "rm", "-f", *names, check=False)
        return not self.docker("volume", "ls", "-q")

    def _networks_gone(self) -> bool:
        own = [row["Name"] for row in self.rows("network", "ls", "--filter", "driver=overlay")]
        own = [name for name in own if name != "ingress"]
        if own:
            self.docker("network", "rm", *own, check=False)
        return not own


def missing() -> str:
    """Why no Swarm can be had here; "" when it can."""
    return (
        droplet.missing()
        or missing_programs("dockerd", "docker", "containerd", "runc", "iptables", "busybox", "socat", "ldd")
        or missing_files(images.traefik())
        or _kernel_lacks()
    )


def _kernel_lacks() -> str:
    probe = "ip link add lab0 type bridge && ip link add lab1 type vxlan id 7 dstport 4799"
    tried = subprocess.run(["unshare", "-n", "sh", "-c", probe], check=False, capture_output=True, text=True)
    return "" if tried.returncode == 0 else "no bridge or vxlan in the kernel"


def remove_cgroup(directory: Path) -> None:
    """Remove a control group whose processes have ended, with all below it."""
    if directory.is_dir():
        for child in directory.iterdir():
            if child.is_dir():
                remove_cgroup(child)
        directory.rmdir()
