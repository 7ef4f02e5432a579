"""Who listens on a port of the droplet: the kernel's list of sockets, and what Docker publishes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, ProbeError, as_object, as_text, documents, unreadable
from sprocket_tui.target.batch import Command
from sprocket_tui.values import JSON

_LISTENERS = """\
if command -v ss >/dev/null 2>&1; then echo "ss $(id -u)"; ss -Hltnp; else
    echo "proc $(id -u)"; cat /proc/net/tcp || exit 1; cat /proc/net/tcp6 2>/dev/null; exit 0
fi
"""
# Ports in host mode stand in the containers' list only, ports in ingress mode in the services' list only.
_PUBLISHED = """\
command -v docker >/dev/null 2>&1 || exit 0
docker ps --no-trunc --format \
'{"name":{{json .Names}},"ports":{{json .Ports}},"service":{{json (.Label "com.docker.swarm.service.name")}}}' || exit 1
docker service ls --format '{"name":{{json .Name}},"ports":{{json .Ports}}}' 2>/dev/null
exit 0
"""
_LISTEN_STATE = "0A"


def holder_commands(timeout: float) -> tuple[Command, ...]:
    """The two questions; the second is only asked where Docker is."""
    return (Command("listeners", _LISTENERS, timeout), Command("published", _PUBLISHED, timeout))


def read_holder(port: int, answers: Answers) -> Observation:
    """Value {free, process, pid, container, name}; raises ProbeError when the sockets could not be listed."""
    text = answers.text("listeners")
    head, _, table = text.partition("\n")
    match = re.fullmatch(r"(ss|proc) (\d+)", head)
    if not match:
        raise unreadable(text)
    owners = _from_ss(port, table) if match[1] == "ss" else _from_proc(port, table)
    container = _publisher(port, answers)
    if owners is None and not container:
        free: dict[str, JSON] = {"free": True, "process": None, "pid": None, "container": "", "name": ""}
        return Observation(value=free, seen=f"port {port} is free", evidence=text)
    process, pid = owners or (None, None)
    name = container.partition(" ")[2]
    value: dict[str, JSON] = {"free": False, "process": process, "pid": pid, "container": container, "name": name}
    seen = f"port {port} is held by {_named(process, pid, container, match)}"
    return Observation(value=value, seen=seen, evidence=text)


def holder_of(value: Mapping[str, JSON]) -> str:
    """Who holds the port, of a value that `read_holder` gave, in words; "" where it is free."""
    if value["free"]:
        return ""
    process = as_text(value["process"])
    return as_text(value["container"]) or (f"{process} (pid {value['pid']})" if process else "a process")


def _named(process: str | None, pid: int | None, container: str, head: re.Match[str]) -> str:
    if container:
        return container
    if process:
        return f"{process} (pid {pid})"
    if head[1] == "ss" and head[2] != "0":
        return "a process; its owner is not visible without root"
    return "a process that could not be named"


def _from_ss(port: int, table: str) -> tuple[str | None, int | None] | None:
    held: tuple[str | None, int | None] | None = None
    for line in table.splitlines():
        fields = line.split(None, 5)
        if len(fields) < 5 or fields[0] != "LISTEN":
            raise ProbeError(f"the list of sockets could not be read: {excerpt(line, 120)}")
        if fields[3].rpartition(":")[2] != str(port):
            continue
        user = re.search(r'\("(.+?)",pid=(\d+)', fields[5] if len(fields) > 5 else "")
        if user:
            return user[1], int(user[2])
        held = (None, None)
    return held


def _from_proc(port: int, table: str) -> tuple[str | None, int | None] | None:
    if "local_address" not in table:
        raise ProbeError("the list of sockets could not be read")
    rows = [line.split() for line in table.splitlines()]
    wanted = f"{port:04X}"
    taken = any(len(row) > 3 and row[3] == _LISTEN_STATE and row[1].rpartition(":")[2] == wanted for row in rows)
    return (None, None) if taken else None


def _publisher(port: int, answers: Answers) -> str:
    """The container or Swarm service that publishes the port, told from the containers' and services' port texts."""
    answer = answers.by_key.get("published")
    if answer is None or answer.status != 0 or answer.truncated:
        return ""
    for document in documents(answers.text("published")):
        row = as_object(document)
        if _publishes(port, as_text(row.get("ports"))):
            service = as_text(row.get("service"))
            if service:
                return f"service {service}"
            return f"{'container' if 'service' in row else 'service'} {as_text(row.get('name'))}"
    return ""


def _publishes(port: int, ports: str) -> bool:
    """Whether a text like "0.0.0.0:80->80/tcp, :::8000-8002->8000-8002/tcp" publishes `port` over TCP."""
    for first, last in re.findall(r":(\d+)(?:-(\d+))?->[\d-]+/tcp", ports):
        if int(first) <= port <= int(last or first):
            return True
    return False
