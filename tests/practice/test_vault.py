"""Vault in the one world: what `pulumi up` makes answers, each start seals it, the same seed gives the same keys."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from sprocket_tui.practice.standins.vault import start, web
from sprocket_tui.practice.world import Service, State
from tests.practice.pulumi_world import configured
from tests.practice.replay import StandIn

RECORDINGS = Path(__file__).parents[1] / "recordings/vault"
HOST = "sprocket.lab.test"
CHECKOUT = "/root/sprocket-infra/global/services/vault"
THROUGH_TRAEFIK = {"VAULT_ADDR": f"http://vault.{HOST}"}
OPENED, SEALED, FAILED = 0, 2, 1


def service(name: str, image: str, **more: Any) -> Service:
    began = time.time() - 1
    made: dict[str, Any] = {
        "id": f"{name:a<25}"[:25],
        "name": name,
        "image": image,
        "created": began,
        "updated": began,
        "replicas": 1,
        "ports": [],
        "labels": {},
        "networks": [],
        "mounts": [],
        "fate": "runs",
        "error": "",
        **more,
    }
    return made  # type: ignore[return-value]


@pytest.fixture
def layer_1(tmp_path: Path) -> StandIn:
    """Traefik and Vault as the program of Layer 1 makes them, running for a while."""
    made = StandIn(tmp_path, "vault")
    (tmp_path / CHECKOUT[1:] / "unseal-tokens").mkdir(parents=True)
    mounts = [f"{CHECKOUT}/scripts/auto-initialize.sh", f"{CHECKOUT}/unseal-tokens"]
    (tmp_path / CHECKOUT[1:] / "scripts").mkdir()
    (tmp_path / mounts[0][1:]).touch()
    labels = {"traefik.http.routers.vault.rule": f"Host(`vault.{HOST}`)"}
    with made.world.change() as state:
        state["docker"]["swarm"] = "active"
        state["docker"]["services"] = [
            service("traefik-0a1b2c3", "traefik:v2.6.1", ports=[8080, 8443]),
            service("vault", "vault:1.10.0", mounts=mounts, labels=labels, configs=["vault-config-0a1b2c3"]),
        ]
    return made


def tokens(droplet: StandIn, name: str) -> list[str]:
    return (droplet.world._path.parent / CHECKOUT[1:] / "unseal-tokens" / name).read_text().split()


def status(droplet: StandIn, **environ: str) -> tuple[int, dict[str, Any]]:
    told = droplet.run(["vault", "status", "-format=json"], environ={**THROUGH_TRAEFIK, **environ})
    return told.status, json.loads(told.out) if told.out else {}


def without_script(droplet: StandIn) -> None:
    """Nobody opens Vault by himself from the next start on."""
    with droplet.world.change() as state:
        state["docker"]["services"][1]["mounts"] = []


def started_again(droplet: StandIn) -> None:
    droplet.docker(["service", "update", "--force", "--detach", "vault"])
    # Two seconds of the world's time, and a start script's twelve.
    time.sleep(0.03)


def recorded_error(name: str, droplet: StandIn, address: str, *options: str) -> tuple[str, str]:
    """What was recorded on stderr, and what the stand-in says for the same address."""
    told = droplet.run(["vault", "status", *options], environ={"VAULT_ADDR": address})
    assert told.status == FAILED
    return (RECORDINGS / f"{name}.err").read_text(), told.err


class TestReaching:
    def test_vault_answers_through_traefik_while_its_service_runs(self, layer_1: StandIn) -> None:
        assert status(layer_1)[0] == OPENED
        layer_1.docker(["service", "scale", "--detach", "vault=0"])
        kept, said = recorded_error("13-status-traefik-no-router", layer_1, f"http://vault.{HOST}")
        assert said == kept.replace("nope", "vault")

    def test_without_traefik_the_connection_is_refused(self, layer_1: StandIn) -> None:
        layer_1.docker(["service", "rm", "traefik-0a1b2c3"])
        kept, said = recorded_error("00-status-not-running", layer_1, f"http://vault.{HOST}")
        named = kept.replace("//10.99.0.10:8300", f"//vault.{HOST}").replace("10.99.0.10:8300", "127.0.0.1:8080")
        assert said == named

    def test_the_address_of_the_guide_is_not_routed(self, layer_1: StandIn) -> None:
        kept, said = recorded_error("13-status-https-guide-address", layer_1, f"https://vault.{HOST}")
        assert said == kept
        kept, said = recorded_error("13-status-https-skip-verify", layer_1, f"https://vault.{HOST}", "-tls-skip-verify")
        assert said == kept

    def test_a_name_without_dns_leads_nowhere(self, layer_1: StandIn) -> None:
        kept, said = recorded_error("12-no-such-host", layer_1, "http://nohost.lab.invalid:8200")
        assert said == kept.replace("10.99.1.2", "127.0.0.53")
        with layer_1.world.change() as state:
            state["names"]["vault"] = ["nxdomain"]
        assert "no such host" in recorded_error("12-no-such-host", layer_1, f"http://vault.{HOST}")[1]

    def test_https_is_not_what_the_port_without_it_speaks(self, layer_1: StandIn) -> None:
        kept, said = recorded_error("12-https-to-http", layer_1, f"https://vault.{HOST}:8080")
        assert said == kept.replace("10.99.0.10:8300", f"vault.{HOST}:8080")

    def test_a_traefik_that_docker_refuses_routes_nothing(self, layer_1: StandIn) -> None:
        with layer_1.world.change() as state:
            state["docker"]["oldest_api"] = "1.44"
        assert "404 page not found" in recorded_error("13-status-traefik-no-router", layer_1, f"http://vault.{HOST}")[1]


class TestStarting:
    def test_the_start_script_makes_the_keys_and_keeps_them_where_the_guide_looks(self, layer_1: StandIn) -> None:
        layer_1.docker(["ps", "-q", "-f", "name=vault"])
        keys, (root,) = tokens(layer_1, "unseal_tokens.txt"), tokens(layer_1, "root_token.txt")
        assert len(set(keys)) == 5
        told = layer_1.run(
            ["vault", "token", "lookup", "-format=json"], environ={**THROUGH_TRAEFIK, "VAULT_TOKEN": root}
        )
        assert json.loads(told.out)["data"]["id"] == root
        ended, known = status(layer_1)
        assert (ended, known["n"], known["t"], known["sealed"]) == (OPENED, 5, 3, False)
        assert (known["version"], known["storage_type"]) == ("1.10.0", "s3")

    def test_a_start_seals_and_the_script_opens_again_what_it_has_the_keys_of(self, layer_1: StandIn) -> None:
        before = status(layer_1)[1]["cluster_id"]
        started_again(layer_1)
        ended, known = status(layer_1)
        assert (ended, known["cluster_id"]) == (OPENED, before)

    def test_without_the_keys_on_the_node_it_stays_sealed_until_somebody_opens_it(self, layer_1: StandIn) -> None:
        assert status(layer_1)[0] == OPENED
        keys = tokens(layer_1, "unseal_tokens.txt")
        shutil.rmtree(layer_1.world._path.parent / CHECKOUT[1:] / "unseal-tokens")
        (layer_1.world._path.parent / CHECKOUT[1:] / "unseal-tokens").mkdir()
        started_again(layer_1)
        assert status(layer_1)[0] == SEALED
        for number, key in enumerate(keys[2:], 1):
            done = layer_1.run(["vault", "operator", "unseal", "-format=json", key], environ=THROUGH_TRAEFIK)
            assert json.loads(done.out)["progress"] == number % 3
        assert status(layer_1)[0] == OPENED

    def test_what_is_kept_outlives_a_start(self, layer_1: StandIn) -> None:
        status(layer_1)
        told = {**THROUGH_TRAEFIK, "VAULT_TOKEN": tokens(layer_1, "root_token.txt")[0]}
        for argv in (["secrets", "enable", "-version=2", "-path=platform", "kv"], ["kv", "put", "platform/x", "a=b"]):
            assert layer_1.run(["vault", *argv], environ=told).status == 0
        without_script(layer_1)
        started_again(layer_1)
        assert "Vault is sealed" in layer_1.run(["vault", "kv", "get", "platform/x"], environ=told).err
        for key in tokens(layer_1, "unseal_tokens.txt")[:3]:
            layer_1.run(["vault", "operator", "unseal", key], environ=told)
        assert layer_1.run(["vault", "kv", "get", "-field=a", "platform/x"], environ=told).out == "b"


class TestWorld:
    def test_vault_answers_where_pulumi_up_said_that_it_would(self, tmp_path: Path) -> None:
        made = configured(tmp_path)
        (tmp_path / CHECKOUT[1:] / "unseal-tokens").mkdir(parents=True)
        assert made.run("vault", "status").returncode == FAILED
        assert made.pulumi("up", "--yes", "--skip-preview").returncode == 0
        made.environ["VAULT_ADDR"] = json.loads(made.pulumi("stack", "output", "--json").stdout)["VaultAddress"]
        made.until(lambda state: start.due(state) is not None)
        told = made.run("vault", "status", "-format=json")
        assert (told.returncode, json.loads(told.stdout)["sealed"]) == (OPENED, False)
        (root,) = (tmp_path / CHECKOUT[1:] / "unseal-tokens/root_token.txt").read_text().split()
        made.environ["VAULT_TOKEN"] = root
        assert f"id                  {root}\n" in made.run("vault", "token", "lookup").stdout

    def test_the_same_seed_gives_the_same_keys_and_tokens(self, layer_1: StandIn) -> None:
        kept = list[State]()
        for _ in range(2):
            with layer_1.world.change() as state:
                state.pop("vault", None)
            status(layer_1)
            kept.append(layer_1.world.read())
        one, other = (state["vault"] for state in kept)
        assert (one["shares"], one["root"], one["cluster"]) == (other["shares"], other["root"], other["cluster"])
        with layer_1.world.change() as state:
            del state["vault"]
            state["docker"]["services"][1]["id"] = "b" * 25
        status(layer_1)
        assert layer_1.world.read()["vault"]["root"] != one["root"]

    def test_http_tells_what_the_command_line_tells(self, layer_1: StandIn) -> None:
        def told(path: str) -> tuple[int, dict[str, Any]]:
            code, _, body = web.answer(layer_1.world.read(), path)
            return code, json.loads(body)

        assert told("/v1/sys/health")[0] == 200
        status(layer_1)
        opened = told("/v1/sys/health?standbyok=true")
        assert (opened[0], opened[1]["sealed"]) == (200, False)
        assert opened[1].keys() == recorded_health("06-api-health-active").keys()
        without_script(layer_1)
        started_again(layer_1)
        closed = told("/v1/sys/health")
        assert (closed[0], closed[1]["sealed"]) == (503, True)
        assert closed[1].keys() == recorded_health("03-api-health-sealed").keys()
        assert told("/v1/sys/seal-status")[1]["t"] == status(layer_1)[1]["t"] == 3

    def test_before_anybody_made_it_http_says_so(self, layer_1: StandIn) -> None:
        without_script(layer_1)
        code, _, body = web.answer(layer_1.world.read(), "/v1/sys/health")
        assert (code, json.loads(body)["initialized"]) == (501, False)
        assert json.loads(body).keys() == recorded_health("01-api-health-uninitialized").keys()


def recorded_health(name: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / f"{name}.out").read_text().partition("\n\n")[2])
