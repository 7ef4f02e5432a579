"""What calls a person through a terminal: the bell, and a notification (OSC 9) where that cannot do harm."""

from __future__ import annotations

import os
from collections.abc import Mapping

from sprocket_tui.terminal import one_line, shortened

_BEL = "\x07"
_LONGEST = 100
# Terminals of old, by the beginning of their names: they would show a notification as text.
_PLAIN = ("linux", "vt", "ansi", "cons")


def notice(sentence: str, environ: Mapping[str, str] = os.environ) -> str:
    """What to send: always the bell; the sentence by the way that reaches the outermost terminal, if there is one.

    tmux drops what is wrapped for it unless `allow-passthrough` is set; screen always passes it on.
    """
    return _BEL + _wrapped(f"\x1b]9;{_said(sentence)}{_BEL}", environ)


def _said(sentence: str) -> str:
    """One line of text. It begins with our name, since to some a number there is a command; `;` would part it."""
    return shortened(f"sprocket-tui: {one_line(sentence)}".replace(";", ","), _LONGEST)


def _wrapped(command: str, environ: Mapping[str, str]) -> str:
    term = environ.get("TERM", "")
    tmux, screen = bool(environ.get("TMUX")) or term.startswith("tmux"), bool(environ.get("STY"))
    if tmux and not screen:
        escaped = command.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{escaped}\x1b\\"
    if screen and not tmux:
        return f"\x1bP{command}\x1b\\"
    # One in the other, or one at the far end of an SSH connection: what is meant for one is text to the other.
    if term.startswith(("screen", *_PLAIN)) or tmux:
        return ""
    return command
