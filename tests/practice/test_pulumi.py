"""The stand-in of pulumi previews and updates as the real engine did."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from sprocket_tui.actions.pulumi import orphans
from sprocket_tui.actions.pulumi.state import parse_state
from tests.practice.pulumi_world import (
    SECRETS,
    Droplet,
    conclude,
    configured,
    lines,
    normal,
    recorded,
    steps,
)


@pytest.fixture
def droplet(tmp_path: Path) -> Droplet:
    return configured(tmp_path)


class TestPreview:
    def stream(self, droplet: Droplet, *argv: str) -> subprocess.CompletedProcess[str]:
        droplet.environ["PULUMI_ENABLE_STREAMING_JSON_PREVIEW"] = "true"
        return droplet.pulumi("preview", "--json", *argv)

    def test_our_reader_makes_of_it_what_it_makes_of_the_real_one(self, droplet: Droplet) -> None:
        real = conclude("preview", 0, recorded("layer_1-11-preview-json-streaming.out"))
        done = self.stream(droplet)
        ours = conclude("preview", done.returncode, done.stdout)
        assert ours.ok and real.ok and not done.stderr
        assert ours.facts["counts"] == real.facts["counts"] == {**real.facts["counts"], "create": 16}
        assert ours.facts["digest"] == real.facts["digest"]
        assert ours.facts["steps"] == 16

    def test_its_events_have_the_shape_and_the_properties_of_the_real_ones(self, droplet: Droplet) -> None:
        real = {
            each["urn"]: each for each in steps(recorded("layer_1-11-preview-json-streaming.out"), "resourcePreEvent")
        }
        ours = {each["urn"]: each for each in steps(self.stream(droplet).stdout, "resourcePreEvent")}
        assert ours.keys() == real.keys()
        for urn, step in real.items():
            assert list(ours[urn]) == list(step)
            assert list(ours[urn]["new"]) == list(step["new"])
            assert normal(ours[urn]["new"]) == normal(step["new"])

    def test_most_events_are_debug_ones_with_secrets_in_clear(self, droplet: Droplet) -> None:
        done = self.stream(droplet)
        said = [line for line in done.stdout.splitlines() if '"severity":"debug"' in line]
        assert len(said) > 40
        assert any(SECRETS["docker-access-token"] in line for line in said)
        others = [line for line in done.stdout.splitlines() if line not in said]
        assert not [line for line in others for secret in SECRETS.values() if secret in line]

    def test_as_text(self, droplet: Droplet) -> None:
        assert lines(droplet.pulumi("preview").stdout) == lines(recorded("layer_1-09-preview.out"))

    def test_as_one_document(self, droplet: Droplet) -> None:
        document = json.loads(droplet.pulumi("preview", "--json").stdout)
        assert list(document) == ["config", "steps", "diagnostics", "duration", "changeSummary"]
        assert document["changeSummary"] == {"create": 16}
        assert document["config"]["layer_1:docker-access-token"] == "[secret]"

    def test_its_plan_names_what_will_be_made_and_holds_no_secret_in_clear(self, droplet: Droplet) -> None:
        assert self.stream(droplet, "--save-plan", "/root/plan.json").returncode == 0
        plan = (droplet.root / "root/plan.json").read_bytes()
        exported = parse_state(json.loads(droplet.pulumi("stack", "export").stdout))
        names = {each.logical: each.name for each in orphans.planned_creates(plan, exported)}
        assert names["vault-service"] == "vault"
        assert re.fullmatch(r"traefik-[0-9a-f]{7}", names["traefik"])
        assert not [secret for secret in SECRETS.values() if secret.encode() in plan]

    def test_it_changes_nothing_and_takes_no_lock(self, droplet: Droplet) -> None:
        droplet.pulumi("preview")
        assert droplet.state()["stacks"]["layer_1"]["resources"] == []
        assert droplet.state()["docker"]["services"] == []
        assert not list((droplet.root / "root/state").rglob("*.json"))


class TestWhatStopsAPreview:
    def test_packages_of_the_program_missing(self, droplet: Droplet) -> None:
        (droplet.root / "root/sprocket-infra/layer_1/node_modules/@pulumi/pulumi/package.json").unlink()
        done = droplet.pulumi("preview")
        assert done.returncode == 255
        assert lines(done.stdout) == lines(recorded("layer_1-05-preview-no-npm-install.out"))

    def test_packages_of_global_missing(self, droplet: Droplet) -> None:
        (droplet.root / "root/sprocket-infra/global/node_modules/@pulumi/pulumi/package.json").unlink()
        done = droplet.pulumi("preview")
        assert done.returncode == 255
        assert lines(done.stdout) == lines(recorded("layer_1-06-preview-no-npm-install-in-global.out"))

    def test_a_key_that_the_guide_forgets(self, droplet: Droplet) -> None:
        droplet.pulumi("config", "rm", "discord-fa-client-secret")
        done = droplet.pulumi("preview")
        assert done.returncode == 255
        image = "asaxplayinghorse/discord-forward-auth@sha256"
        real = [line for line in lines(recorded("layer_1-08-preview-config-missing.out")) if image not in line]
        assert [line for line in lines(done.stdout) if image not in line] == [
            line.replace("1 error; 1 message", "1 error") for line in real
        ]

    def test_missing_keys_come_one_at_a_time(self, droplet: Droplet) -> None:
        for key in ("docker-username", "vault-s3-bucket", "discord-fa-client-secret"):
            droplet.pulumi("config", "rm", key)
        seen = list[str]()
        for key in ("docker-username", "discord-fa-client-secret", "vault-s3-bucket"):
            seen += conclude("command", 255, "", droplet.pulumi("preview").stdout).facts["missing_keys"]  # type: ignore[arg-type]
            droplet.pulumi("config", "set", key, "x")
        assert seen == ["layer_1:docker-username", "layer_1:discord-fa-client-secret", "layer_1:vault-s3-bucket"]
        assert droplet.pulumi("preview").returncode == 0

    @pytest.mark.parametrize(
        ("answer", "name"), [("401", "layer_1-12-preview-hub-401"), ("429", "layer_1-13-preview-hub-429")]
    )
    def test_the_hub_refuses(self, droplet: Droplet, answer: str, name: str) -> None:
        droplet.change(lambda state: state["registry"].update({"hub": answer}))
        done = droplet.pulumi("preview")
        assert done.returncode == 255
        assert lines(done.stdout) == lines(recorded(f"{name}.out"))

    def test_an_image_that_is_not_on_the_hub(self, droplet: Droplet) -> None:
        droplet.change(lambda state: state["registry"].update({"discord-forward-auth": "missing"}))
        assert "Request failed with status code 404" in droplet.pulumi("preview").stdout


class TestUpdate:
    def up(self, droplet: Droplet, *argv: str) -> tuple[subprocess.CompletedProcess[str], str]:
        done = droplet.pulumi("up", "--yes", "--skip-preview", "--event-log", "/root/events", *argv)
        return done, (droplet.root / "root/events").read_text()

    def test_our_reader_sees_sixteen_resources_made(self, droplet: Droplet) -> None:
        done, events = self.up(droplet, "--suppress-outputs")
        seen = conclude("update", done.returncode, events, done.stdout)
        assert seen.ok and not seen.interrupted
        assert (seen.facts["done"], seen.facts["started"], seen.facts["failed"]) == (16, 16, [])

    def test_its_events_have_the_shape_and_the_properties_of_the_real_ones(self, droplet: Droplet) -> None:
        _, events = self.up(droplet)
        ours = {each["urn"]: each for each in steps(events, "resOutputsEvent")}
        for step in steps(recorded("layer_1-15-up-first.events.jsonl"), "resOutputsEvent"):
            if step["op"] == "create":
                assert list(ours[step["urn"]]) == list(step)
                made = {**step["new"], "outputs": {**step["new"]["outputs"]}}
                if "mountpoint" in made["outputs"]:
                    made["outputs"]["mountpoint"] = made["outputs"]["mountpoint"].replace(
                        "/srv/docker", "/var/lib/docker"
                    )
                assert normal(ours[step["urn"]]["new"]) == {
                    **normal(made),
                    "id": normal(ours[step["urn"]]["new"])["id"],
                }
        assert json.loads(events.splitlines()[-1])["cancelEvent"] == {}

    def test_docker_has_what_it_made(self, droplet: Droplet) -> None:
        self.up(droplet)
        docker = droplet.state()["docker"]
        names = sorted(re.sub(r"-[0-9a-f]{7}$", "-#", each["name"]) for each in docker["services"])
        assert names == ["traefik-#", "traefik-fa-service-#", "traefik-socket-sock-proxy", "vault"]
        traefik = next(each for each in docker["services"] if re.fullmatch(r"traefik-[0-9a-f]{7}", each["name"]))
        assert traefik["ports"] == [8080, 8443]
        assert [len(docker[kind]) for kind in ("networks", "volumes", "configs")] == [3, 1, 3]

    def test_it_makes_what_the_plan_named(self, droplet: Droplet) -> None:
        droplet.pulumi("preview", "--json", "--save-plan", "/root/plan.json")
        done, _ = self.up(droplet, "--plan", "/root/plan.json")
        assert done.returncode == 0
        plans = json.loads((droplet.root / "root/plan.json").read_text())["resourcePlans"].values()
        planned = {row["state"]["name"] for row in plans if "Service::" in row["goal"]["type"] + "::" and row["state"]}
        assert {each["name"] for each in droplet.state()["docker"]["services"]} == planned

    def test_it_is_held_to_the_plan(self, droplet: Droplet) -> None:
        droplet.pulumi("preview", "--json", "--save-plan", "/root/plan.json")
        droplet.pulumi("config", "set", "hostname", "other.lab.test")
        done, events = self.up(droplet, "--plan", "/root/plan.json")
        assert done.returncode == 255
        first = conclude("update", 255, events, done.stdout).first_error
        assert re.match(
            r"Service vault-service: resource urn:\S+::vault-service violates plan: properties changed: \+\+", first
        )
        assert "vault" not in {each["name"] for each in droplet.state()["docker"]["services"]}

    def test_again_nothing_changes(self, droplet: Droplet) -> None:
        self.up(droplet)
        assert lines(droplet.pulumi("preview").stdout) == lines(recorded("layer_1-17-preview-no-change.out"))
        assert lines(droplet.pulumi("up", "--yes").stdout) == lines(recorded("layer_1-16-up-no-change.out"))

    def test_without_a_daemon_what_it_began_fails_and_the_next_one_carries_on(self, droplet: Droplet) -> None:
        droplet.change(lambda state: state["docker"].update(running=False))
        done, events = self.up(droplet)
        assert done.returncode == 255
        real = [line for line in lines(recorded("layer_1-14-up-no-daemon.out")) if "asaxplayinghorse" not in line]
        ours, theirs = set(lines(done.stdout)), {line.replace("1 error; 1 message", "1 error") for line in real}
        assert ours <= theirs
        # There the components are said to be made once more at the end.
        assert {line.split()[-1] for line in theirs - ours} == {"created"}
        assert len(conclude("update", 255, events, done.stdout).facts["failed"]) == 5  # type: ignore[arg-type]
        droplet.change(lambda state: state["docker"].update(running=True))
        again, _ = self.up(droplet)
        assert "+ 11 created" in again.stdout and "5 unchanged" in again.stdout

    def test_without_a_swarm(self, droplet: Droplet) -> None:
        droplet.change(lambda state: state["docker"].update(swarm="inactive"))
        assert "This node is not a swarm manager" in self.up(droplet)[0].stdout

    def test_another_secret_replaces_its_config_and_updates_the_service(self, droplet: Droplet) -> None:
        self.up(droplet)
        before = {each["name"] for each in droplet.state()["docker"]["configs"]}
        droplet.pulumi("config", "set", "--secret", "vault-s3-secret-key", stdin="another")
        done, _ = self.up(droplet)
        assert "    ~ 1 updated\n    +-1 replaced\n    2 changes. 14 unchanged\n" in done.stdout
        after = {each["name"] for each in droplet.state()["docker"]["configs"]}
        assert len(after) == 3 and len(after - before) == 1

    def test_a_name_that_is_taken(self, droplet: Droplet) -> None:
        self.up(droplet)
        droplet.change(lambda state: state["stacks"]["layer_1"]["resources"].clear())
        done, _ = self.up(droplet)
        assert "network with name traefik-ingress already exists" in done.stdout

    def test_destroyed_nothing_is_left(self, droplet: Droplet) -> None:
        self.up(droplet)
        done = droplet.pulumi("destroy", "--yes", "--skip-preview")
        assert lines(done.stdout) == lines(recorded("layer_1-30-destroy.out"))
        docker = droplet.state()["docker"]
        assert not any(docker[kind] for kind in ("services", "networks", "volumes", "configs"))
