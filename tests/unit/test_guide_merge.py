"""A guide that extends the bundled one replaces whole elements by id and adds the rest."""

from pathlib import Path

import pytest

from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.problems import GuideError

INDEX = """\
schema: 1
name: mine
version: "7"
extends: bundled
vars: [{name: hostname, title: Our domain}, {name: extra, title: Extra}]
screens: [more.yaml]
checklists: [more.yaml, node.yaml]
hints: [more.yaml]
"""
SCREEN = """\
id: more
title: More
chapter: Ours
why: We do more.
steps:
  - {id: node.check, title: Another look, read: }
  - {id: more.step, title: One more, read: }
"""
CHECK = """\
  - id: {id}
    title: {title}
    why: We say so.
    probe: {{kind: node, fact: cpus}}
    outcomes: [{{when: {{exists: value.count}}, state: pass}}]
    expected: any
    remedy: {{text: None.}}
"""
HINT = "  - {{id: {id}, title: Ours, cause: Ours, symptoms: [ours], remedy: {{text: Ours}}}}\n"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    head = "id: {id}\ntitle: Ours\nwhy: Ours\npause_point: Ours\nchecks:\n"
    files = {
        "screens/index.yaml": INDEX,
        "screens/more.yaml": SCREEN,
        "checklists/more.yaml": head.format(id="more")
        + CHECK.format(id="software.git", title="Our git")
        + CHECK.format(id="more.check", title="Ours"),
        "checklists/node.yaml": head.format(id="node") + CHECK.format(id="node.cpus", title="Ours"),
        "checklists/hints/more.yaml": "hints:\n" + HINT.format(id="pulumi.locked") + HINT.format(id="more.hint"),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_an_element_with_a_known_id_takes_its_place_where_it_stands(mine: Path) -> None:
    ours, bundled = load_guide(mine), load_guide()
    assert list(ours.steps())[: len(bundled.steps())] == list(bundled.steps())
    assert ours.steps()["node.check"].title == "Another look"
    software = next(each for each in ours.checklists if each.id == "software")
    assert "Our git" in [check.title for check in software.checks]
    assert next(hint for hint in ours.hints if hint.id == "pulumi.locked").title == "Ours"
    assert [var.title for var in ours.vars if var.name == "hostname"] == ["Our domain"]


def test_a_checklist_with_a_known_id_is_replaced_whole(mine: Path) -> None:
    node = next(each for each in load_guide(mine).checklists if each.id == "node")
    assert [check.id for check in node.checks] == ["node.cpus"]


def test_what_is_new_is_added_at_the_end(mine: Path) -> None:
    ours = load_guide(mine)
    assert ours.screens[-1].id == "more"
    assert [step.id for step in ours.screens[-1].steps] == ["more.step"]
    assert [check.id for check in ours.checklists[-1].checks] == ["more.check"]
    assert ours.hints[-1].id == "more.hint"


def test_every_replacement_is_named_and_stands_where_the_new_one_stands(mine: Path) -> None:
    ours = load_guide(mine)
    assert set(ours.replaced) == {
        "var hostname",
        "step node.check",
        "checklist node",
        "check node.cpus",
        "check software.git",
        "hint pulumi.locked",
    }
    assert ours.places["check software.git"] == "checklists/more.yaml:6"


def test_a_screen_of_which_nothing_is_left_is_not_added(mine: Path) -> None:
    path = mine / "screens" / "more.yaml"
    path.write_text(path.read_text().replace("  - {id: more.step, title: One more, read: }\n", ""))
    assert [screen.id for screen in load_guide(mine).screens] == [screen.id for screen in load_guide().screens]


def test_a_change_of_either_guide_changes_the_digest(mine: Path) -> None:
    before = load_guide(mine).digest
    path = mine / "screens" / "more.yaml"
    path.write_text(path.read_text() + "# a word more\n")
    assert len({before, load_guide(mine).digest, load_guide().digest}) == 3


def test_a_kept_base_that_extends_another_is_refused(mine: Path) -> None:
    base = mine / "bundled" / "screens" / "index.yaml"
    base.parent.mkdir(parents=True)
    base.write_text('schema: 1\nname: base\nversion: "1"\nextends: bundled\n')
    with pytest.raises(GuideError, match=r"screens/index\.yaml:4: extends: the guide below extends another"):
        load_guide(mine)
