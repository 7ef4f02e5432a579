"""Cleans text that came from elsewhere, once, where it enters: no escape sequence, no control character survives.

Everything after this treats the result as literal text.
"""

import re

# ECMA-48: CSI, the string sequences (OSC, DCS, SOS, PM, APC) up to ST or BEL, two-byte escapes, and the C1 forms.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# C0 without tab and newline, DEL, C1, and the bidirectional controls that reorder what a person reads.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What Python makes of bytes that are no UTF-8, and no file takes.
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without escape sequences and control characters; CR LF becomes LF, a lone CR starts a new line.

    What stands for a byte that is no UTF-8 becomes U+FFFD, as in decoded bytes.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _ESCAPES.sub("", text)))


def clean_bytes(raw: bytes) -> str:
    """Decodes remote bytes as UTF-8 with replacement, then cleans them."""
    return clean(raw.decode("utf-8", errors="replace"))


def one_line(text: str) -> str:
    """The cleaned text on a single line, for a table cell or a message."""
    return " ".join(clean(text).split())


def shortened(text: str, limit: int) -> str:
    """The first `limit` characters at most, cut between two words, with an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    whole = kept if text[limit - 1].isspace() else kept.rpartition(" ")[0]
    # A single long word, or one that would take most of it away, is cut where the room ends.
    return f"{(whole if len(whole) > limit // 2 else kept).rstrip()}…"
