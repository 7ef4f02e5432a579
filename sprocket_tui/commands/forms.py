"""A profile as a form on the screen: the questions that `profiles add` asks, with the name before them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from sprocket_tui import settings
from sprocket_tui.commands.profiles import QUESTIONS, applies, bad_name, default, fault, shown
from sprocket_tui.faces.tui.form import Field, Form
from sprocket_tui.settings import PROFILE_NAME, Profile
from sprocket_tui.target.ssh.named import named

_NAME = "name"
_LABELS = {"ssh_config": "SSH config", "address": "IP address", "http_port": "HTTP port", "https_port": "HTTPS port"}
_WORDS = {"environment": ("production", "staging", "development"), "sudo": ("no", "yes")}


def new(host: str) -> Form:
    """The questions of a new profile, that of `host` answered; an alias is a likely name."""
    taken = settings.profiles()
    likely = re.fullmatch(PROFILE_NAME, host) and host not in taken
    given = {"host": host, **({_NAME: host} if likely else {})}
    name = Field(_NAME, "name", "Name of the environment, as in staging")
    return Form(
        "New target",
        (name, *_fields()),
        partial(_fault, taken),
        applies,
        lambda answers: _saved(answers[_NAME], answers, {}),
        {key: value for key, value in given.items() if value},
    )


def edit(name: str) -> Form:
    """The questions of a saved profile, with its answers; its name stays, for runs know it by that."""
    kept: dict[str, Any] = settings.profile(name).model_dump(exclude_unset=True)
    given = {each: shown(kept[each]) for each in QUESTIONS if kept.get(each)}
    fixed = Field(_NAME, "name", "The name stays: runs know the profile by it", fixed=True)
    return Form(
        f"Profile {name}",
        (fixed, *_fields()),
        partial(_fault, {}),
        applies,
        lambda answers: _saved(name, answers, {each: value for each, value in kept.items() if each not in QUESTIONS}),
        {_NAME: name, **given},
    )


def _fields() -> tuple[Field, ...]:
    hosts = tuple(each.alias for each in named())
    return tuple(
        Field(
            name,
            _LABELS.get(name, name.replace("_", " ")),
            question,
            default(name),
            hosts if name == "host" else _WORDS.get(name, ()),
        )
        for name, question in QUESTIONS.items()
    )


def _fault(taken: Mapping[str, Profile], name: str, said: str, answers: Mapping[str, str]) -> str:
    if name != _NAME:
        return fault(name, said, {each: value for each, value in answers.items() if each in QUESTIONS})
    if said in taken:
        return f"there is a profile {said} already: another name, or Esc and `e` on that one"
    return bad_name(said, ())


def _saved(name: str, answers: Mapping[str, str], besides: Mapping[str, Any]) -> str:
    said = {each: answers.get(each) or default(each) for each in QUESTIONS if applies(each, answers)}
    new = Profile.model_validate({**besides, **{each: value for each, value in said.items() if value}})
    return f"Saved profile {name} in {settings.save(name, new)}."
