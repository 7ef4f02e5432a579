"""Forty read-only checks over slow links, beside ssh, Ansible and pyinfra with the same commands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.guides import COMMANDS, write
from benchmarks.timing import Entrant, race
from sprocket_tui.guide.loader import load_guide
from tests.lab.sshd import Sshd
from tests.lab.wire import Wire

CHECKS = 40
ONE_WAY = 0.05
# A link where each way takes as long as both together there; the bare ssh is the only peer.
FAR = 0.1


def main(rounds: int = 5) -> None:
    """Prints the tables; needs root for the SSH server."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, Sshd(Path(name) / "lab") as server:
        directory = Path(name)
        with Wire((server.address, server.port), ONE_WAY) as wire:
            config = server.ssh_config("lab", port=wire.port)
            near = entrants(directory, config)
            race(f"{CHECKS} checks, 100 ms round trip", near, rounds)
        with Wire((server.address, server.port), FAR) as wire:
            server.ssh_config("lab", port=wire.port)
            far = [Entrant(each.name, each.argv, each.stdin, each.env) for each in (near[0], near[-1])]
            race(f"{CHECKS} checks, 100 ms each way", far, rounds)


def entrants(directory: Path, config: Path) -> list[Entrant]:
    """Us, the peers that can be had, and last the bare ssh that the ratio is to."""
    guide = write(directory / "guide", CHECKS)
    home = directory / "home"
    home.mkdir()
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    trust = ["--guide", str(guide), "--trust-guide", load_guide(guide).digest]
    ours = [command("sprocket-tui"), "check", "--target", "ssh://lab", "--ssh-config", str(config), "--format", "json"]
    lines = [shlex.join(COMMANDS[each % len(COMMANDS)]) for each in range(CHECKS)]
    script = "\n".join([*(f"{line} >/dev/null </dev/null &" for line in lines), "wait"])
    ssh = ["ssh", "-F", str(config), "lab", "bash", "-s"]
    return [
        Entrant("sprocket-tui check", [*ours, *trust], env=env),
        *peers(directory, config, lines, env),
        Entrant("ssh host bash -s", ssh, script, env),
    ]


def peers(directory: Path, config: Path, lines: list[str], env: dict[str, str]) -> list[Entrant]:
    """Ansible and pyinfra, one shell task or operation a check, in a venv of their own."""
    venv = directory / "peers"
    made = subprocess.run([sys.executable, "-m", "venv", str(venv)], check=False).returncode == 0
    install = [str(venv / "bin" / "pip"), "install", "-q", "ansible-core", "pyinfra"]
    if not made or subprocess.run(install, check=False).returncode:
        print("Ansible and pyinfra cannot be installed here; they are left out")
        return []
    playbook = directory / "play.yaml"
    tasks = "".join(f"    - ansible.builtin.shell: {line}\n" for line in lines)
    playbook.write_text(f"- hosts: all\n  gather_facts: no\n  tasks:\n{tasks}")
    inventory = directory / "inventory"
    inventory.write_text("lab\n")
    deploy = directory / "deploy.py"
    operations = "".join(f"server.shell(commands=[{line!r}])\n" for line in lines)
    deploy.write_text(f"from pyinfra.operations import server\n{operations}")
    hosts = directory / "hosts.py"
    hosts.write_text(f"hosts = [('lab', {{'ssh_config_file': {str(config)!r}}})]\n")
    ansible = {
        **env,
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SSH_ARGS": f"-F {config} -o ControlMaster=auto -o ControlPersist=9",
    }
    bin_ = venv / "bin"
    return [
        Entrant(
            "ansible, pipelining", [str(bin_ / "ansible-playbook"), "-i", str(inventory), str(playbook)], env=ansible
        ),
        Entrant("pyinfra", [str(bin_ / "pyinfra"), "-y", str(hosts), str(deploy)], env=env),
    ]


def command(name: str) -> str:
    """The installed command of this environment."""
    return str(Path(sys.executable).with_name(name))


if __name__ == "__main__":
    main()
