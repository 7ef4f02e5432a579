import base64
import json
import pickle
import shlex
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprocket_tui.redaction import Redactor, called
from sprocket_tui.secret import Secret

CANARY = "c4n4ry/with+odd chars'\"&\\x"


@pytest.mark.parametrize(
    "written",
    [
        CANARY,
        json.dumps(CANARY),
        quote(CANARY, safe=""),
        shlex.quote(CANARY),
        CANARY.encode().hex(),
        CANARY.encode().hex().upper(),
        f"00{CANARY.encode().hex()}ff",
        base64.b64encode(CANARY.encode()).decode(),
        base64.b64encode(b"x" + CANARY.encode()).decode(),
        base64.b64encode(b"user:" + CANARY.encode() + b"@tail").decode(),
        base64.urlsafe_b64encode(b"xy" + CANARY.encode()).decode(),
    ],
)
def test_a_secret_is_masked_in_every_form_a_program_may_print_it(written: str) -> None:
    masked = Redactor([Secret(CANARY, "token")]).text(f"before {written} after")
    assert CANARY not in masked
    assert base64.b64encode(CANARY.encode()).decode()[4:-4] not in masked
    assert "[secret token]" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def test_every_line_of_a_secret_of_several_lines_is_masked() -> None:
    redactor = Redactor([Secret("first-line\nsecond-line\n", "key")])
    assert redactor.text("error near second-line") == "error near [secret key]"


def test_a_secret_with_blanks_is_known_in_a_text_that_was_put_on_one_line() -> None:
    assert Redactor([Secret("correct  horse\tstaple", "phrase")]).text("no correct horse staple") == (
        "no [secret phrase]"
    )


def test_the_longer_of_two_secrets_wins_where_one_holds_the_other() -> None:
    redactor = Redactor([Secret("abcd", "short"), Secret("abcdefgh", "long")])
    assert redactor.text("abcdefgh abcd") == "[secret long] [secret short]"


def test_a_value_too_short_to_mask_leaves_the_reason_readable() -> None:
    assert Redactor([Secret("no", "flag")]).text("no such host") == "no such host"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("token hvs.CAESIJ0123456789abcdefghijk end", "token [secret] end"),
        ("key DO00ABCDEFGHIJKLMNOP end", "key [secret] end"),
        ("postgresql://doadmin:s3cr3t@db:25060/x", "postgresql://doadmin:[secret]@db:25060/x"),
        ("redis://:s3cr3t@redis:6379", "redis://:[secret]@redis:6379"),
        ("https://s3.test/b?X-Amz-Signature=0a1b&x=1", "https://s3.test/b?X-Amz-Signature=[secret]&x=1"),
        ("https://api.test?access_token=abc end", "https://api.test?access_token=[secret] end"),
        ("https://api.test/#id_token=abc&n=1", "https://api.test/#id_token=[secret]&n=1"),
        ("https://api.test?key=abc&pwd=d&monkey=e", "https://api.test?key=[secret]&pwd=[secret]&monkey=e"),
        ("https://0123456789abcdef0123@git.test/x", "https://[secret]@git.test/x"),
        ("https://x-access-token@git.test/x", "https://x-access-token@git.test/x"),
        ("s3://state?endpoint=fra1.test&s3ForcePathStyle=true", "s3://state?endpoint=fra1.test&s3ForcePathStyle=true"),
        ("pat dckr_pat_0123456789abcdefghijklm end", "pat [secret] end"),
        ("pat github_pat_11ABCDEFG0abcdefghijkl_xyz end", "pat [secret] end"),
        ("id GOCSPX-abcdefghijklmnopqrst-uvw end", "id [secret] end"),
        (f"bot MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.{'Zn' * 14} end", "bot [secret] end"),
        ("https://discord.com/api/webhooks/1234/abc-DEF_0 end", "https://discord.com/api/webhooks/1234/[secret] end"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\nthat was cut", "[secret]"),
    ],
)
def test_what_looks_like_a_token_is_masked_without_being_known(text: str, rest: str) -> None:
    assert Redactor().text(text) == rest


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("POSTGRES_PASSWORD=abc end", "POSTGRES_PASSWORD=[secret] end"),
        ("password='abc' user=bob", "password='[secret]' user=bob"),
        ("vault login --token=abc end", "vault login --token=[secret] end"),
        ("docker login --password abc end", "docker login --password [secret] end"),
        ('{"db_password": "a b c", "user": "bob"}', '{"db_password": "[secret]", "user": "bob"}'),
        ("Authorization: Bearer abc.def end", "Authorization: Bearer [secret] end"),
        ("< authorization: Basic YWJj", "< authorization: Basic [secret]"),
        ("X-Vault-Token: abc end", "X-Vault-Token: [secret] end"),
        ("PASSWORD='a b c' end", "PASSWORD='[secret]' end"),
        ("--password \"my 'pass' phrase\" end", '--password "[secret]" end'),
        ("PASSWORD=abc;def,ghi&jkl end", "PASSWORD=[secret] end"),
        ('{"db_password": "it\'s me"}', '{"db_password": "[secret]"}'),
        ('{"password": "ab\\"cd"}', '{"password": "[secret]"}'),
        ("vault_s3_secret_key=abc end", "vault_s3_secret_key=[secret] end"),
        ('"secretKey": "abc"', '"secretKey": "[secret]"'),
        ('Authorization: Bearer "abc" end', 'Authorization: Bearer "[secret]" end'),
    ],
)
def test_what_its_name_says_to_be_secret_is_masked_where_it_leaves_the_house(text: str, rest: str) -> None:
    assert called(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "POSTGRES_PASSWORD_FILE=/run/secrets/pg",
        "VAULT_TOKEN=$(cat token)",
        "docker login --password-stdin",
        "pulumi config set --secret layer:password",
        "`check` takes it from the file named with --given (a line `docker_access_token: {file: PATH}`)",
        "it begins with -----BEGIN PRIVATE KEY-----\n",
        "authorization failed: permission denied",
        "X-Forwarded-For: 10.0.0.1",
        "the token: it has expired",
    ],
)
def test_what_explains_and_is_no_value_stays(text: str) -> None:
    assert called(Redactor().text(text)) == text


@given(st.text(min_size=8, max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_known_secret_survives_in_any_text(value: str, before: str, after: str) -> None:
    if len(value.strip()) < 4:
        return
    masked = Redactor([Secret(value, "s")]).text(before + value + after)
    assert value not in masked.replace("[secret s]", "").replace("[secret]", "")


def test_a_secret_shows_only_its_name() -> None:
    secret = Secret("hunter22", "password")
    shown = f"{secret} {secret!r} {secret:>20} {[secret]}"
    assert "hunter22" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_fingerprint_tells_two_secrets_apart_and_gives_neither_away() -> None:
    assert Secret("one").fingerprint != Secret("two").fingerprint
    assert len(Secret("one").fingerprint) == 4


def test_a_text_that_was_cut_within_a_secret_keeps_nothing_of_it() -> None:
    redactor = Redactor([Secret("abcdefgh", "key")])
    for length in range(9):
        assert redactor.beginning("said " + "abcdefgh"[:length]) in {"said ", "said [secret key]"}
