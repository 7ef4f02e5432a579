"""An option of the command line that has one value: given twice it is refused, since the last would win in silence."""

from __future__ import annotations

import argparse


class Once(argparse.Action):
    """Stores a value, as argparse does where no action is named; `register` makes it that of a parser."""

    # Every parse has a namespace of its own.
    _seen: argparse.Namespace | None = None

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if option_string and self._seen is namespace:
            parser.error(f"{option_string} is given twice, and takes one value: leave one of them out")
        self._seen = namespace
        setattr(namespace, self.dest, values)


def register(parser: argparse.ArgumentParser) -> None:
    """Refuses every option that is given twice, but those that name an action of their own."""
    parser.register("action", None, Once)
    parser.register("action", "store", Once)
