"""Operation config: every key of the step has the value of its variable; secrets are fed by stdin and never shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from shlex import join, quote
from typing import cast

from sprocket_tui.actions.base import Card, Change, Context, Job, Repair
from sprocket_tui.actions.pulumi import invoke
from sprocket_tui.actions.pulumi.reader import SAYS, PulumiReader
from sprocket_tui.checks.observation import Observation
from sprocket_tui.errors import SprocketError, Unread
from sprocket_tui.guide.templates import MissingVar, expand
from sprocket_tui.guide.words.verbs import ConfigKey
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Completed
from sprocket_tui.terminal import clean_bytes, one_line
from sprocket_tui.values import JSON

# Between the configuration as JSON and what was found about the secrets.
_MARK = "sprocket-secrets"
_SECONDS_A_KEY = 5.0


@dataclass(frozen=True)
class _Found:
    missing: tuple[str, ...]
    different: tuple[str, ...]
    undecryptable: tuple[str, ...]

    @property
    def to_set(self) -> tuple[str, ...]:
        return (*self.missing, *self.different, *self.undecryptable)


class Config:
    """`pulumi config set` for the keys that are missing or different; safe to run again."""

    def measures(self, context: Context) -> str:
        return "The stack's configuration, key by key, against your answers"

    def observe(self, context: Context) -> Observation:
        """Value {missing, different, undecryptable, complete}: two lists of keys, any secret not readable, all well."""
        try:
            found = _look(context)
        except SprocketError as error:
            return invoke.missing_value(error)
        value: dict[str, JSON] = {
            "missing": list[JSON](found.missing),
            "different": list[JSON](found.different),
            "undecryptable": bool(found.undecryptable),
            "complete": not found.to_set,
        }
        parts = (("missing", found.missing), ("different", found.different), ("not decryptable", found.undecryptable))
        seen = "; ".join(f"{word}: {', '.join(keys)}" for word, keys in parts if keys)
        return Observation(value, seen or "every key is set as answered")

    def prepare(self, context: Context) -> Job | None:
        return None

    def reader(self, context: Context, stage: str) -> PulumiReader:
        return PulumiReader("command")

    def card(self, context: Context, facts: Mapping[str, JSON]) -> Card:
        keys = invoke.words_of(context).keys
        plan = tuple(Change("update", "secret" if key.var in context.secrets else "plain", key.key) for key in keys)
        stack = invoke.stack_of(context)
        card = invoke.simple_card(context, stack.argv("config", "set", "KEY"), plan)
        return replace(card, commands=tuple(_command(context, stack, key) for key in keys))

    def perform(self, context: Context, facts: Mapping[str, JSON]) -> Job:
        """Sets what is missing, different or cannot be decrypted. Raises Unread when that cannot be seen."""
        stack = invoke.stack_of(context)
        wanted = set(_look(context).to_set)
        files, lines = dict[str, Secret](stack.files), list[str]()
        for number, key in enumerate(key for key in invoke.words_of(context).keys if key.key in wanted):
            if key.var in context.secrets:
                files[f"k{number}"] = context.secrets[key.var]
                line = f'{join(_command(context, stack, key))} <"$SPROCKET_TMP/k{number}"'
            else:
                line = join(_command(context, stack, key))
            lines.append(f"{line} && echo {quote(f'{SAYS}set {key.key}')} || exit")
        return Job(stack.script(*lines, ":"), stack.argv("config", "set", "KEY"), files=files)

    def examine(self, context: Context) -> Repair:
        return Repair(("Each key is set by itself; those that are not set yet are set when this is run again.",))


def _command(context: Context, stack: invoke.Stack, key: ConfigKey) -> tuple[str, ...]:
    """The command that sets one key; a secret's value comes by its standard input."""
    if key.var in context.secrets:
        return stack.argv("config", "set", "--secret", key.key)
    return (*stack.argv("config", "set", "--plaintext"), "--", key.key, _plain(context, key))


def _look(context: Context) -> _Found:
    """Compares on the target, so that no stored secret travels. Raises Unread when it cannot be seen."""
    stack = invoke.stack_of(context)
    keys = invoke.words_of(context).keys
    given = {f"k{n}": context.secrets[key.var] for n, key in enumerate(keys) if key.var in context.secrets}
    script = stack.script(
        join(stack.argv("config", "--json")) + " || exit",
        f"echo {_MARK}",
        # The first argument names the file with the answer, the second the key.
        f'check() {{ if held=$({join(stack.argv("config", "get"))} -- "$2" 2>/dev/null); then',
        '[ "$held" = "$(cat "$SPROCKET_TMP/$1")" ] && echo "$1 same" || echo "$1 different"',
        'else echo "$1 unread"; fi; }',
        *(f"check k{n} {quote(key.key)}" for n, key in enumerate(keys) if f"k{n}" in given),
    )
    timeout = invoke.SLOW + _SECONDS_A_KEY * len(given)
    done = context.read(script, timeout, {**stack.files, **given})
    if done.status and b"no stack named" in done.stderr:
        return _Found(tuple(key.key for key in keys), (), ())
    listed, answers = _parsed(done)
    return _judged(context, keys, listed, answers)


def _parsed(done: Completed) -> tuple[dict[str, JSON], dict[str, str]]:
    document, found, rest = done.stdout.partition(f"\n{_MARK}\n".encode())
    try:
        listed = cast("JSON", json.loads(document)) if found and done.status == 0 else None
    except ValueError:
        listed = None
    if not isinstance(listed, dict):
        raise Unread(f"the configuration could not be listed: {invoke.failure(done)}")
    pairs = (line.split() for line in clean_bytes(rest).splitlines())
    return listed, {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _judged(
    context: Context, keys: Iterable[ConfigKey], listed: Mapping[str, JSON], answers: Mapping[str, str]
) -> _Found:
    held = {name: row for name, row in listed.items() if isinstance(row, dict)}
    short = {name.partition(":")[2]: row for name, row in held.items()}
    missing, different, undecryptable = list[str](), list[str](), list[str]()
    for number, key in enumerate(keys):
        row = held.get(key.key) or short.get(key.key)
        answer = answers.get(f"k{number}")
        if row is None:
            missing.append(key.key)
        elif key.var in context.secrets:
            if answer == "unread":
                undecryptable.append(key.key)
            elif answer != "same" or row.get("secret") is not True:
                different.append(key.key)
        elif key.var in context.values and (row.get("secret") or row.get("value") != _plain(context, key)):
            different.append(key.key)
    return _Found(tuple(missing), tuple(different), tuple(undecryptable))


def _plain(context: Context, key: ConfigKey) -> str:
    """The text that a key without secrecy gets. Raises MissingVar."""
    if context.values.get(key.var) is None:
        raise MissingVar(key.var)
    return one_line(expand(f"${{{key.var}}}", context.values))
