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
    re.compile(r"\bSWMTKN-1-[a-z0-9-]{50,}"),
    re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+"),
    # Vault's unseal keys are 33 bytes in base64 or hex; nobody gave them, so that only their shape is known.
    re.compile(r"(?<![\w+/=.-])(?=[a-z\d+/]*[A-Z])(?=[A-Z\d+/]*[a-z])[A-Za-z\d+/]{44}(?![\w+/=])", re.ASCII),
    re.compile(r"\b[0-9a-f]{66}\b"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL),
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
        for pattern in (_URL_PASSWORD, _URL_LOGIN, _URL_PARAMETER):
            text = pattern.sub(r"\g<head>[secret]", text)
        return text

    def beginning(self, text: str) -> str:
        """The same for a text that may have been cut: without an end in which a known form may have begun."""
        masked = self.text(text)
        begun = max((_begun(form, masked) for form in self._masks), default=0)
        return masked[: len(masked) - begun]


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
