"""The installed command. Imports next to nothing before it is known what is wanted."""

import os
import sys

from sprocket_tui import __version__


def main() -> int:
    """Runs the command line; the exit code."""
    # Looking through every installed package for plugins takes longer than all our own models; we use none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if sys.stdout is None:
        os.write(2, b"sprocket-tui: standard output is closed; give it a reader\n") if sys.stderr is not None else None
        return 2
    for name, mode in (("stdin", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Nobody is there to be asked, or to be told.
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115, PTH123 for the life of the process
    for stream in (sys.stdin, sys.stdout):
        if stream.errors == "strict" and (change := getattr(stream, "reconfigure", None)):
            # A sign that an encoding does not have is a question mark, and no end of the program.
            change(errors="replace")
    if sys.argv[1:] == ["--version"]:
        try:
            sys.stdout.write(f"sprocket-tui {__version__}\n")
            sys.stdout.flush()
        except OSError as error:
            from sprocket_tui.cli import unwritten  # noqa: PLC0415

            return unwritten(error)
        return 0
    from sprocket_tui.cli import run  # noqa: PLC0415 `--version` must not pay for what it does not use

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
