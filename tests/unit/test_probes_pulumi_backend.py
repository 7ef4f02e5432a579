"""Pulumi's backend: a server shaped like Pulumi Cloud's, and what a droplet's pulumi says of one's own."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pydantic import ValidationError

from sprocket_tui.checks.measure import Measurement, Target, measure
from sprocket_tui.checks.observation import Observation
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Link
from sprocket_tui.target.local import LocalLink
from tests.lab.pulumi_cloud import CANARY, ORGANISATION, STACKS, TOKEN, PulumiCloud, pending
from tests.lab.web import serving
from tests.unit.checks_kit import probe
from tests.unit.fakes import FakeLink

SECRETS = {"token": Secret(TOKEN, "token"), "key": Secret("AKEY", "key"), "hidden": Secret("s3cr3t-key", "hidden")}
URN = "urn:pulumi:layer_1::layer_1::docker:index/network:Network::traefik-network"


def asked(backend: str, link: Link | None = None, path: tuple[str, ...] = (), **fields: Any) -> Observation:
    words = probe(
        "pulumi-backend",
        **{
            "backend": backend,
            "organisation": ORGANISATION,
            "stacks": STACKS,
            "token": "token",
            "access_key": "key",
            "secret_key": "hidden",
            **fields,
        },
    )
    wanted = Measurement(words, "here")
    return measure([wanted], target=Target(link, path=path), secrets=SECRETS, deadline=20)[wanted.key]


def value(observation: Observation) -> dict[str, Any]:
    assert isinstance(observation.value, dict), observation.reason
    return observation.value


def of(**facts: Any) -> Observation:
    """What is seen of a server with these facts."""
    with serving(type("Changed", (PulumiCloud,), facts)) as address:
        observation = asked(address)
    assert CANARY not in repr(observation)
    assert TOKEN not in repr(observation)
    return observation


def test_all_stacks_of_the_organisation_are_found_over_several_pages() -> None:
    observation = of()
    found = value(observation)
    assert (found["state"], found["kind"], found["user"], found["member"]) == ("ok", "cloud", "ada", True)
    assert found["organisations"] == ["ada", ORGANISATION]
    assert (found["present"], found["missing"]) == ([f"{ORGANISATION}/{name}" for name in STACKS], [])
    assert (found["locks"], found["pending"]) == (0, 0)
    assert observation.seen == (
        "logged in as ada; stacks: gankoji/layer_1/layer_1, gankoji/layer_2/layer_2, gankoji/platform/prod"
    )


def test_a_stack_of_the_same_name_elsewhere_is_not_taken_for_the_organisations() -> None:
    found = value(of(stacks=("ada/layer_1/layer_1",), organisations=("ada",)))
    assert (found["present"], found["missing"], found["member"]) == ([], list(STACKS), False)


def test_an_account_of_the_same_name_is_its_own_organisation() -> None:
    assert value(of(user=ORGANISATION, organisations=()))["member"] is True


def test_an_update_that_runs_is_a_lock_with_its_holder() -> None:
    whole = f"{ORGANISATION}/{STACKS[0]}"
    observation = of(running={whole: {"kind": "update", "author": "grace", "started": 1767225600}})
    found = value(observation)
    assert (found["locks"], found["locked"]) == (1, [whole])
    assert found["holders"] == ["grace (update) since 2026-01-01 00:00 UTC"]
    assert f"locked: {whole} by grace" in observation.seen


def test_pending_operations_are_told_by_kind_and_urn_and_by_nothing_that_they_hold() -> None:
    whole = f"{ORGANISATION}/{STACKS[0]}"
    found = value(of(cut_off={whole: [pending("creating", URN), pending("updating", f"{URN}-2")]}))
    assert (found["pending"], found["pending_in"], found["pending_projects"]) == (2, [whole], ["layer_1"])
    assert found["operations"] == [f"creating {URN}", f"updating {URN}-2"]


def test_a_token_that_is_not_known_is_refused_and_not_repeated() -> None:
    with serving(PulumiCloud) as address:
        SECRETS["wrong"] = Secret("pul-" + "f" * 40, "wrong")
        observation = asked(address, token="wrong")
    found = value(observation)
    assert (found["state"], found["locks"], found["present"]) == ("refused", None, [])
    assert observation.seen.startswith("Pulumi Cloud answers 401: Unauthorized")
    assert "f" * 40 not in repr(observation)


@pytest.mark.parametrize("document", [[], {}, {"githubLogin": 7}, {"githubLogin": "a", "organizations": "gankoji"}])
def test_an_answer_of_another_form_is_unknown(document: object) -> None:
    observation = of(_answer=lambda self, path, query: document)  # pyright: ignore[reportUnknownLambdaType]
    assert not observation.measured


def test_a_list_of_stacks_that_goes_on_for_ever_is_unknown() -> None:
    def answer(self: PulumiCloud, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        return {"githubLogin": "ada", "stacks": [], "continuationToken": "again"}

    assert "more than 50 pages of stacks" in of(_answer=answer).reason


FULL = f"organization/{STACKS[0]}"
# As the real one prints it, down to the blanks.
STATE = {
    "version": 3,
    "deployment": {
        "manifest": {"time": "2026-11-26T19:44:21Z", "magic": "m", "version": "v3.190.0"},
        "resources": [{"urn": "urn:pulumi:x", "type": "pulumi:pulumi:Stack", "outputs": {"type": CANARY}}],
        "pending_operations": [
            {
                "resource": {
                    "urn": URN,
                    "custom": True,
                    "type": "docker:index/network:Network",
                    "inputs": {"a": CANARY},
                },
                "type": "creating",
            }
        ],
        "metadata": {},
    },
}


class Own:
    """A droplet with a directory for the state, and a pulumi that says what it was told."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "the state"
        (self.root / ".pulumi").mkdir(parents=True)
        self.bin = directory / "bin"
        self.bin.mkdir()
        self.directory = directory
        self.says("whoami", json.dumps({"user": "root", "url": f"file://{self.root}"}))
        self.says("ls", json.dumps([{"name": FULL, "current": False}], indent=2))
        self.says("export", json.dumps(STATE, indent=4))
        self.does(
            'case "$1 $2" in "stack ls") cat {0}/ls ;; "stack export") cat {0}/export ;; *) cat {0}/whoami ;; esac'
        )

    def says(self, command: str, text: str) -> None:
        (self.directory / command).write_text(f"{text}\n")

    def does(self, script: str) -> None:
        program = self.bin / "pulumi"
        program.write_text("#!/bin/sh\n" + script.replace("{0}", str(self.directory)) + "\n")
        program.chmod(0o755)

    def lock(self, **fields: Any) -> None:
        place = self.root / ".pulumi/locks" / FULL
        place.mkdir(parents=True, exist_ok=True)
        held = {
            "pid": 4194305,
            "username": "grace",
            "hostname": "laptop",
            "timestamp": "2026-11-26T10:00:00Z",
            **fields,
        }
        (place / f"{len(list(place.iterdir()))}.json").write_text(json.dumps(held))

    def seen(self, backend: str = "", link: Link | None = None) -> Observation:
        observation = asked(backend or f"file://{self.root}", link or LocalLink(), (str(self.bin),))
        assert CANARY not in repr(observation)
        return observation


@pytest.fixture
def own(tmp_path: Path) -> Own:
    return Own(tmp_path)


def test_the_droplets_pulumi_tells_who_which_stacks_and_what_was_cut_off(own: Own) -> None:
    found = value(own.seen())
    assert (found["state"], found["kind"], found["user"], found["member"]) == ("ok", "own", "root", False)
    assert (found["present"], found["missing"]) == ([FULL], ["layer_2/layer_2", "platform/prod"])
    assert (found["locks"], found["pending"], found["pending_in"]) == (0, 1, [FULL])
    assert found["operations"] == [f"creating {URN}"]


def test_a_lock_of_another_machine_is_told_and_nobody_says_whether_it_lives(own: Own) -> None:
    own.lock()
    own.lock(username="ada")
    found = value(own.seen())
    assert (found["locks"], found["running"], found["locked"]) == (2, 0, [FULL, FULL])
    assert found["holders"] == [
        "grace@laptop (pid 4194305) since 2026-11-26T10:00:00Z",
        "ada@laptop (pid 4194305) since 2026-11-26T10:00:00Z",
    ]


def test_a_lock_that_cannot_be_read_is_unknown(own: Own) -> None:
    own.lock()
    (next((own.root / ".pulumi/locks" / FULL).iterdir())).write_text("half a l")
    assert own.seen().reason == "a lock of the backend could not be read"


def test_a_directory_without_a_state_is_left_alone(own: Own) -> None:
    (own.root / ".pulumi").rmdir()
    own.does("exit 1")
    found = value(own.seen())
    assert (found["state"], found["present"], found["locks"]) == ("ok", [], 0)
    assert not list(own.root.iterdir())


def test_a_backend_that_does_not_open_is_told_in_pulumis_words(own: Own) -> None:
    own.does('echo "error: problem logging in: \x1b[31mAccess Denied" >&2; exit 255')
    observation = own.seen()
    assert (value(observation)["state"], observation.seen) == (
        "closed",
        "the backend does not open: problem logging in: Access Denied",
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sleep 60", "pulumi did not answer in time"),
        ("echo panic >&2; exit 2", "panic"),
        ("echo '[[['", "the answer of pulumi is not JSON"),
        ("echo '{}'", "the answer of pulumi could not be read"),
    ],
)
def test_a_pulumi_that_cannot_be_read_is_unknown(script: str, reason: str, own: Own) -> None:
    own.does(script)
    observation = asked(f"file://{own.root}", LocalLink(), (str(own.bin),), timeout=3)
    assert observation.reason == reason


@pytest.mark.parametrize("text", ["", "{}", json.dumps(STATE)])
def test_a_state_in_another_form_is_unknown_and_not_taken_for_one_without_pending_operations(
    text: str, own: Own
) -> None:
    own.says("export", text)
    assert own.seen().reason == f"the state of {FULL} could not be read"


def test_a_bucket_is_opened_with_keys_in_a_file_on_tmpfs_that_is_gone_afterwards(own: Own) -> None:
    own.does(
        'cp "$AWS_SHARED_CREDENTIALS_FILE" {0}/keys; echo "$AWS_SHARED_CREDENTIALS_FILE" >{0}/where; '
        'case "$1 $2" in "stack ls") echo "[]" ;; *) cat {0}/whoami ;; esac'
    )
    link = FakeLink()
    found = value(own.seen("s3://state?endpoint=x&region=us-east-1", link))
    assert found["missing"] == list(STACKS)
    assert "aws_secret_access_key=s3cr3t-key" in (own.directory / "keys").read_text()
    kept = Path((own.directory / "where").read_text().strip())
    assert kept.is_relative_to("/dev/shm")
    assert not kept.exists()


class Bucket(BaseHTTPRequestHandler):
    """A bucket with these objects, below the prefix that the state has in it."""

    objects: ClassVar[dict[str, str]] = {}
    status: ClassVar[int] = 200

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        prefix = parse_qs(url.query).get("prefix", [""])[0]
        listed = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in self.objects if name.startswith(prefix))
        listing = f"<?xml version='1.0'?><ListBucketResult>{listed}</ListBucketResult>"
        name = unquote(url.path).removeprefix("/state").removeprefix("/")
        data = (self.objects[name] if name else listing).encode()
        signed = "Credential=AKEY/" in self.headers.get("Authorization", "")
        self.send_response(self.status if signed else 403)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def in_bucket(own: Own, **facts: Any) -> dict[str, Any]:
    with serving(type("Changed", (Bucket,), facts)) as address:
        return value(own.seen(f"s3://state/team?endpoint={address}&region=nyc3&s3ForcePathStyle=true"))


def test_the_locks_of_a_bucket_are_read_from_here(own: Own) -> None:
    held = {"pid": 7, "username": "grace", "hostname": "laptop", "timestamp": "2026-11-26T10:00:00Z"}
    found = in_bucket(
        own,
        objects={
            f"team/.pulumi/locks/{FULL}/0.json": json.dumps(held),
            f"team/.pulumi/locks/{FULL}-2/0.json": json.dumps(held),
        },
    )
    assert (found["locks"], found["locked"]) == (1, [FULL])
    assert found["holders"] == ["grace@laptop (pid 7) since 2026-11-26T10:00:00Z"]
    assert in_bucket(own)["locks"] == 0


def test_locks_that_a_bucket_does_not_show_are_not_taken_for_none(own: Own) -> None:
    assert in_bucket(own, status=403)["locks"] is None
    assert in_bucket(own, objects={f"team/.pulumi/locks/{FULL}/0.json": "half a l"})["locks"] is None
    observation = own.seen("s3://state?endpoint=http://127.0.0.1:1&region=nyc3")
    assert value(observation)["locks"] is None
    assert "locks are not told: 127.0.0.1:1 gave no answer: " in observation.seen


# As pulumi 3.190 says it, by what the bucket's server did.
UNANSWERED = {
    "refused": 'RequestError: send request failed\ncaused by: Get "http://127.0.0.1:1/state/.pulumi/meta.yaml": '
    "dial tcp 127.0.0.1:1: connect: connection refused",
    "not of S3": "SerializationError: failed to unmarshal error message\n\tstatus code: 403, request id: \n"
    "caused by: UnmarshalError: failed to unmarshal error message\n"
    "caused by: expected element type <Error> but have <html>",
    "its own error": "BadGateway: Bad Gateway\n\tstatus code: 502, request id: , host id: ",
}


@pytest.mark.parametrize("manner", UNANSWERED)
def test_a_bucket_that_gives_no_answer_is_unknown_and_nobody_is_told_to_make_one(manner: str, own: Own) -> None:
    (own.directory / "said").write_text(f'error: read ".pulumi/meta.yaml": blob (code=Unknown): {UNANSWERED[manner]}\n')
    own.does("cat {0}/said >&2; exit 255")
    observation = own.seen("s3://state?endpoint=x&region=us-east-1", FakeLink())
    assert not observation.measured
    assert observation.reason.startswith("the bucket gave no answer that can be judged: ")
    assert UNANSWERED[manner].rpartition("caused by: ")[2].splitlines()[0] in observation.reason
    assert "make no new bucket" in observation.to_do


@pytest.mark.parametrize("code", ["NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"])
def test_a_bucket_that_answers_does_not_open(code: str, own: Own) -> None:
    own.does(
        f'echo "error: blob (code=Unknown): {code}: m" >&2; echo "	status code: 403, request id: " >&2; exit 255'
    )
    observation = own.seen("s3://state?endpoint=x&region=us-east-1", FakeLink())
    assert (value(observation)["state"], code in observation.seen) == ("closed", True)


def test_stacks_without_projects_are_not_told_as_none(own: Own) -> None:
    own.says("ls", json.dumps([{"name": "layer_1", "current": False}]))
    observation = own.seen()
    assert (value(observation)["state"], value(observation)["locks"]) == ("old", None)
    assert observation.seen == "its stacks are of the layout without projects: layer_1"


def test_without_pulumi_on_the_droplet_it_says_so(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    (own.bin / "pulumi").unlink()
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert own.seen().reason == "pulumi was not found"


def test_an_address_of_another_kind_is_unknown() -> None:
    assert asked("gs://bucket").reason == "the backend is neither https://, s3:// nor file:///"


def test_a_stack_is_named_with_its_project() -> None:
    with pytest.raises(ValidationError, match="pattern"):
        asked("https://api.pulumi.com", stacks=["layer_1"])
