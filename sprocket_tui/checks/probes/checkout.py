"""What git says of a checkout; of its files only names are read, never what is in them.

Value {state, branch, commit, remote, repository, credentials, changed, untracked, files, tracked_secrets,
untracked_secrets, submodules}: `branch` is empty when none is checked out, `remote` the address of origin without its
login (an SSH address keeps its user), `repository` that without a ".git" and "/" at its end, `credentials` whether a
login stood in it, `changed` and `untracked` are counts, `files` the first twenty of the changed ones, the two
`..._secrets` the names that look like secrets or like a state, and `submodules` those that are absent or at another
commit than the checkout wants. `state` is one of
  ok   absent   no-repository   foreign (git refuses a directory of another owner)   no-commit
In all but the first the rest is null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from shlex import join

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError, complaint, unreadable
from sprocket_tui.guide.words.probes import CheckoutProbe
from sprocket_tui.target.batch import Answer, Command
from sprocket_tui.terminal import clean, clean_bytes, one_line
from sprocket_tui.values import JSON

_SHOWN = 20
# Files whose name says that they hold a secret, or a state with what a program was given.
_SECRETS = (
    *(".env", ".env.*", "*.env", ".envrc", ".netrc", ".npmrc", ".pgpass", "*_token*.txt", "*.tfvars"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "id_rsa", "id_ecdsa", "id_ed25519"),
    *("vault-keys*.json", "unseal*.json", "service-account*.json", "*credentials*.json"),
    *(".git-credentials", ".dockercfg", "kubeconfig", "*.kubeconfig", "secrets.yaml", "secrets.yml", "secrets.json"),
    # The written guide exports states as backup-LAYER-DATE.json.
    *("stack.json", "*.stack.json", "*.tfstate", "*.tfstate.backup", "backup-*.json"),
)
# What a backend that is a directory keeps of its stacks.
_STATES = ("**/.pulumi/stacks/**", "**/.pulumi/history/**", "**/.pulumi/backups/**")
# Names that mean something in their own directory alone.
_PLACES = ("**/.aws/credentials", "**/.docker/config.json", "**/.kube/config")
_PLACED = re.compile(
    r"(?:^|/)(?:\.pulumi/(?:stacks|history|backups)/|\.aws/credentials$|\.docker/config\.json$|\.kube/config$)"
)
_HARMLESS = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")
# The names are searched by git, so that a long list does not travel; what they are is decided here once more.
_PATHS = tuple(f":(glob){pattern}" for pattern in (*(f"**/{name}" for name in _SECRETS), *_STATES, *_PLACES))
_NULL = (
    *("branch", "commit", "remote", "repository", "credentials", "changed", "untracked", "files"),
    *("tracked_secrets", "untracked_secrets", "submodules"),
)
# The words before the path in a row of `git status --porcelain=v2`, by its first letter.
_FIELDS = {"1": 8, "2": 9, "u": 10}
_NO_ORIGIN = 2
# Over HTTP a user alone may be a token; an SSH address names its user, which is no secret and must stay in it.
_LOGIN = re.compile(r"(?i)(https?://)[^/]*@")
_PASSWORD = re.compile(r"(://[^/@:]*):[^/]*@")
_ENDING = re.compile(r"(?:\.git)?/*$")
_ASTRAY = re.compile(r"[-+U][0-9a-f]{7,} (.+?)(?: \([^()]*\))?$")

# Neither a lock nor a program that the checkout's own configuration names may come of looking.
_GIT = "LC_ALL=C GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 git -c core.fsmonitor=false -c core.quotePath=false"
_LOOK = """\
[ -e {directory} ] || {{ echo absent; exit 0; }}
cd -- {directory} || exit 1
command -v git >/dev/null 2>&1 || {{ echo "git was not found" >&2; exit 127; }}
{git} {words}
"""


def commands(words: CheckoutProbe) -> tuple[Command, ...]:
    """One question to git each, side by side."""
    asked = {
        "status": "status --porcelain=v2 --branch -z --untracked-files=normal",
        "remote": "remote get-url origin",
        "submodules": "submodule status",
        "tracked": join(["ls-files", "-z", "--", *_PATHS]),
        "untracked": join(["ls-files", "-z", "--others", "--exclude=node_modules/", "--", *_PATHS]),
    }
    directory = join([words.directory])
    return tuple(
        Command(key, _LOOK.format(directory=directory, git=_GIT, words=question), words.timeout)
        for key, question in asked.items()
    )


def read(words: CheckoutProbe, answers: Answers) -> Observation:
    """What the answers say together; raises ProbeError when git is missing, or says something else."""
    status = answers["status"]
    if state := _unlike(status):
        what = {
            "absent": f"there is no directory {words.directory}, or it may not be entered",
            "no-repository": f"{words.directory} is no git checkout",
            "foreign": f"{words.directory} belongs to another login, so that git refuses it",
            "no-commit": f"{words.directory} has no commit yet",
        }
        return Observation({"state": state, **dict.fromkeys(_NULL)}, what[state])
    head, changed, untracked = _status(_text(status))
    # No origin is an answer (status 2): a checkout made by hand has none.
    origin = "" if answers["remote"].status == _NO_ORIGIN else one_line(_text(answers["remote"]))
    remote = _PASSWORD.sub(r"\1@", _LOGIN.sub(r"\1", origin))
    submodules = [match[1] for line in _text(answers["submodules"]).splitlines() if (match := _ASTRAY.match(line))]
    value: dict[str, JSON] = {
        "state": "ok",
        "branch": "" if head["branch.head"] == "(detached)" else head["branch.head"],
        "commit": head["branch.oid"],
        "remote": remote,
        "repository": _ENDING.sub("", remote, count=1),
        "credentials": remote != origin,
        "changed": len(changed),
        "untracked": untracked,
        "files": [*changed[:_SHOWN]],
        "tracked_secrets": [*_named(_text(answers["tracked"]))],
        "untracked_secrets": [*_named(_text(answers["untracked"]))],
        "submodules": [*submodules],
    }
    at = f"{value['branch'] or 'no branch'} at {head['branch.oid'][:9]}"
    return Observation(value, f"{at} of {remote or 'no origin'}: {len(changed)} changed, {untracked} new")


def _unlike(answer: Answer) -> str:
    """The state of what is no checkout to git, by its own words in English; nothing for one that is."""
    said = clean_bytes(answer.stderr)
    if answer.stdout == b"absent\n":
        return "absent"
    if "detected dubious ownership" in said:
        return "foreign"
    if "not a git repository" in said:
        return "no-repository"
    return "no-commit" if b"# branch.oid (initial)" in answer.stdout else ""


def _text(answer: Answer) -> str:
    if answer.status != 0:
        raise ProbeError(complaint(answer))
    return answer.stdout.decode(errors="replace")


def _parts(text: str) -> list[str]:
    """What stands between the zero bytes; a text that does not end with one is not of this form."""
    if text and not text.endswith("\0"):
        raise unreadable(clean(text))
    return text.split("\0")[:-1]


def _status(text: str) -> tuple[dict[str, str], list[str], int]:
    """The header's fields, the paths that changed, and how many are new."""
    head: dict[str, str] = {}
    changed: list[str] = []
    untracked = 0
    parts = iter(_parts(text))
    for part in parts:
        kind, _, rest = part.partition(" ")
        if kind == "#":
            name, _, said = rest.partition(" ")
            head[name] = one_line(said)
        elif kind == "?":
            untracked += 1
        elif kind in _FIELDS:
            changed.append(one_line(part.split(" ", _FIELDS[kind])[-1]))
            if kind == "2":
                next(parts, "")  # where it was before
        else:
            raise unreadable(clean(text))
    if not {"branch.oid", "branch.head"} <= head.keys():
        raise unreadable(clean(text))
    return head, changed, untracked


def _named(text: str) -> Sequence[str]:
    """The paths of these whose name looks like a secret's."""
    found: list[str] = []
    for path in _parts(text):
        name = path.rpartition("/")[2]
        named = _PLACED.search(path) or any(fnmatchcase(name, each) for each in _SECRETS)
        if named and not any(fnmatchcase(name, each) for each in _HARMLESS):
            found.append(one_line(path))
    return found


PROBE = Probe[CheckoutProbe](kind="checkout", commands=commands, read=read)
