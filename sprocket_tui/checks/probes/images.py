"""Whether images lie on the node, or could be pulled there with the login that its docker has.

Asked for are those that the services of the Swarm use and, in `directories`, those that programs name (image:
"NAME:TAG"). Value {images: {image: word}, missing, denied, untold: {image: reason}, unread, login}. The word is
present, pullable, missing, denied, or null where nothing can be said; `unread` is how many images the programs put
together by themselves, which nobody can ask for, and `login` says whether anybody is logged in there.

What lies on the node is not asked for anywhere else. The rest is asked of its registry by `docker manifest inspect`,
which needs no pull, though Docker Hub counts it as one. Without a login a private image looks like one that is not
there, and docker says "no such manifest" of a registry without TLS too: neither tells anything.
"""

from __future__ import annotations

import re
from shlex import quote

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError
from sprocket_tui.guide.words.probes import ImagesProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import one_line
from sprocket_tui.values import JSON

# A registry that does not answer may cost a third of the time, and all are asked at once.
_SCRIPT = """\
command -v docker >/dev/null 2>&1 || {{ echo "docker was not found" >&2; exit 1; }}
docker version --format '{{{{.Server.Version}}}}' >/dev/null || exit 1
search() {{
    for directory in {directories}; do
        grep -rhoEs --include='*.ts' --include='*.js' --exclude-dir=node_modules "$1" "$directory"
    done
}}
ask() {{
    if docker image inspect "$1" >/dev/null 2>&1; then echo "present $1"; return; fi
    if said=$(timeout {wait} docker manifest inspect "$1" 2>&1 >/dev/null); then echo "pullable $1"; return; fi
    printf 'refused %s %s\\n' "$1" "$(printf '%s' "$said" | tr '\\n' ' ' | cut -c 1-400)"
}}
if grep -qs '"auth"\\|"credsStore"\\|"identitytoken"' "${{DOCKER_CONFIG:-$HOME/.docker}}/config.json"; then
    echo login yes
else
    echo login no
fi
programs=$(search {pattern} | sed -E "s/^image: *.//; s/.$//")
echo "named $(printf '%s\\n' "$programs" | grep -c .)"
echo "unread $(search {made} | grep -cvE {kinds})"
# What was pulled by its tag is asked for by that; the digest alone is left where nothing else is told.
for image in $({{ docker service ls --format '{{{{.Image}}}}' 2>/dev/null; printf '%s\\n' "$programs"; }} |
    sed -E 's/(:[^/@]*)@sha256:.*/\\1/' | sort -u); do ask "$image" & done
wait
echo complete
"""
_NAMED = "image: *[\"'`][a-z0-9][a-z0-9./:@_-]*[A-Za-z0-9._-]*[\"'`]"
# An image that only the running program knows; a type in a declaration is none.
_MADE = "image: *([A-Za-z_(][^,;}]*|`[^`]*[$])"
_KINDS = r"image: *(string|(pulumi[.])?(Input|Output)<|docker[.][A-Z])"
_LINE = re.compile(r"(present|pullable|refused) (\S+)(?: (.*))?")
_DENIED = re.compile(r"denied|unauthorized|authentication required|no basic auth credentials")
_MISSING = re.compile(r"no such manifest|manifest unknown|not found")


def commands(words: ImagesProbe) -> tuple[Command, ...]:
    """One question a image, all at once."""
    script = _SCRIPT.format(
        directories=" ".join(quote(each) for each in words.directories) or "''",
        pattern=quote(_NAMED),
        made=quote(_MADE),
        kinds=quote(_KINDS),
        wait=max(1, int(words.timeout * 2 / 3)),
    )
    return (Command("images", script, words.timeout),)


def read(words: ImagesProbe, answers: Answers) -> Observation:
    """See the module; raises ProbeError when nothing is wrong for sure and of some image nothing can be said."""
    lines = answers.text("images").splitlines()
    if "complete" not in lines or not ({"login yes", "login no"} & set(lines)):
        raise ProbeError("the list of images was cut short" if lines else "the answer was empty")
    named, unread = _count(lines, "named"), _count(lines, "unread")
    if words.directories and not named:
        more = f"; {unread} are put together by the programs themselves" if unread else ""
        raise ProbeError(
            f"no image is named in the programs, as far as they can be read{more}",
            to_do="Look into the programs for the images that they use, and try `docker pull` of each on the droplet.",
        )
    login = "login yes" in lines
    images: dict[str, str | None] = {}
    untold: dict[str, str] = {}
    for word, image, said in (match.groups() for line in lines if (match := _LINE.fullmatch(line))):
        told, reason = (word, "") if word != "refused" else _refused(image, said or "", login)
        images[image] = told
        if told is None:
            untold[image] = reason
    by_word = {
        word: sorted(each for each, told in images.items() if told == word) for word in {*images.values()} if word
    }
    if untold and not (by_word.keys() & {"missing", "denied"}):
        image, reason = min(untold.items())
        raise ProbeError(
            f"nothing can be said of {', '.join(sorted(untold))}: {reason}",
            to_do=f"Try `docker pull {image}` on the droplet, after `docker login` for a private one.",
        )
    value: dict[str, JSON] = {
        "images": {each: images[each] for each in sorted(images)},
        "missing": [*by_word.get("missing", [])],
        "denied": [*by_word.get("denied", [])],
        "untold": dict(sorted(untold.items())),
        "unread": unread,
        "login": login,
    }
    told_of = [
        f"{word}: {', '.join(by_word[word])}"
        for word in ("missing", "denied", "pullable", "present")
        if word in by_word
    ]
    told_of += [f"{unread} more are put together by the programs, and were not looked for"] if unread else []
    return Observation(value=value, seen=one_line("; ".join(told_of) or "no image is named"))


def _count(lines: list[str], what: str) -> int:
    """The number behind that word; raises ProbeError where there is none."""
    found = next((line.removeprefix(f"{what} ") for line in lines if line.startswith(f"{what} ")), "")
    if not found.isdecimal():
        raise ProbeError("the list of images was cut short")
    return int(found)


def _refused(image: str, said: str, login: bool) -> tuple[str | None, str]:
    """The word for what could not be had, or None and why nothing can be said."""
    reason = excerpt(said, 400) or "its registry did not answer in time"
    if _DENIED.search(said):
        return ("denied", "") if login else (None, f"nobody is logged in there, and it is not shown: {reason}")
    if _MISSING.search(said):
        host = image.partition("/")[0] if "/" in image else ""
        if re.search(r"[.:]|^localhost$", host):
            return None, f"{host} has no such manifest, or does not speak TLS"
        return "missing", ""
    return None, reason


PROBE = Probe[ImagesProbe](kind="images", commands=commands, read=read)
