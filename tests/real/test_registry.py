"""The installed program asks a real registry for the images: with its own login, and with tokens as Docker Hub has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.registry import USER, RegistryLab
from tests.walk.program import Program

pytestmark = pytest.mark.lane("registry")

LAYER_1, PLATFORM = "services.images", "services.platform-images"
LOGIN_IMAGE = f"{USER}/discord-forward-auth:latest"
NAMES = [
    "web",
    "core",
    "discord-bot",
    "image-generation-frontend",
    "image-generation-service",
    "notification-service",
    "server-analytics-service",
    "matchmaking-service",
    "replay-parse-service",
    "elo-service",
    "submission-service",
]
IMAGES = [*(f"{USER}/{name}:main" for name in NAMES), f"{USER}/worker:master", f"{USER}/bot:master"]
WEB = IMAGES[0]
Row = dict[str, Any]
Report = Callable[..., dict[str, Row]]


AS_HUB = pytest.mark.parametrize("filled", ["token"], indirect=True)


@pytest.fixture(scope="module", params=["basic", "token"])
def filled(request: pytest.FixtureRequest) -> Iterator[RegistryLab]:
    with RegistryLab(tokens=request.param == "token") as lab:
        for image in (LOGIN_IMAGE, *IMAGES):
            lab.push(image)
        yield lab


@pytest.fixture
def report(tmp_path: Path, filled: RegistryLab) -> Report:
    """The rows of the images' checks by id, asked with the right login but for what is given."""

    def measured(*, code: int, **given: str) -> dict[str, Row]:
        known = {
            "docker_registry": filled.address,
            "docker_username": USER,
            "docker_access_token": filled.password,
            **given,
        }
        file = tmp_path / "given.yaml"
        file.touch(mode=0o600)
        file.write_text(json.dumps(known))
        words = ["--only", PLATFORM, "--given", str(file), "--format", "json"]
        done = Program(tmp_path, None)("check", "--target", "local", *words)
        assert known["docker_access_token"] not in done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return {row["id"]: row for row in json.loads(done.stdout)["checks"]}

    return measured


def test_a_login_that_sees_every_image_passes(report: Report, filled: RegistryLab) -> None:
    rows = report(code=0)
    assert {row["state"] for row in rows.values()} == {"pass"}
    assert rows[LAYER_1]["observed"].endswith(f"has the image: {LOGIN_IMAGE}")
    value = rows[PLATFORM]["value"]
    assert value["images"] == dict.fromkeys(IMAGES, "ok")
    assert value["login"] == ("token" if filled.tokens else "basic")


def test_a_wrong_token_is_refused_once_and_says_whose_it_must_be(report: Report, filled: RegistryLab) -> None:
    before = filled.tokens.asked if filled.tokens else 0
    rows = report(code=3, docker_access_token="dckr_wrong_canary_83b1")
    assert rows[LAYER_1]["state"] == "fail"
    assert rows[LAYER_1]["observed"].endswith(f"refuses the login of {USER}")
    assert f"Make a token of {USER}" in rows[LAYER_1]["remedy"]["text"]
    assert rows[PLATFORM]["blocked_by"] == LAYER_1
    # Both checks asked for themselves, each of them for its first image alone.
    if filled.tokens:
        assert filled.tokens.asked - before == 2


def test_missing_tags_are_listed_by_name_and_pass_once_they_are_pushed(report: Report, filled: RegistryLab) -> None:
    filled.untag(WEB)
    try:
        row = report(code=4)[PLATFORM]
        assert row["state"] == "fail"
        assert row["observed"].endswith(f"has no {WEB}")
        assert row["value"]["missing"] == [WEB]
        assert row["remedy"]["text"] == f"Push what is missing, or give the tag that was built: {WEB}."
    finally:
        filled.push(WEB)
    assert report(code=0)[PLATFORM]["state"] == "pass"


def test_another_tag_is_looked_for_where_it_is_given(report: Report) -> None:
    row = report(code=4, image_tag="v9")[PLATFORM]
    assert row["value"]["missing"] == [f"{USER}/{name}:v9" for name in NAMES]


@AS_HUB
def test_a_private_repository_that_is_not_shown_is_told_apart_from_a_missing_tag(
    report: Report, filled: RegistryLab
) -> None:
    assert filled.tokens
    filled.tokens.visible = {f"{USER}/discord-forward-auth"}
    try:
        rows = report(code=4)
        assert rows[LAYER_1]["state"] == "pass"
        assert rows[PLATFORM]["state"] == "fail"
        assert rows[PLATFORM]["value"]["denied"] == IMAGES
        assert "Have the owner of the images add" in rows[PLATFORM]["remedy"]["text"]
    finally:
        filled.tokens.visible = None


@AS_HUB
def test_a_limit_that_is_reached_is_no_verdict_on_the_images(report: Report, filled: RegistryLab) -> None:
    assert filled.tokens
    filled.tokens.limited = True
    try:
        row = report(code=4)[LAYER_1]
        assert row["state"] == "warn"
        value = row["value"]
        assert (value["state"], value["limit"], value["remaining"], value["window"]) == ("rate-limited", 100, 0, 21600)
        assert row["remedy"]["text"].startswith("Wait")
    finally:
        filled.tokens.limited = False
