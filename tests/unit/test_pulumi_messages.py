"""What a message of pulumi means: its cause, and whether it is one."""

import pytest

from sprocket_tui.actions.pulumi import messages
from sprocket_tui.actions.pulumi.text import TextOutput

VAULT = """1 error occurred:
\t* failed to create limited child token: Error making API request.

URL: POST http://vault.sprocket.lab.test/v1/auth/token/create
Code: 403. Errors:

* permission denied
"""


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("incorrect passphrase\n", "incorrect passphrase"),
        ("1 error occurred:\n\t* config not found: ca\n\n", "config not found: ca"),
        (VAULT, "failed to create limited child token: Error making API request. 403: permission denied"),
        ("Running program '/p' failed with an unhandled exception:\nError: no image\n    at f (x)", "no image"),
        (
            "Running program '/p' failed with an unhandled exception:\n  at f",
            "Running program '/p' failed with an unhandled exception:",
        ),
        ('Error: invocation of f: 1 error occurred:\n\t* no secret found at "a/b"\n', 'no secret found at "a/b"'),
        ("  \n", ""),
    ],
)
def test_the_cause_is_the_line_that_says_what_is_wrong(message: str, cause: str) -> None:
    assert messages.cause(message) == cause


@pytest.mark.parametrize(
    "message",
    [
        "Running program '/p' failed with an unhandled exception:\nRangeError: Invalid string length\n    at f",
        "an unhandled error occurred: Program exited with non-zero exit code: 1",
        "update failed",
        "update canceled",
        "error reading from server: EOF",
    ],
)
def test_what_follows_from_another_error_explains_nothing(message: str) -> None:
    assert not messages.explains(message)


def test_every_holder_of_a_lock_is_read() -> None:
    text = (
        "x: created by root@vm (pid 7) at 2026-11-23T20:02:48Z\ny: created by me@host (pid 8) at 2026-11-23T20:03:00Z"
    )
    assert messages.locks(text) == (
        messages.Lock("root", "vm", 7, "2026-11-23T20:02:48Z"),
        messages.Lock("me", "host", 8, "2026-11-23T20:03:00Z"),
    )


@pytest.mark.parametrize(
    ("message", "unanswered"),
    [
        ("socket hang up", True),
        ('Post "http://docker/v1.41/services/create": context canceled', True),
        ("read: connection reset by peer", True),
        ("connect ECONNREFUSED /var/run/docker.sock", False),
        ("name conflicts with an existing object", False),
    ],
)
def test_a_call_that_got_no_answer_may_have_done_its_work(message: str, unanswered: bool) -> None:
    assert messages.unanswered(message) is unanswered


def test_an_error_below_its_resource_is_attached_to_it() -> None:
    output = TextOutput()
    for line in (
        " +  docker:index:Network net creating (0s) error: short",
        "Diagnostics:",
        "  docker:index:Network (net):",
        "    warning: old",
        "    error: 1 error occurred:",
        "    \t* taken",
        "  pulumi:pulumi:Stack (p-s):",
        "    error: update failed",
        "Resources:",
        "    + 2 created",
        "    +-1 replaced",
        "    3 unchanged",
    ):
        output.feed(line)
    assert output.errors() == [("Network net", "1 error occurred:\n* taken"), ("", "update failed")]
    assert output.counts == {"created": 2, "replaced": 1, "unchanged": 3}
    assert output.ended
