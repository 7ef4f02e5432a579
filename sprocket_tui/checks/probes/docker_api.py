"""Which versions of its API the Docker daemon accepts, and which version of a client the checkout pins for it.

Value {version, newest, oldest, oldest_minor, image, tag, exact, there, major, minor, patch}: the daemon's version and
the range of its API ("1.41", "1.12"; `oldest_minor` is 12). `image` is the pinned one with its `tag`, empty where the
checkout names none; `exact` says that the tag is one release ("v2.6.1"), and not the newest of a line ("v2.11").
`there` is the release that lies on the node under that name, as the image says itself. The numbers are those of the
exact tag, else of what lies there, else null. Of several pins the first by its text is told.
"""

from __future__ import annotations

import re
from shlex import quote

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Probe, as_object, as_text, documents, unreadable
from sprocket_tui.guide.words.probes import DockerApiProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

_VERSION = "docker version --format '{{json .}}'"
_PINNED = """\
cd {directory} 2>/dev/null || exit 0
pins=$(grep -roEs --include='*.ts' --include='*.js' --exclude-dir=node_modules {pattern} . | sed {before} | sort -u)
if [ -z "$pins" ]; then exit 0; fi
set -- $pins
echo "pinned $1"
docker image inspect --format '{{{{index .Config.Labels "org.opencontainers.image.version"}}}}' "$1" 2>/dev/null
exit 0
"""
# The file's name stands before what was found.
_BEFORE = "s/^.*[\"'`]//"
_RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


def commands(words: DockerApiProbe) -> tuple[Command, ...]:
    """The daemon's versions, and what the programs of the checkout pin."""
    pattern = f"[\"'`]{re.escape(words.image)}:[A-Za-z0-9._-]+"
    pinned = _PINNED.format(directory=quote(words.directory), pattern=quote(pattern), before=quote(_BEFORE))
    return (Command("daemon", _VERSION, words.timeout), Command("pinned", pinned, words.timeout))


def read(words: DockerApiProbe, answers: Answers) -> Observation:
    """See the module; raises ProbeError when the daemon or the shell did not answer as they do."""
    text = answers.text("daemon")
    (document, *_) = documents(text) or [None]
    server = as_object(as_object(document).get("Server"))
    newest, oldest = (as_text(server.get(name)) for name in ("ApiVersion", "MinAPIVersion"))
    minor = re.fullmatch(r"1\.(\d{1,4})", oldest)
    if not minor:
        raise unreadable(text)
    first, _, there = answers.text("pinned").strip().partition("\n")
    image = first.removeprefix("pinned ") if first.startswith("pinned ") else ""
    if first and not image:
        raise unreadable(first)
    tag = image.rpartition(":")[2]
    there = there.strip() if _RELEASE.fullmatch(there.strip()) else ""
    release = _RELEASE.fullmatch(tag) or _RELEASE.fullmatch(there)
    numbers: list[JSON] = [int(each) for each in release.groups()] if release else [None] * 3
    value: dict[str, JSON] = {
        "version": as_text(server.get("Version")),
        "newest": newest,
        "oldest": oldest,
        "oldest_minor": int(minor[1]),
        "image": image,
        "tag": tag,
        "exact": bool(_RELEASE.fullmatch(tag)),
        "there": there,
        **dict(zip(("major", "minor", "patch"), numbers, strict=True)),
    }
    pinned = f"the checkout pins {image}" if image else f"no {words.image} is pinned in {words.directory}"
    lies = f", and {there} lies there" if there else ""
    return Observation(value=value, seen=one_line(f"API {oldest} to {newest}; {pinned}{lies}"))


PROBE = Probe[DockerApiProbe](kind="docker-api", commands=commands, read=read)
