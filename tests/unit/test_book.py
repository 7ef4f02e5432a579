import threading
from collections.abc import Callable

import pytest

from sprocket_tui.engine.book import Book, Secrets
from sprocket_tui.engine.desk import Answer, Decline, Desk, Leave, Left, Question
from sprocket_tui.errors import NeedsAnswer
from sprocket_tui.guide.fitting import parse
from sprocket_tui.guide.model import Guide, Var
from sprocket_tui.journal.events import Answered, Asked, Fact, RunStarted, SecretGiven, ValuesSet
from sprocket_tui.journal.replay import RunState
from sprocket_tui.redaction import Redactor
from sprocket_tui.secret import Secret

VARS = (
    Var(name="hostname", title="Domain", type="hostname", profile="domain"),
    Var(name="port", title="Port", type="int", default=80),
    Var(name="token", title="Token", secret=True),
    Var(name="phrase", title="Passphrase", secret=True, twice=True),
)


class Table:
    """A desk, a book on it, and what was recorded; `says` answers the questions in order."""

    def __init__(self, *says: str | Secret, state: RunState | None = None, prepared: bool = False) -> None:
        self.facts: list[Fact] = []
        self.said, self.prepared = list(says), prepared
        self.desk = Desk(self.take)
        self.state = state or RunState()
        self.redactor = Redactor()
        empty = dict(name="g", version="1", digest="d", origin="t", screens=(), checklists=(), hints=())
        self.book = Book(Guide(vars=VARS, **empty), self.state, self.desk, self.take, self.redactor)

    def take(self, fact: Fact) -> None:
        self.facts.append(fact)
        if isinstance(fact, Asked):
            said = Answer(fact.id, self.said.pop(0), "me", self.prepared) if self.said else Decline(fact.id, "nobody")
            self.desk.post(said)
        if isinstance(fact, ValuesSet):
            self.state.values.update(fact.values)

    def asked(self) -> list[Asked]:
        return [fact for fact in self.facts if isinstance(fact, Asked)]


def test_an_answer_is_kept_and_not_asked_for_again() -> None:
    table = Table("A.Example")
    table.book.ask("s", "hostname")
    table.book.ask("s", "hostname")
    assert table.book.values["hostname"] == "a.example"
    assert len(table.asked()) == 1


def test_a_value_of_the_profile_is_not_asked_for() -> None:
    state = RunState(values={"domain": "p.example"})
    table = Table(state=state)
    table.book.ask("s", "hostname")
    assert table.book.values["hostname"] == "p.example"
    assert table.asked() == []


def test_a_wrong_answer_is_asked_again_and_says_what_is_wrong() -> None:
    table = Table("eighty", "8080")
    table.book.ask("s", "port")
    assert table.book.values["port"] == 8080
    assert table.asked()[1].text == "Not taken: a whole number.\nPort"


def test_a_person_may_be_wrong_as_often_as_they_like() -> None:
    table = Table(*["eighty"] * 50, "8080")
    table.book.ask("s", "port")
    assert table.book.values["port"] == 8080


def test_prepared_answers_that_never_fit_end_the_walk_and_say_which() -> None:
    table = Table(*["eighty"] * 50, prepared=True)
    with pytest.raises(NeedsAnswer) as error:
        table.book.ask("s", "port")
    assert error.value.message == "Of what was prepared, no answer to s/port fits: a whole number"


def test_what_does_not_print_is_no_answer() -> None:
    table = Table("red\x1b]0;x\x07", "8080")
    table.book.ask("s", "port")
    assert "characters that do not print" in table.asked()[1].text


def test_a_default_is_what_an_unattended_run_answers() -> None:
    table = Table()
    table.book.ask("s", "port")
    assert table.book.values["port"] == 80


def test_a_question_without_a_default_ends_an_unattended_run_with_its_id() -> None:
    table = Table()
    with pytest.raises(NeedsAnswer, match="s/hostname"):
        table.book.ask("s", "hostname")


def test_a_secret_is_journaled_by_name_and_fingerprint_alone() -> None:
    table = Table(Secret("canary-7781"))
    table.book.ask("s", "token")
    given = next(fact for fact in table.facts if isinstance(fact, SecretGiven))
    assert given == SecretGiven("token", Secret("canary-7781").fingerprint)
    assert all("canary" not in str(fact.data()) for fact in table.facts)
    assert next(fact for fact in table.facts if isinstance(fact, Answered)).answer == ""
    assert table.redactor.text("canary-7781") == "[secret token]"


def test_secrets_of_an_earlier_session_are_asked_for_again_before_output_is_taken_in() -> None:
    table = Table(Secret("canary-7781"), state=RunState(fingerprints={"token": Secret("canary-7781").fingerprint}))
    table.book.give_again()
    assert table.redactor.text("canary-7781") == "[secret token]"
    assert "never kept" in table.asked()[0].text


def test_of_several_secrets_that_are_asked_for_again_each_says_which_of_them_it_is() -> None:
    given = {"token": Secret("canary-7781"), "phrase": Secret("canary-7782")}
    table = Table(
        *given.values(), state=RunState(fingerprints={name: each.fingerprint for name, each in given.items()})
    )
    table.book.give_again()
    assert [each.text for each in table.asked()] == [
        "Token (again, 1 of 2: secrets are never kept)",
        "Passphrase (again, 2 of 2: secrets are never kept)",
    ]


def test_a_secret_that_is_not_the_one_given_before_is_not_taken_for_it() -> None:
    before = RunState(fingerprints={"token": Secret("canary-7781").fingerprint})
    table = Table(Secret("mistyped"), "no", Secret("canary-7781"), state=before)
    table.book.give_again()
    assert [asked.id for asked in table.asked()] == ["connection/token", "connection/changed", "connection/token"]
    assert table.book.secret("token") == Secret("canary-7781")
    assert not any(isinstance(fact, SecretGiven) for fact in table.facts)


def test_a_secret_that_was_changed_since_is_taken_when_a_person_says_so() -> None:
    before = RunState(fingerprints={"token": Secret("canary-7781").fingerprint})
    table = Table(Secret("rotated"), "yes", state=before)
    table.book.give_again()
    assert table.book.secret("token") == Secret("rotated")
    assert SecretGiven("token", Secret("rotated").fingerprint) in table.facts


def test_nobody_there_to_say_that_a_secret_was_changed_ends_the_run() -> None:
    table = Table(Secret("mistyped"), state=RunState(fingerprints={"token": Secret("canary-7781").fingerprint}))
    with pytest.raises(NeedsAnswer):
        table.book.give_again()


def test_a_passphrase_is_typed_twice_the_first_time_alone() -> None:
    secret = Secret("canary-7781")
    for state, twice in ((RunState(), True), (RunState(fingerprints={"phrase": secret.fingerprint}), False)):
        table = Table(secret, state=state)
        table.book.secret("phrase")
        assert table.asked()[0].twice is twice


def test_only_declared_secrets_are_looked_for() -> None:
    secrets = Secrets(Table().book)
    assert "token" in secrets
    assert "hostname" not in secrets
    assert list(secrets) == ["token", "phrase"]
    with pytest.raises(KeyError):
        secrets["hostname"]


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        ("text", "x y", "x y"),
        ("int", "-3", -3),
        ("bool", "Yes", True),
        ("hostname", "A.b-c.Example", "a.b-c.example"),
        ("address", "2001:DB8::1", "2001:db8::1"),
        ("path", "~/x", "~/x"),
        ("url", "s3://bucket?region=x", "s3://bucket?region=x"),
        ("names", "1.1.1.1, 9.9.9.9", ["1.1.1.1", "9.9.9.9"]),
    ],
)
def test_an_answer_becomes_a_value_of_its_type(kind: str, said: str, value: object) -> None:
    assert parse(Var.model_validate({"name": "v", "title": "V", "type": kind}), said) == ("", value)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("int", "3.5"), ("bool", "maybe"), ("hostname", "a b"), ("address", "300.1.1.1"), ("path", "x"), ("url", "x")],
)
def test_an_answer_of_the_wrong_type_is_refused_with_a_reason(kind: str, said: str) -> None:
    wrong, value = parse(Var.model_validate({"name": "v", "title": "V", "type": kind}), said)
    assert wrong
    assert value is None


def leaving(act: Callable[[Desk], object]) -> None:
    desk = Desk(lambda fact: None)
    threading.Timer(0.05, desk.post, [Leave()]).start()
    with pytest.raises(Left):
        act(desk)


def test_leaving_ends_a_question_and_a_wait() -> None:
    leaving(lambda desk: desk.ask(Question("s/x", "text", "?")))
    leaving(lambda desk: desk.pause(30))


def test_an_answer_to_another_question_is_not_taken() -> None:
    desk = Desk(lambda fact: None)
    desk.post(Answer("s/earlier", "typed ahead", "me"))
    desk.post(Answer("s/x", "right", "me"))
    assert desk.ask(Question("s/x", "text", "?")) == "right"


def test_a_run_starts_with_its_profile_as_values() -> None:
    started = RunStarted("r", "local", "", "me", "g", "1", "d", {"domain": "p.example"})
    assert started.data()["profile_values"] == {"domain": "p.example"}


def test_a_value_that_does_not_fit_is_answered_in_the_words_of_the_guide() -> None:
    told = Var(name="endpoint", title="Endpoint", pattern="^https://.+$", fits="it begins with https://")
    assert parse(told, "nyc3") == ("it begins with https://", None)
    assert parse(told.model_copy(update={"fits": ""}), "nyc3") == ("must match ^https://.+$", None)
    assert parse(told, "https://nyc3.example") == ("", "https://nyc3.example")
