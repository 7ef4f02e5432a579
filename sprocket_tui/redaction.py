"""Masks known secret values, and what looks like one, in text before it is stored or shown.

Every form a value commonly takes is masked too: each line of it, JSON-escaped, URL-encoded, shell-quoted, in hex, and
base64 at the three alignments. Values shorter than MIN_LENGTH are left to the patterns: masking them would hide the
reason.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from sprocket_tui.secret import Secret
from sprocket_tui.terminal import one_line

MIN_LENGTH = 4

# Shapes of tokens that tools print by themselves (gitleaks' rules for the vendors this infrastructure uses).
_PATTERNS = (
    re.compile(r"\bhv[sb]\.[\w-]{20,}"),
    re.compile(r"\bs\.[A-Za-z0-9]{24}\b"),
    re.compile(r"\bpul-[a-f0-9]{40}\b"),
    re.compile(r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    re.compile(r"\bdp\.(?:pt|st|ct|sa|said)\.[\w.-]{20,}"),
    re.compile(r"\bdckr_(?:pat|oat)_[\w-]{20,}"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\bDO[0-9A-Z]{18}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    re.compile(r"\bgithub_pat_\w{22,}"),
    re.compile(r"\bGOCSPX-[\w-]{20,}"),
    # Discord: a bot's token.
    re.compile(r"\b[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,}"),
    re.compile(r"\bSWMTKN-1-[a-z0-9-]{50,}"),
    re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+"),
    # Vault's unseal keys are 33 bytes in base64 or hex; nobody gave them, so that only their shape is known.
    re.compile(r"(?<![\w+/=.-])(?=[a-z\d+/]*[A-Z])(?=[A-Z\d+/]*[a-z])[A-Za-z\d+/]{44}(?![\w+/=])", re.ASCII),
    re.compile(r"\b[0-9a-f]{66}\b"),
    # One that was cut has no end; the line before it says nothing by itself.
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.*?-----END [A-Z ]*PRIVATE KEY-----|(?=\s*\S).*\Z)", re.DOTALL),
)
# user:password@ in a URL: only the password goes, the rest explains the failure.
_URL_PASSWORD = re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s@/]+(?=@)", re.IGNORECASE)
# https://token@: some services take a token instead of a login; no login of a person is as long.
_URL_LOGIN = re.compile(r"(?P<head>\bhttps?://)[^\s/:@?#]{20,}(?=@)", re.IGNORECASE)
# ?token=value in a URL, or #token=value as a login answers, by what such parameters are called.
_URL_PARAMETER = re.compile(
    r"(?P<head>[?&#](?:[a-z0-9_-]*(?:token|secret|password|passwd|passphrase|signature|credential|(?:api|access)_?key)"
    r"|key|auth|sig|jwt|pat|pass|pwd)=)[^\s&#\"'<>]+",
    re.IGNORECASE,
)
# Discord: who knows the address of a webhook writes there.
_URL_WEBHOOK = re.compile(r"(?P<head>\bdiscord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/)[\w-]+", re.IGNORECASE)

# A private key in lines: where it begins and ends, and what stands between. Something may have put a margin before each
# line, of one width (`web-1  | `), or of another one before lines that are long enough to be of a key by themselves.
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_KEY_LINE = re.compile(r"\s*(?:[A-Za-z\d+/]+={0,2}|\[secret\])?\s*|(?:Proc-Type|DEK-Info): .*")
_KEY_WORD = re.compile(r"(?:.*[\s|>:])?[A-Za-z\d+/]{40,}={0,2}\s*")

# What a value is called where nothing of its shape tells: NAME=value, --name value, "name": "value", and headers.
_NAMED = r"[\w-]*(?:password|passwd|passphrase|secret|token|(?:api|access|private|secret)_?key)"
# In its quotes, up to where they end, or up to a blank; what a shell or a template would put there is no value.
_VALUE = r"(?P<open>(?P<quote>[\"'])(?!\[secret))?(?(quote)(?:\\.|(?!(?P=quote))[^\\])+|(?![$<{\[])[^\s\"']+)"
_CALLED = (
    re.compile(rf"(?P<head>(?<![\w-]){_NAMED}=){_VALUE}", re.IGNORECASE | re.DOTALL),
    re.compile(rf"(?P<head>(?<!\S)--[\w-]*(?:password|passphrase|token)[ =])(?!-){_VALUE}", re.IGNORECASE | re.DOTALL),
    re.compile(rf"(?P<head>[\"']{_NAMED}[\"']\s*:\s*)(?=[\"']){_VALUE}", re.IGNORECASE | re.DOTALL),
    re.compile(
        rf"(?P<head>\bauthorization[\"']?\s*[:=]\s*[\"']?(?:bearer|basic|bot|token)\s+){_VALUE}",
        re.IGNORECASE | re.DOTALL,
    ),
    re.compile(rf"(?P<head>\bx-(?:vault|auth|api)-(?:token|key)[\"']?\s*[:=]\s*){_VALUE}", re.IGNORECASE | re.DOTALL),
)


def called(text: str) -> str:
    """`text` without what its name says to be secret: for what leaves the house, where a hidden reason costs less."""
    for pattern in _CALLED:
        text = pattern.sub(r"\g<head>\g<open>[secret]", text)
    return text


class Redactor:
    """Masks a growing set of secrets. `add` may be called at any time, from the thread that redacts."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._masks: dict[str, str] = {}
        self._known: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        mask = f"[secret {secret.name}]"
        for form in _forms(secret.reveal()):
            self._masks.setdefault(form, mask)
        self._known = None

    def text(self, text: str) -> str:
        """`text` with every known form and every token-like word masked."""
        if self._masks:
            if self._known is None:
                longest_first = sorted(self._masks, key=len, reverse=True)
                self._known = re.compile("|".join(map(re.escape, longest_first)))
            text = self._known.sub(lambda found: self._masks[found.group()], text)
        for pattern in _PATTERNS:
            text = pattern.sub("[secret]", text)
        for pattern in (_URL_PASSWORD, _URL_LOGIN, _URL_PARAMETER, _URL_WEBHOOK):
            text = pattern.sub(r"\g<head>[secret]", text)
        return text

    def beginning(self, text: str) -> str:
        """The same for a text that may have been cut: without an end in which a known form may have begun."""
        masked = self.text(text)
        begun = max((_begun(form, masked) for form in self._masks), default=0)
        return masked[: len(masked) - begun]


class Keys:
    """Masks the lines of a private key that come one by one: none of them looks like a secret by itself."""

    def __init__(self) -> None:
        # By stream, while it prints a key: how wide the margin before its first line was.
        self._margins: dict[str, int] = {}

    def masked(self, stream: str, line: str) -> str:
        """The line that came next in its stream, masked where it is one of a key; where that begins and ends stays."""
        if "-----" not in line and stream not in self._margins:
            return line
        ends, begins = _KEY_ENDS.search(line), _KEY_BEGINS.search(line)
        margin = self._margins.pop(stream, None)
        inside = margin is not None and not ends and _of_key(line, margin)
        if begins and not ends:
            self._margins[stream] = begins.start()
        elif inside and margin is not None:
            self._margins[stream] = margin
        return "[secret]" if inside else line


def _of_key(line: str, margin: int) -> bool:
    """Whether it can stand in a key whose first line had so many characters before it."""
    return any(_KEY_LINE.fullmatch(each) for each in (line, line[margin:])) or bool(_KEY_WORD.fullmatch(line))


def _begun(form: str, text: str) -> int:
    """How many characters at the end of `text` are the first ones of `form`."""
    most = min(len(form) - 1, len(text))
    return next((length for length in range(most, 0, -1) if text.endswith(form[:length])), 0)


def _forms(value: str) -> set[str]:
    forms = {value}
    # A text on one line has lost what blanks a secret holds.
    for line in (value, *value.splitlines(), one_line(value)):
        stripped = line.strip()
        if len(stripped) < MIN_LENGTH:
            continue
        forms |= {stripped, json.dumps(stripped)[1:-1], json.dumps(stripped, ensure_ascii=False)[1:-1]}
        forms |= {quote(stripped, safe=""), quote_plus(stripped), shlex.quote(stripped)}
        raw = stripped.encode()
        forms |= {raw.hex(), raw.hex().upper()} | _base64_forms(raw)
    return {form for form in forms if len(form) >= MIN_LENGTH}


def _base64_forms(raw: bytes) -> set[str]:
    """The characters of the encoding that depend on `raw` alone, at each alignment within a longer text."""
    forms: set[str] = set()
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        first = (0, 2, 3)[lead]
        last = len(encoded) if (lead + len(raw)) % 3 == 0 else len(encoded) - 1
        part = encoded[first:last]
        if len(part) >= 8:
            forms |= {part, part.replace("+", "-").replace("/", "_")}
    return forms
