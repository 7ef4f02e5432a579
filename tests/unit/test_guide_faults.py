"""Every mistake a writer of guides is likely to make, with the exact line that is said about it."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sprocket_tui import lint
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.guide.problems import GuideError

SMALL = Path(__file__).resolve().parents[1] / "guides" / "small"
WALK, FILES, INDEX = "screens/walk.yaml", "checklists/files.yaml", "screens/index.yaml"
UNDO, GATE = "    undo: {kind: reversible, how: rmdir}", "    gate: confirm"
ARGV, DONE = "argv: [mkdir, small]", "done_when: {eq: [check.files.directory, pass]}"
MINUTES, LAST, PROBE = "at_most: 1}", "when: {eq: [greeting, never]}", "probe: {kind: command, argv: [echo, ready]}"
TEXT = "must be text; put it in quotes when it looks like a number, a date, yes or no"

# File, what stands there, what is put instead, and all that is said, without the file's name.
FAULTS = [
    (WALK, UNDO, "    undo: {kind: reversable}", "24: steps[4].undo.how: missing"),
    (
        WALK,
        UNDO,
        "    undo: {kind: reversable, how: rmdir}",
        "24: steps[4].undo.kind: unknown value 'reversable'; did you mean reversible?",
    ),
    (WALK, UNDO, "    undo: {kind: reversible, how: ''}", "24: steps[4].undo.how: says nothing"),
    (
        WALK,
        GATE,
        "    corrects: {says: a, true: b, why: c}",
        "28: steps[4].corrects: a key here is not text; put it in quotes",
    ),
    (WALK, GATE, "    corrects: {says: a, why: c}", "28: steps[4].corrects.true: missing"),
    (WALK, GATE, "    read:", "28: steps[4].read: a step has one verb; command stands here already"),
    (WALK, GATE, "    gate: confrim", "28: steps[4].gate: unknown value 'confrim'; did you mean confirm?"),
    (WALK, ARGV, "argv: mkdir small", "21: steps[4].command.argv: must be a list"),
    (WALK, ARGV, "argv: [mkdir, 755]", f"21: steps[4].command.argv[1]: {TEXT}"),
    (WALK, ARGV, "argv: []", "21: steps[4].command.argv: is empty"),
    (WALK, "ask: {vars: [greeting, token]}", "ask: [greeting]", "12: steps[1].ask: a verb's parameters are a mapping"),
    (WALK, DONE, "done_when: {eq: [check.files.directory]}", "26: steps[4].done_when.eq[1]: missing"),
    (
        WALK,
        DONE,
        "done_when: {match: [greeting, x]}",
        "26: steps[4].done_when.match: unknown key 'match'; did you mean matches?",
    ),
    (
        WALK,
        DONE,
        "done_when: {eq: [a, b], exists: c}",
        "26: steps[4].done_when: a condition has exactly one of eq, in, ge, matches, exists, all, any, not",
    ),
    (
        WALK,
        DONE,
        "done_when: {matches: [greeting, '(']}",
        "26: steps[4].done_when.matches: not a regular expression: missing ), unterminated subpattern at position 0",
    ),
    (
        WALK,
        DONE,
        "done_when: {all: [{exists: a}, {eq: [a, [1]]}]}",
        "26: steps[4].done_when.all[1].eq[1]: must be a single value: text, a number, yes or no",
    ),
    (WALK, MINUTES, "at_most: soon}", "25: steps[4].minutes.at_most: must be a number"),
    (WALK, MINUTES, "at_most: 0}", "25: steps[4].minutes.at_most: must be greater than 0"),
    (
        WALK,
        "id: walk.read",
        "id: Walk.Read",
        "6: steps[0].id: 'Walk.Read' does not fit ^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$",
    ),
    (WALK, "id: walk.ask", "id: walk.read", "10: steps[1].id: step 'walk.read' stands in screens/walk.yaml:6 already"),
    (
        WALK,
        "    read:\n  - id: walk.ask",
        "  - id: walk.ask",
        "6: steps[0]: no verb; a step has one of ask, check, command, confirm, pulumi, read",
    ),
    (WALK, LAST, "for_each: {a: place, b: place}", "41: steps[6].for_each: has more than one entry"),
    (WALK, "steps:", "guide: [G1]\nsteps:", "5: guide[0]: 'G1' does not fit ^G\\d{3}$"),
    (
        FILES,
        "state: pass",
        "state: passed",
        "11: checks[0].outcomes[0].state: unknown value 'passed'; did you mean pass?",
    ),
    (FILES, PROBE, "probe: command", "9: checks[0].probe: must be a mapping of keys to values"),
    (FILES, PROBE, "probe: {argv: [echo]}", "9: checks[0].probe.kind: missing; a probe names its kind"),
    (FILES, PROBE, "probe: {kind: swarm-service}", "9: checks[0].probe: give either name or prefix"),
    (
        FILES,
        PROBE,
        "probe: {kind: command, argv: [echo], timeout: -1}",
        "9: checks[0].probe.timeout: must be greater than 0",
    ),
    (FILES, "pause_point: before the walk", "pause_point:", f"4: pause_point: {TEXT}"),
    (FILES, "    blocking: no", "    blocking: nope", "23: checks[1].blocking: must be yes or no"),
    (INDEX, "schema: 1", "schema: 2", "1: schema: unknown value '2'; known: 1"),
    (INDEX, "schema: 1", "schema: 1\nextends: other", "2: extends: unknown value 'other'; known: bundled"),
    (
        INDEX,
        "screens: [walk.yaml]",
        "screens: [../walk.yaml]",
        "8: screens[0]: '../walk.yaml' does not fit ^[A-Za-z0-9][A-Za-z0-9._-]*\\.yaml$",
    ),
    (INDEX, "type: path", "type: pth", "7: vars[2].type: unknown value 'pth'; did you mean path?"),
    (
        INDEX,
        "{name: token",
        "{name: greeting",
        "6: vars[1].name: var 'greeting' stands in screens/index.yaml:5 already",
    ),
]


def said_of(directory: Path) -> list[str]:
    with pytest.raises(GuideError) as refused:
        load_guide(directory)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(("file", "right", "wrong", "said"), FAULTS, ids=[fault[2].strip() for fault in FAULTS])
def test_a_mistake_is_named_with_file_line_and_field(
    file: str, right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    directory = Path(shutil.copytree(SMALL, tmp_path / "guide"))
    text = (directory / file).read_text()
    assert right in text
    (directory / file).write_text(text.replace(right, wrong, 1))
    assert f"{file}:{said}" in said_of(directory)


def test_a_refused_item_does_not_make_its_list_empty(tmp_path: Path) -> None:
    directory = Path(shutil.copytree(SMALL, tmp_path / "guide"))
    path = directory / FILES
    path.write_text(path.read_text().replace("state: pass", "state: passed", 1))
    assert len(said_of(directory)) == 1


def test_a_directory_without_a_guide_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(SprocketError, match=r"no guide in .*: screens/index\.yaml: No such file") as refused:
        load_guide(tmp_path)
    assert "holds screens/index.yaml" in refused.value.remedy


def test_a_file_that_is_a_directory_is_said_to_be_one(tmp_path: Path) -> None:
    directory = Path(shutil.copytree(SMALL, tmp_path / "guide"))
    (directory / WALK).unlink()
    (directory / WALK).mkdir()
    assert said_of(directory) == ["screens/index.yaml:8: screens[0]: Is a directory"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from([WALK, FILES, INDEX]),
    line=st.integers(0, 60),
    indent=st.integers(0, 8),
    put=st.sampled_from(
        [
            "true: x",
            "- ",
            "? a",
            "&a [*a]",
            "~",
            "[]",
            "{}",
            "2025-12-04",
            "<<: {a: b}",
            ".nan",
            "on: 1",
            "'",
            "|",
            "${",
        ]
    )
    | st.text(max_size=12),
)
def test_whatever_is_put_into_a_guide_it_loads_or_is_refused(
    file: str, line: int, indent: int, put: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = Path(shutil.copytree(SMALL, tmp_path_factory.mktemp("any") / "guide"))
    lines = (directory / file).read_text().splitlines()
    lines.insert(line, " " * indent + put)
    (directory / file).write_text("\n".join(lines) + "\n", encoding="utf-8", errors="replace")
    try:
        guide = load_guide(directory)
    except GuideError as error:
        assert all(problem.line >= 1 and problem.file and problem.message for problem in error.problems)
    else:
        assert lint.report(guide).endswith("\n")
