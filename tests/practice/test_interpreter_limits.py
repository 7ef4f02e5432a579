"""A script of the interpreter's holds no more memory than there is for it, and ends as a shell that gets no more."""

from __future__ import annotations

import tracemalloc

import pytest

from sprocket_tui.practice.interpreter import limits
from sprocket_tui.practice.interpreter.interpreter import Interpreter
from tests.practice.interpreting import InsideLink, inside

__all__ = ["inside"]

# For the test, so that little has to be made.
_LIMIT = 1 << 16

GROWING = {
    "a value": "a=x; while :; do a=$a$a; done",
    "a value of a default": "a=x; while :; do a=${b:-$a$a}; done",
    "positional parameters": 'set -- a; while :; do set -- "$@" "$@"; done',
    "empty positional parameters": 'set -- \'\'; while :; do set -- "$@" "$@"; done',
    "many variables": 'a=$(printf %256d 1); n=0; while :; do n=$((n+1)); eval "v$n=\\$a" || exit; done',
    "what a command prints": "a=$(cat /dev/zero); echo on",
    "what a loop prints": "a=$(while echo xxxxxxxxxxxxxxxxxxxxxxxx; do :; done); echo on",
    "a line that is read": "while :; do read -r a </dev/zero || exit; done",
    "a here-document": "a=x; while :; do a=$(cat <<END\n$a$a\nEND\n) || exit; done",
    "a width": "printf %999999999d 1 || exit",
    "a width beyond numbers": f"printf %{'9' * 5000}d 1 || exit",
    "a format": 'set -- a; for n in 1 2 3 4 5 6 7 8; do set -- "$@" "$@"; done; a=$(printf %512d 1);'
    ' printf "$a%s" "$@" || exit',
    "a file that is read whole": "sort </dev/zero || exit",
}


@pytest.mark.parametrize("what", GROWING)
def test_no_script_holds_all_memory_by(what: str, inside: Interpreter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.checked, "__defaults__", (_LIMIT,))
    for module in ("streams.MOST", "shell.MOST_OF_ALL", "system.MOST_READ"):
        monkeypatch.setattr(f"sprocket_tui.practice.interpreter.{module}", _LIMIT)
    tracemalloc.start()
    try:
        done = InsideLink(inside).run(GROWING[what], deadline=60)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert done.status == 2
    assert b"Out of space" in done.stderr or b"memory exhausted" in done.stderr
    assert b"on" not in done.stdout
    assert most < 100 * _LIMIT


def test_a_number_of_thousands_of_digits_is_not_known(inside: Interpreter) -> None:
    assert InsideLink(inside).run(f"echo $(({'9' * 5000}))", deadline=60).status == 126
