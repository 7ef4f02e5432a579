"""Where the state is kept: login, logout, whoami; the project in a directory; the stack a command is about."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from sprocket_tui.practice.standins.call import Call
from sprocket_tui.practice.standins.pulumi.line import Line, Refused
from sprocket_tui.practice.world import Stack, State

_CLOUD = "https://api.pulumi.com"
_NO_TOKEN = "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"  # noqa: S105 a message
_NO_PROJECT = (
    "no Pulumi.yaml project file found (searching upwards from {}). If you have not created a project yet, use "
    "`pulumi new` to do so: no project file found"
)
_NO_STACK = "no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one"
# Commands that nobody would begin a new stack with.
_OF_OLD = ("stack output", "stack export", "stack rm", "cancel")
_ODD = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class Project:
    """A program: its name, and its directory on the droplet."""

    name: str
    directory: str


def login(call: Call, line: Line) -> int:
    """`pulumi login [URL]`."""
    with call.world.change() as state:
        url = line.words[0] if line.words else _chosen(call, state) or _CLOUD
        try:
            _open(call, url)
        except Refused as error:
            raise Refused(f"problem logging in: {error}") from error
        state["backend"] = url
        call.say(f"Logged in to {state['node']['hostname']} as {user(call)} ({url})")
    return 0


def logout(call: Call, line: Line) -> int:
    """`pulumi logout [URL]`."""
    with call.world.change() as state:
        url = line.words[0] if line.words else state["backend"]
        call.say(f"Logged out of {url or _CLOUD}")
        if url == state["backend"]:
            state["backend"] = ""
    return 0


def whoami(call: Call, line: Line) -> int:
    """`pulumi whoami [-v] [--json]`."""
    url, name = opened(call, call.world.read()), user(call)
    if line.has("json"):
        call.say(json.dumps({"user": name, "url": url}, indent=2))
    elif line.has("verbose"):
        call.say(f"User: {name}\nOrganizations: \nBackend URL: {url}\nToken type: personal")
    else:
        call.say(name)
    return 0


def user(call: Call) -> str:
    """Who is logged in on the droplet."""
    return call.environ.get("USER", "root")


def opened(call: Call, state: State) -> str:
    """The URL of the backend in use, which opens. Raises Refused."""
    url = _chosen(call, state)
    _open(call, url or _CLOUD)
    return url


def place(call: Call, url: str) -> Path:
    """Where a backend in files keeps them."""
    return call.path(url.removeprefix("file://").partition("?")[0])


def project(call: Call) -> Project:
    """The project whose directory the call is in, or lies below. Raises Refused."""
    directory = Path(call.directory)
    for each in (directory, *directory.parents):
        file = call.path(str(each)) / "Pulumi.yaml"
        if file.is_file():
            rows = (row.partition(":") for row in file.read_text(encoding="utf-8").splitlines())
            name = next((value.strip().strip("\"'") for key, _, value in rows if key == "name"), "")
            return Project(name, str(each))
    raise Refused(_NO_PROJECT.format(call.directory))


def stack(call: Call, line: Line, state: State, project_: Project) -> tuple[str, Stack]:
    """The stack that is named, or else selected. Raises Refused when there is none."""
    chosen = selected(call, project_)
    name = short(line.value("stack")) if line.value("stack") else chosen
    if name in state["stacks"]:
        return name, state["stacks"][name]
    if line.value("stack"):
        raise Refused(f"no stack named '{name}' found")
    raise Refused(_NO_STACK.replace(" or `pulumi stack init`", "") if line.command in _OF_OLD else _NO_STACK)


def short(name: str) -> str:
    """The name of a stack without its organization and project. Raises Refused for a name that none can have."""
    if "/" in name and not name.startswith("organization/"):
        raise Refused("organization name must be 'organization'")
    last = name.rpartition("/")[2]
    if found := _ODD.search(last):
        raise Refused(
            "a stack name may only contain alphanumeric, hyphens, underscores, or periods: "
            f"invalid character {found[0]!r} at position {found.start()}"
        )
    return last


def selected(call: Call, project_: Project) -> str:
    """The stack that was selected in the project's directory; "" when none was."""
    try:
        held = json.loads(_workspace(call, project_).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(held["stack"]).rpartition("/")[2]


def select(call: Call, project_: Project, name: str) -> None:
    """Remembers the selection where Pulumi does."""
    file = _workspace(call, project_)
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = f"organization/{project_.name}/{name}" if name else ""
    file.write_text(json.dumps({"stack": whole}, indent=4), encoding="utf-8")


def moment(state: State, seconds: float | None = None, *, fraction: int = 9) -> str:
    """A time in RFC 3339, UTC: now on the droplet's clock, or the given seconds since the epoch."""
    whole, rest = divmod(time.time() + state["node"]["clock"] if seconds is None else seconds, 1)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    return f"{text}.{f'{rest:.9f}'[2:][:fraction]}Z" if fraction else f"{text}Z"


def _chosen(call: Call, state: State) -> str:
    return call.environ.get("PULUMI_BACKEND_URL", "") or state["backend"]


def _open(call: Call, url: str) -> None:
    if url.startswith("file://"):
        directory = place(call, url)
        if not directory.is_dir():
            seen = "/" + str(directory.relative_to(call.root))
            raise Refused(f"unable to open bucket {url}?no_tmp_dir=true: stat {seen}: no such file or directory")
        if not (directory / ".pulumi").is_dir():
            (directory / ".pulumi").mkdir()
            (directory / ".pulumi" / "meta.yaml").write_text("version: 1\n", encoding="utf-8")
        return
    scheme, _, rest = url.partition("://")
    if scheme in ("https", "http") and not call.environ.get("PULUMI_ACCESS_TOKEN"):
        raise Refused(_NO_TOKEN)
    # There is no world outside the droplet.
    host = rest.partition("/")[0].partition("?")[0]
    raise Refused(f"dial tcp: lookup {host} on 127.0.0.53:53: no such host")


def _workspace(call: Call, project_: Project) -> Path:
    home = call.environ.get("PULUMI_HOME") or "~/.pulumi"
    mark = hashlib.sha1(f"{project_.directory}/Pulumi.yaml".encode(), usedforsecurity=False).hexdigest()
    return call.path(f"{home}/workspaces/{project_.name}-{mark}-workspace.json")
