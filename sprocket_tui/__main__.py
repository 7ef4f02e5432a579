"""The installed command. Imports next to nothing before it is known what is wanted."""

import sys

from sprocket_tui import __version__


def main() -> int:
    """Runs the command line; the exit code."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"sprocket-tui {__version__}\n")
        return 0
    from sprocket_tui.cli import run  # noqa: PLC0415 `--version` must not pay for what it does not use

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
