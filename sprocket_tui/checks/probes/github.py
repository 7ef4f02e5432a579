"""Whether git can read a repository from here or from the droplet: anonymously over HTTPS, or with a key over SSH.

Value {state, head, keys}: `head` is the commit of the default branch, empty where it was not told; `keys` how many
private keys ssh would offer (files and agent), null for HTTPS. `state` is one of
  ok   empty (no commit yet)            not-found    there is no such repository for whom we are
  no-key   refused  (every key, or none was there)   login-wanted (HTTPS: private, or not there)
  host-unknown   host-changed  (ssh does not know the host's key, or knows another)
  no-name (its name is not known there)   certificate (HTTPS: it was refused)
A host that refuses the connection, cuts it off or does not answer tells nothing, and raises ProbeError.
Nothing is written: ssh is told to accept no host key by itself, and git to ask nothing.
"""

from __future__ import annotations

import re
from shlex import quote

from sprocket_tui.checks.excerpt import excerpt
from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.probes.base import Answers, Probe, ProbeError, complaint, unreadable
from sprocket_tui.guide.words.probes import GithubProbe
from sprocket_tui.target.batch import Command
from sprocket_tui.terminal import clean_bytes, one_line
from sprocket_tui.values import JSON

_ASK = """\
command -v git >/dev/null 2>&1 || {{ echo "git was not found" >&2; exit 127; }}
cd / || exit 1
export LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true SSH_ASKPASS=true
{keys}
GIT_SSH_COMMAND="${{GIT_SSH_COMMAND:-$(git config core.sshCommand || echo ssh)}} -o BatchMode=yes \
-o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o ConnectTimeout={wait}"
export GIT_SSH_COMMAND
git -c credential.helper= -c http.followRedirects=initial ls-remote --exit-code -- {url} HEAD
"""
# What ssh would offer: the files that it names and that are there, and what an agent holds.
_KEYS = """\
for file in $(ssh -G -- {host} 2>/dev/null | sed -n 's/^identityfile //p'); do
    case "$file" in "~/"*) file=$HOME/${{file#"~/"}} ;; esac
    if [ -r "$file" ]; then echo key; fi
done
ssh-add -l 2>/dev/null | grep '^[0-9]' | sed 's/.*/key/'
"""
_OUTWARDS = "Allow outbound traffic in the cloud firewall, to port 443 for HTTPS and 22 for SSH, then check this again."
_NO_HEAD = 2
# In this order: what ssh says of the host comes before what git makes of it.
_MEANS = (
    ("host-changed", r"REMOTE HOST IDENTIFICATION HAS CHANGED|host key .* has changed"),
    ("host-unknown", r"Host key verification failed|No \S+ host key is known"),
    ("refused", r"Permission denied \([a-z,-]+\)|Too many authentication failures"),
    ("not-found", r"[Rr]epository (?:'[^']*' )?not found|does not appear to be a git repository|does not exist"),
    ("login-wanted", r"could not read Username|Authentication failed for"),
    ("certificate", r"SSL certificate problem|server certificate verification failed|certificate verify failed"),
    ("no-name", r"[Cc]ould not resolve host"),
)
_SILENT = re.compile(
    r"[Tt]imed out|Connection refused|Network is unreachable|No route to host"
    r"|Connection (?:closed|reset) |Failed to connect|Couldn't connect"
)
_SCP = re.compile(r"(?:[^@/:]+@)?\[?(?P<host>[^/:\]]+)\]?:(?!//)")
_LOGIN = re.compile(r"https?://[^/]*@|[a-z][a-z+]*://[^/@]*:[^/@]*@")
_URL = re.compile(r"(?P<scheme>[a-z][a-z+]*)://(?:[^/@]*@)?\[?(?P<host>[^/:\]]+)")


def commands(words: GithubProbe) -> tuple[Command, ...]:
    """One question to git; raises ProbeError for an address that is neither of HTTP nor of SSH."""
    host = _ssh_host(words.url)
    wait = max(1, int(words.timeout) - 2)
    keys = _KEYS.format(host=quote(host)) if host else ""
    return (Command("ask", _ASK.format(keys=keys, wait=wait, url=quote(words.url)), words.timeout),)


def read(words: GithubProbe, answers: Answers) -> Observation:
    """What git's answer, or ssh's refusal, means; raises ProbeError for one that is not known."""
    answer = answers["ask"]
    lines = clean_bytes(answer.stdout).splitlines()
    keys = lines.count("key") if _ssh_host(words.url) else None
    rest = [line for line in lines if line != "key"]
    if answer.status == 0:
        found = re.fullmatch(r"([0-9a-f]{40,64})\s+HEAD", "\n".join(rest))
        if not found:
            raise unreadable("\n".join(rest))
        return Observation(_value("ok", found[1], keys), f"it can be read; HEAD is {found[1][:9]}")
    said = clean_bytes(answer.stderr)
    if answer.status == _NO_HEAD and not said.strip() and not rest:
        return Observation(_value("empty", "", keys), "it can be read, and holds nothing yet")
    state = next((state for state, pattern in _MEANS if re.search(pattern, said)), "")
    if not state:
        silent = next((line for line in said.splitlines() if _SILENT.search(line)), "")
        raise ProbeError(excerpt(silent, 200) or complaint(answer), _OUTWARDS if silent else "")
    if state == "refused" and not keys:
        state = "no-key"
    pattern = next(pattern for name, pattern in _MEANS if name == ("refused" if state == "no-key" else state))
    line = next((line for line in said.splitlines() if re.search(pattern, line)), said)
    return Observation(_value(state, "", keys), excerpt(line, 200).strip(" @"), evidence=said)


def _value(state: str, head: str, keys: int | None) -> dict[str, JSON]:
    return {"state": state, "head": head, "keys": keys}


def _ssh_host(url: str) -> str:
    """The host of an address for SSH; nothing for one of HTTP."""
    match = _URL.match(url)
    if _LOGIN.match(url):
        # git takes the address as a word of its command, which every process there can read.
        raise ProbeError("a login stands in the address, where others could read it; give the address without one")
    if match and match["scheme"] in {"http", "https"}:
        return ""
    match = match if match and match["scheme"] in {"ssh", "git+ssh", "ssh+git"} else None if match else _SCP.match(url)
    if match is None or match["host"].startswith("-") or url.startswith("-"):
        raise ProbeError(f"{one_line(url)} is no address of a repository: https://, ssh:// or git@HOST:PATH")
    return match["host"]


PROBE = Probe[GithubProbe](kind="github", commands=commands, read=read)
