"""What was said for a variable of the guide: the value it means, or why it does not fit."""

from __future__ import annotations

import ipaddress
import re

from sprocket_tui.guide.model import Var
from sprocket_tui.values import JSON

_HOSTNAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)*", re.I
)
_WORDS = {"yes": True, "true": True, "no": False, "false": False}


def parse(var: Var, said: str) -> tuple[str, JSON]:
    """("", value) when `said` fits the variable, else (what is wrong, None)."""
    if not said:
        return "a value is needed", None
    if not said.isprintable():
        return "it holds characters that do not print", None
    if var.choices and said not in var.choices:
        return f"one of {', '.join(var.choices)}", None
    if var.pattern and not re.fullmatch(var.pattern, said):
        return var.fits or f"must match {var.pattern}", None
    return _typed(var.type, said)


def _typed(kind: str, said: str) -> tuple[str, JSON]:  # noqa: PLR0911 one return a type is the table
    match kind:
        case "int":
            return ("", int(said)) if re.fullmatch(r"-?\d+", said) else ("a whole number", None)
        case "bool":
            return ("", _WORDS[said.lower()]) if said.lower() in _WORDS else ("yes or no", None)
        case "hostname":
            return ("", said.lower()) if _HOSTNAME.fullmatch(said) else ("a host name", None)
        case "address":
            try:
                return "", str(ipaddress.ip_address(said))
            except ValueError:
                return "an IP address", None
        case "path":
            return ("", said) if said.startswith(("/", "~")) else ("an absolute path", None)
        case "url":
            return ("", said) if re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", said) else ("a URL", None)
        case "names":
            return "", [word for word in re.split(r"[\s,]+", said) if word]
        case _:
            return "", said
