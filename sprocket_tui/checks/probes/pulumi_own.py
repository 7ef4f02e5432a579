"""A backend of one's own, in files of the droplet or in a bucket: read by the droplet's own pulumi.

No value leaves the droplet: of a state only the pending operations' kinds and names are sent. A bucket's keys lie in a
file on tmpfs while pulumi reads. A directory that holds no state yet is left alone, since pulumi would write into it;
into a bucket that was never used it writes `.pulumi/meta.yaml`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from shlex import quote
from typing import cast

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Here, ProbeError, as_object, as_text, first_line
from sprocket_tui.checks.probes.exchange import printable
from sprocket_tui.checks.probes.pulumi_bucket import Bucket
from sprocket_tui.checks.probes.pulumi_seen import Backend, Lock, Pending, Stack, closed, observed, read_lock
from sprocket_tui.errors import LinkLost, SprocketError
from sprocket_tui.guide.words.probes import PulumiBackendProbe
from sprocket_tui.secret import Secret
from sprocket_tui.target import job, shell
from sprocket_tui.target.link import Completed
from sprocket_tui.terminal import clean_bytes, one_line
from sprocket_tui.values import JSON

# A backend without an organisation calls itself so.
_ORGANISATION = "organization"
_CLOSED, _LATE, _NOT_FOUND = 90, 91, 127
# As the client of S3 in pulumi says it: not sent, not read, a server's own error; a meta.yaml that pulumi never wrote.
_NO_ANSWER = re.compile(r"RequestError: |SerializationError: |status code: 5\d\d|corrupt store: ")
_SILENT_TO_DO = (
    "Look at the endpoint in the backend's address, and whether the droplet reaches it; make no new bucket yet."
)
# Left for everything around the calls, in seconds.
_AROUND = 2.0

# `stack export` writes four spaces a level: an operation's own type stands at the fourth, its resource's name at the
# fifth, and nothing of a value can, since a text never spans lines.
_ASK = """\
command -v pulumi >/dev/null 2>&1 || {{ echo "pulumi was not found" >&2; exit {not_found}; }}
unset PULUMI_ACCESS_TOKEN PULUMI_CONFIG_PASSPHRASE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE
export LC_ALL=C PULUMI_SKIP_UPDATE_CHECK=true PULUMI_BACKEND_URL={backend}
ask() {{ timeout -k 1 {limit:g} pulumi "$@" --non-interactive </dev/null; }}
ended() {{ case $1 in 124 | 137) exit {late} ;; esac; exit {closed}; }}
{surroundings}
echo "{mark} user"
ask whoami --json || ended $?
echo "{mark} stacks"
list=$(ask stack ls --all --json) || ended $?
printf '%s\\n' "$list"
for stack in {stacks}; do
    case $list in *"\\"$stack\\""*) ;; *) continue ;; esac
    echo "{mark} stack $stack"
    if state=$(ask stack export --stack "$stack"); then
        printf '%s\\n' "$state" | sed -n -e '/^    "deployment": [{{n]/s/.*/read/p' \\
            -e '/^        "pending_operations": \\[/,/^        \\]/{{' \\
            -e '/^                "type": /p' -e '/^                    "urn": /p' -e '}}'
    fi
    {locks}
done
echo "{mark} end"
"""
_LOCKS = """\
for file in {root}/.pulumi/locks/"$stack"/*.json; do
        [ -f "$file" ] || continue
        pid=$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p' "$file") name=-
        [ -n "$pid" ] && [ -d "/proc/$pid" ] && name=$(cat "/proc/$pid/comm")
        echo "lock $(uname -n) $name $(tr -d '\\n' <"$file")"
    done 2>/dev/null"""
_IN_FILES = """\
[ -d {root} ] || {{ echo "error: there is no directory "{root} >&2; exit {closed}; }}
if [ ! -d {root}/.pulumi ]; then
    [ -w {root} ] || {{ echo "error: $(id -un) may not write to "{root} >&2; exit {closed}; }}
    echo "{mark} empty $(id -un)"
    exit 0
fi"""


def ask(words: PulumiBackendProbe, here: Here, deadline: float) -> Observation:
    """What pulumi says on the droplet; raises ProbeError where it cannot be asked, or says what is not its form."""
    mark, files = shell.nonce(), _keys(words, here)
    script = _script(words, mark, files, max(1.0, deadline - _AROUND))
    try:
        with here.droplet() as droplet:
            until = time.monotonic() + deadline
            done = job.read(
                droplet.link,
                script,
                directory="/",
                path=droplet.path,
                files=files,
                privilege=droplet.privilege,
                deadline=deadline,
            )
    except LinkLost as error:
        raise ProbeError(f"connection lost: {error.message}") from error
    except SprocketError as error:
        raise ProbeError(error.message) from error
    if done.status == _LATE:
        raise ProbeError("pulumi did not answer in time")
    if done.status == _CLOSED and _error(done):
        if silent := _silent(words, done):
            raise ProbeError(f"the bucket gave no answer that can be judged: {silent}", _SILENT_TO_DO)
        return closed("own", "closed", f"the backend does not open: {_error(done)}")
    parts = _parts(done, mark)
    if empty := parts.get("empty"):
        backend = Backend("own", empty[0], (_ORGANISATION,), (), words.stacks)
        return observed(backend, words.organisation)
    if old := _old(parts):
        return closed("own", "old", f"its stacks are of the layout without projects: {', '.join(old)}")
    return observed(_backend(words, here, parts, until), words.organisation)


def _locks(words: PulumiBackendProbe, here: Here, whole: str, lines: list[str], until: float) -> tuple[Lock, ...] | str:
    """Who holds a stack: from the lock files as printed, or from the bucket; or why that does not show it to us."""
    if words.backend.startswith("file://"):
        return tuple(_lock(line) for line in lines if line.startswith("lock "))
    try:
        return Bucket(words.backend, *_pair(words, here), until).locks(whole)
    except ProbeError as error:
        return str(error)


def _script(words: PulumiBackendProbe, mark: str, files: Mapping[str, Secret], limit: float) -> str:
    surroundings, locks = "", ":"
    if words.backend.startswith("file://"):
        root = quote(words.backend.removeprefix("file://").partition("?")[0].rstrip("/") or "/")
        surroundings, locks = _IN_FILES.format(root=root, closed=_CLOSED, mark=mark), _LOCKS.format(root=root)
    if files:
        surroundings += '\nexport AWS_SHARED_CREDENTIALS_FILE="$SPROCKET_TMP/aws"'
    return _ASK.format(
        backend=quote(words.backend),
        surroundings=surroundings,
        locks=locks,
        mark=mark,
        stacks=" ".join(quote(f"{_ORGANISATION}/{name}") for name in words.stacks),
        closed=_CLOSED,
        late=_LATE,
        limit=limit,
        not_found=_NOT_FOUND,
    )


def _pair(words: PulumiBackendProbe, here: Here) -> tuple[str, str]:
    return printable(here.secret(words.access_key)), printable(here.secret(words.secret_key))


def _keys(words: PulumiBackendProbe, here: Here) -> dict[str, Secret]:
    if not words.backend.startswith("s3://"):
        return {}
    key, hidden = _pair(words, here)
    text = f"[default]\naws_access_key_id={key}\naws_secret_access_key={hidden}\n"
    return {"aws": Secret(text, "keys of the state's bucket")}


def _parts(done: Completed, mark: str) -> dict[str, list[str]]:
    """What stands between the marks, in lines, by what follows the mark; raises ProbeError when it did not end."""
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in clean_bytes(done.stdout).splitlines():
        if line.startswith(f"{mark} "):
            name, _, rest = line.removeprefix(f"{mark} ").partition(" ")
            lines = parts.setdefault(line.removeprefix(f"{mark} ") if name == "stack" else name, [])
            lines += [rest] if rest and name != "stack" else []
        else:
            lines.append(line)
    if done.status != 0 or not {"end", "empty"} & set(parts):
        raise ProbeError(_error(done) or _complaint(done))
    return parts


def _backend(words: PulumiBackendProbe, here: Here, parts: Mapping[str, list[str]], until: float) -> Backend:
    user = one_line(as_text(as_object(_document(parts, "user")).get("user")))
    listed = _document(parts, "stacks")
    if not user or not isinstance(listed, list):
        raise ProbeError("the answer of pulumi could not be read")
    there = {as_text(as_object(row).get("name")) for row in listed}
    whole = {name: f"{_ORGANISATION}/{name}" for name in words.stacks}
    found = {name: parts.get(f"stack {whole[name]}", []) for name in words.stacks if whole[name] in there}
    stacks = tuple(
        _stack(name, whole[name], lines, _locks(words, here, whole[name], lines, until))
        for name, lines in found.items()
    )
    missing = tuple(name for name in words.stacks if name not in found)
    return Backend("own", user, (_ORGANISATION,), stacks, missing)


def _old(parts: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The stacks of a state that Pulumi before 3.61 made, and knows by their own names alone; not told as none."""
    listed = _document(parts, "stacks")
    names = [as_text(as_object(row).get("name")) for row in listed] if isinstance(listed, list) else []
    return tuple(one_line(name) for name in names if name and "/" not in name)


def _stack(name: str, whole: str, lines: list[str], locks: tuple[Lock, ...] | str) -> Stack:
    if "read" not in lines:
        raise ProbeError(f"the state of {whole} could not be read")
    pairs = [(match[1], match[2]) for line in lines if (match := re.fullmatch(r'\s+"(type|urn)": "(.*)",?', line))]
    kinds = [text for key, text in pairs if key == "type"]
    urns = [text for key, text in pairs if key == "urn"]
    if len(kinds) != len(urns):
        raise ProbeError(f"the pending operations of {whole} could not be read")
    pending = tuple(Pending(one_line(kind), one_line(urn)) for kind, urn in zip(kinds, urns, strict=True))
    return Stack(name.partition("/")[0], whole, locks, pending)


def _lock(line: str) -> Lock:
    _, host, process, text = [*line.split(" ", 3), ""][:4]
    return read_lock(text, host, process)


def _document(parts: Mapping[str, list[str]], name: str) -> JSON:
    try:
        return cast("JSON", json.loads("\n".join(parts.get(name, []))))
    except (ValueError, RecursionError) as error:
        raise ProbeError("the answer of pulumi is not JSON") from error


def _error(done: Completed) -> str:
    """Pulumi's own error, on one line; nothing where it said none."""
    lines = clean_bytes(done.stderr).splitlines()
    said = next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), "")
    return excerpt(said, 300)


def _silent(words: PulumiBackendProbe, done: Completed) -> str:
    """What pulumi says of a bucket that was not reached, or whose answer is none of S3's; nothing where it answered."""
    said = clean_bytes(done.stderr)
    if not words.backend.startswith("s3://") or not _NO_ANSWER.search(said):
        return ""
    causes = [line.partition("caused by: ")[2] for line in said.splitlines() if line.startswith("caused by: ")]
    return excerpt(causes[-1], 300) if causes else _error(done)


def _complaint(done: Completed) -> str:
    said = first_line(clean_bytes(done.stderr)) or first_line(clean_bytes(done.stdout))
    return excerpt(said, 300) or "pulumi gave no answer"
