"""The installed program asks a server shaped like Doppler's for the names it holds. The server is the lab's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import doppler_api
from tests.lab.doppler_api import LOGIN, SECRETS, SERVICE, Doppler
from tests.lab.web import serving
from tests.real.dry_run import DryRun, Row

CHECK = "accounts.doppler"
CANARY = "canary-value-of-a-secret-0007"


def judged(home: Path, server: type[Doppler], token: str = SERVICE, **values: str) -> Row:
    held = tuple(value for value in server.secrets.values() if value and value.startswith(("practice-", "canary-")))
    with serving(server) as address:
        given = {"doppler_api": address, **values}
        return DryRun(home, given, {"doppler_token": token} if token else {}, held).row(CHECK)


def holding(**changed: str | None) -> type[Doppler]:
    """A server whose config holds these instead, and lacks what is "-"."""
    held = {name: value for name, value in ({**SECRETS, **changed}).items() if value != "-"}
    return type("Changed", (Doppler,), {"secrets": held})


@pytest.mark.parametrize("token", [SERVICE, LOGIN], ids=["service token", "login"])
def test_all_names_there_and_filled_pass(tmp_path: Path, token: str) -> None:
    row = judged(tmp_path, Doppler, token)
    assert row["state"] == "pass"
    assert row["observed"] == "sprocket-infra/prd holds 11 of 11 names"
    assert row["value"]["missing"] == row["value"]["empty"] == []


def test_missing_and_empty_names_are_told_and_no_value_is(tmp_path: Path) -> None:
    changed = holding(STEAM_API_KEY="-", EPIC_CLIENT_ID="-", MINIO_ACCESS_KEY=" \n", GOOGLE_CLIENT_ID=CANARY)
    row = judged(tmp_path, changed)
    assert row["state"] == "fail"
    assert row["value"]["missing"] == ["EPIC_CLIENT_ID", "STEAM_API_KEY"]
    assert row["value"]["empty"] == ["MINIO_ACCESS_KEY"]
    assert row["value"]["present"] == 8
    assert row["why"] == "Missing in sprocket-infra/prd: EPIC_CLIENT_ID,STEAM_API_KEY."
    assert "EPIC_CLIENT_ID,STEAM_API_KEY" in row["remedy"]["text"]


def test_an_empty_name_alone_fails(tmp_path: Path) -> None:
    row = judged(tmp_path, holding(CHATWOOT_HMAC_KEY=""))
    assert (row["state"], row["why"]) == ("fail", "Empty in sprocket-infra/prd: CHATWOOT_HMAC_KEY.")


def test_a_value_that_the_token_may_not_see_is_not_taken_for_empty(tmp_path: Path) -> None:
    row = judged(tmp_path, holding(STEAM_API_KEY=None))
    assert row["state"] == "warn"
    assert (row["value"]["hidden"], row["value"]["empty"]) == (["STEAM_API_KEY"], [])


def test_a_token_of_another_config_is_named(tmp_path: Path) -> None:
    row = judged(tmp_path, holding(DOPPLER_CONFIG="dev"))
    assert row["state"] == "warn"
    assert "belongs to the config dev, not to prd" in row["why"]


def test_a_token_that_is_not_known_fails_and_is_not_repeated(tmp_path: Path) -> None:
    row = judged(tmp_path, Doppler, "dp.st.prd." + "w" * 43)
    assert row["state"] == "fail"
    assert row["observed"] == "Doppler answers 401: Invalid Auth token"
    assert row["remedy"]["text"].startswith("Make a service token with read access")


@pytest.mark.parametrize(
    ("wrong", "state"), [({"doppler_project": "sprocket"}, "no-project"), ({"doppler_config": "prod"}, "no-config")]
)
def test_a_wrong_project_is_told_apart_from_a_wrong_config(tmp_path: Path, wrong: dict[str, str], state: str) -> None:
    row = judged(tmp_path, Doppler, LOGIN, **wrong)
    assert (row["state"], row["value"]["state"]) == ("fail", state)
    assert "Name the right ones" in row["remedy"]["text"]


def test_a_token_without_the_right_is_told_apart_from_a_wrong_one(tmp_path: Path) -> None:
    class Forbidding(Doppler):
        def _answer(self) -> object:
            raise doppler_api.Refusal(403, "You do not have access to this config")

    row = judged(tmp_path, Forbidding)
    assert (row["state"], row["value"]["state"]) == ("fail", "forbidden")


def answering(status: int, header: str, text: str) -> type[Doppler]:
    """A server that gives this status and header to every question."""

    def answer(self: Doppler) -> None:
        self.send_response(status)
        self.send_header(header, text.format(path=self.path))
        self.send_header("Content-Length", "0")
        self.end_headers()

    return type("Answering", (Doppler,), {"do_GET": answer})


def test_too_many_requests_are_unknown_with_the_time_to_wait(tmp_path: Path) -> None:
    row = judged(tmp_path, answering(429, "Retry-After", "17"))
    assert row["state"] == "unknown"
    assert row["observed"] == "Doppler answers 429, too many requests; ask again in 17 s"


def test_the_token_is_not_sent_after_a_redirect(tmp_path: Path) -> None:
    reached: list[str] = []
    watched = type("Watched", (Doppler,), {"do_GET": lambda self: reached.append(self.path)})
    with serving(watched) as elsewhere:
        row = judged(tmp_path, answering(302, "Location", elsewhere + "{path}"))
    assert row["state"] == "unknown"
    assert "302 and points elsewhere" in row["observed"]
    assert not reached


def test_the_token_is_not_sent_over_plain_http(tmp_path: Path) -> None:
    row = judged(tmp_path, Doppler, doppler_api=f"http://{'192.0.2.1'}")
    assert (row["state"], row["observed"]) == (
        "unknown",
        "the address of Doppler is plain HTTP; a token is sent over HTTPS alone",
    )


def test_a_token_of_two_lines_is_refused_without_being_quoted(tmp_path: Path) -> None:
    row = judged(tmp_path, Doppler, "dp.st.prd.first-line\nsecond-line")
    assert row["state"] == "unknown"
    assert row["observed"].startswith("doppler_token holds characters that no token of Doppler has")


def test_without_a_token_it_says_which_is_missing_and_who_gives_it(tmp_path: Path) -> None:
    row = judged(tmp_path, Doppler, "")
    assert (row["state"], row["observed"]) == ("unknown", "doppler_token is not given here")
    assert "--given" in row["remedy"]["text"]
