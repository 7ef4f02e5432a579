"""Doppler in the one world: what it tells follows from the seed, and only a token of that world sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sprocket_tui.practice.standins.first_day import fresh
from tests.practice.replay import StandIn

PLACE = ("-p", "sprocket-infra", "-c", "prd")
NAMES = ("GOOGLE_CLIENT_ID", "DISCORD_CLIENT_SECRET", "STEAM_API_KEY", "CHATWOOT_HMAC_KEY", "MINIO_SECRET_KEY")


@pytest.fixture
def droplet(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path, "doppler")


def service_token(droplet: StandIn) -> str:
    assert droplet.run(["doppler", "login", "-y"]).status == 0
    return droplet.run(["doppler", "configs", "tokens", "create", "ci", "--plain", *PLACE]).out.strip()


def downloaded(droplet: StandIn, token: str) -> dict[str, str]:
    told = droplet.run(["doppler", "secrets", "download", "--no-file"], environ={"DOPPLER_TOKEN": token})
    return json.loads(told.out)


class TestSecrets:
    def test_the_same_seed_gives_the_same_secrets_and_another_seed_others(self, tmp_path: Path) -> None:
        told = list[tuple[str, dict[str, str]]]()
        for number, seed in enumerate((5, 5, 6)):
            base = tmp_path / str(number)
            base.mkdir()
            made = StandIn(base, "doppler")
            made.world.make(fresh(seed, 1000.0))
            token = service_token(made)
            told.append((token, downloaded(made, token)))
        assert told[0] == told[1]
        assert told[0][0] != told[2][0]
        assert all(told[0][1][name] != told[2][1][name] for name in NAMES)

    def test_no_value_could_be_taken_for_a_real_one(self, droplet: StandIn) -> None:
        known = downloaded(droplet, service_token(droplet))
        assert all(known[name].startswith("practice-") for name in NAMES)
        assert all(token.split(".")[-1].startswith("practice") for token in droplet.world.read()["doppler"]["tokens"])

    def test_a_program_has_them_in_its_environment_and_nobody_else(self, droplet: StandIn) -> None:
        token = service_token(droplet)
        told = droplet.run(["doppler", "run", "--", "printenv", *NAMES], environ={"DOPPLER_TOKEN": token})
        assert told.out.split() == [downloaded(droplet, token)[name] for name in NAMES]


class TestTokens:
    def test_a_token_that_was_revoked_is_refused(self, droplet: StandIn) -> None:
        assert droplet.run(["doppler", "login", "-y"]).status == 0
        kept = droplet.world.read()["doppler"]["tokens"]
        assert droplet.run(["doppler", "logout", "-y"]).out == "Auth token has been revoked\n"
        told = droplet.run(["doppler", "me"], environ={"DOPPLER_TOKEN": kept[0]})
        assert (told.status, told.err) == (1, "Unable to fetch actor\nDoppler Error: Invalid Auth token\n")

    def test_what_setup_chose_holds_below_its_directory_alone(self, droplet: StandIn) -> None:
        droplet.run(["doppler", "login", "-y"])
        assert droplet.run(["doppler", "setup", *PLACE, "--silent"], directory="/root/sprocket-infra").status == 0
        names = ["doppler", "secrets", "--only-names", "--json"]
        assert "STEAM_API_KEY" in json.loads(droplet.run(names, directory="/root/sprocket-infra/scripts").out)
        assert "You must specify a project" in droplet.run(names, directory="/root/sprocket-infra-2").err

    def test_the_settings_are_for_nobody_else_to_read(self, droplet: StandIn, tmp_path: Path) -> None:
        droplet.run(["doppler", "login", "-y"])
        assert (tmp_path / "root/.doppler/.doppler.yaml").stat().st_mode & 0o777 == 0o600

    def test_what_no_rehearsal_has_is_refused_in_a_sentence(self, droplet: StandIn) -> None:
        token = service_token(droplet)
        told = droplet.run(["doppler", "secrets", "download"], environ={"DOPPLER_TOKEN": token})
        assert (told.status, told.out) == (126, "")
        assert "not in this rehearsal" in told.err
        assert droplet.run(["doppler", "secrets", "set", "A", "b"]).status == 126
        assert droplet.run(["doppler", "run", "--watch", "true"]).status == 126
