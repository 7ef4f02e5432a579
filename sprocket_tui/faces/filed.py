"""One answer as a person wrote it into a file: a text, or a secret. `where` begins what is wrong with it."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from sprocket_tui import files
from sprocket_tui.errors import SprocketError
from sprocket_tui.secret import Secret


def is_private(path: Path) -> bool:
    """Whether only its owner may use the file."""
    return stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def secret(path: Path, where: str, place: str, entry: object, *, private: bool) -> Secret:
    """The secret at `place`: from the file that `entry` names, or the entry itself where `path` is `private`."""
    name = place.rpartition("/")[2]
    if isinstance(entry, dict):
        fields = cast("dict[str, object]", entry)
        if set(fields) != {"file"}:
            raise SprocketError(f"{where}: a secret is given as text or as {{file: PATH}}")
        file = Path(str(fields["file"])).expanduser()
        try:
            return Secret(files.text(file).removesuffix("\n"), name)
        except (OSError, ValueError) as error:
            raise SprocketError(f"{where}: {file} cannot be read: {_reason(error)}") from error
    if not private:
        raise SprocketError(
            f"{path} holds the secret {place} and can be read by others",
            remedy=f"chmod 600 {path}, or give the secret as {{file: PATH}}",
        )
    return Secret(text(where, entry), name)


def exposed(entry: object, name: str) -> list[str]:
    """A warning where others can read the file that `entry` names; none for what stands in the file itself."""
    if not isinstance(entry, dict) or "file" not in entry:
        return []
    path = Path(str(cast("dict[str, object]", entry)["file"])).expanduser()
    try:
        private = is_private(path)
    except OSError:
        # What is not there yet is said when it is asked for.
        private = True
    return [] if private else [f"{path} holds the secret {name} and can be read by others: chmod 600 {path}"]


def warn(warnings: Iterable[str]) -> None:
    """Says them to the person who gave the file, before anything is begun."""
    sys.stderr.writelines(f"sprocket-tui: warning: {warning}\n" for warning in warnings)


def text(where: str, entry: object) -> str:
    """The entry as a person would type it."""
    if isinstance(entry, bool):
        return "yes" if entry else "no"
    if isinstance(entry, str | int | float):
        return str(entry)
    raise SprocketError(f"{where}: the answer must be text, a number, or yes or no")


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
