"""A guide loads whole or says every fault as FILE:LINE: field: what is wrong."""

import shutil
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from sprocket_tui import lint
from sprocket_tui.guide.loader import guide_files, load_guide
from sprocket_tui.guide.model import VerbWords
from sprocket_tui.guide.problems import GuideError
from sprocket_tui.guide.resolve import expand_for_each
from sprocket_tui.guide.templates import MissingVar, expand, expand_argv
from sprocket_tui.guide.words import BUNDLED, Vocabulary

GUIDES = Path(__file__).resolve().parents[1] / "guides"

# One fault each: file, what stands there, what is put instead, the message.
FAULTS = {
    "an unknown key of a check": (
        "checklists/files.yaml",
        "    why: Everything runs in it.",
        "    wy: Everything runs in it.",
        "checklists/files.yaml:8: checks[0].wy: unknown key 'wy'; did you mean why?",
    ),
    "an unknown probe": (
        "checklists/files.yaml",
        "{kind: command, argv: [echo, ready]}",
        "{kind: comand, argv: [echo, ready]}",
        "checklists/files.yaml:9: checks[0].probe.kind: unknown probe 'comand'; did you mean command?",
    ),
    "an unknown verb": (
        "screens/walk.yaml",
        "    read:\n  - id: walk.ask",
        "    reed:\n  - id: walk.ask",
        "screens/walk.yaml:9: steps[0].reed: unknown key 'reed'; did you mean read?",
    ),
    "a file that is not there": (
        "screens/index.yaml",
        "screens: [walk.yaml]",
        "screens: [wolk.yaml]",
        "screens/index.yaml:8: screens[0]: unknown file 'wolk.yaml'; did you mean walk.yaml?",
    ),
}


def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GUIDES / "small", tmp_path / "guide"))


def faults(directory: Path) -> list[str]:
    with pytest.raises(GuideError) as refused:
        load_guide(directory)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_with_its_line_and_the_nearest_valid_name(
    fault: tuple[str, str, str, str], tmp_path: Path
) -> None:
    file, right, wrong, message = fault
    path = copy(tmp_path) / file
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    said = faults(tmp_path / "guide")
    assert message in said, said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id: walk\nid: again\n", ":2:"),
        (b"id: [walk\n", ":2:"),
        (b"\tid: walk\n", ":1:"),
        (b"id: \xff\xfe\n", "UTF-8"),
        (b"- a list\n", ":1:"),
        (b"", "screens/walk.yaml"),
    ],
    ids=["a key twice", "no YAML", "a tab", "no UTF-8", "a list", "nothing"],
)
def test_a_broken_file_is_one_clear_error(content: bytes, said: str, tmp_path: Path) -> None:
    (copy(tmp_path) / "screens" / "walk.yaml").write_bytes(content)
    found = faults(tmp_path / "guide")
    assert all(line.startswith("screens/walk.yaml") for line in found), found
    assert any(said in line for line in found), found


def test_faults_of_every_file_are_said_at_once(tmp_path: Path) -> None:
    directory = copy(tmp_path)
    for file, old, new in (("checklists/files.yaml", "title:", "titel:"), ("screens/walk.yaml", "chapter:", "capter:")):
        path = directory / file
        path.write_text(path.read_text().replace(old, new, 1))
    files = {line.split(":")[0] for line in faults(directory)}
    assert files == {"checklists/files.yaml", "screens/walk.yaml"}


def test_the_bundled_guide_loads_and_has_no_fault() -> None:
    guide = load_guide()
    assert [str(finding) for finding in lint.lint(guide) if finding.severity == "error"] == []
    assert len(guide.hints) >= 30
    for check in guide.checks().values():
        assert check.why and check.expected and check.remedy.text, check.id
    assert {check.id for check in guide.checks().values() if not check.guide and not check.corrects} <= {
        "node.clock",
        "node.tmpfs",
        "software.curl",
        "swarm.gateway",
    }
    for step in guide.steps().values():
        assert step.guide, step.id


def test_every_bundled_remedy_that_the_walk_can_run_says_what_it_changes_and_how_that_is_undone() -> None:
    guide = load_guide()
    checks = [check for listed in guide.checklists for check in listed.checks]
    outcomes = [outcome.remedy for check in checks for outcome in check.outcomes if outcome.remedy]
    remedies = [*(check.remedy for check in checks), *outcomes, *(hint.remedy for hint in guide.hints)]
    changing = [remedy for remedy in remedies if remedy.runs and not remedy.reads]
    assert len(changing) > 40
    assert not [remedy.command for remedy in changing if not remedy.changes or not remedy.undo]


def test_at_least_ten_bundled_checks_need_no_profile() -> None:
    guide = load_guide()
    known = {var.name: var.default for var in guide.vars if var.default is not None}
    free = [check for check in guide.checks().values() if "${" not in str(check.probe) and not check.when]
    assert len(free) >= 10
    assert known


def test_three_awkward_later_steps_load_with_one_more_verb() -> None:
    class VaultVerb(VerbWords):
        mutates: ClassVar[bool] = True
        operation: Literal["unseal"]
        shares: tuple[str, ...]

    words = Vocabulary(BUNDLED.probes, {**BUNDLED.verbs, "vault": VaultVerb})
    guide = load_guide(GUIDES / "awkward", words=words)
    assert [str(finding) for finding in lint.lint(guide) if finding.severity == "error"] == []
    unseal = guide.steps()["vault.unseal"]
    assert (unseal.gate, unseal.verb.verb) == ("two-person", "vault")
    names = guide.checks()["names.record"]
    listed = next(var.default for var in guide.vars if var.name == "public_names")
    assert isinstance(listed, tuple)
    assert len(expand_for_each(names, {"public_names": list(listed)})) + 1 == 13
    destroy = guide.steps()["rollback.destroy"]
    assert destroy.undo is not None
    assert (destroy.gate, destroy.undo.kind) == ("type-name", "irreversible")
    layers = expand_for_each(destroy, {"layers": ["platform", "layer_2", "layer_1"]})
    assert [each.element.id.rpartition(".")[2] for each in layers] == ["platform", "layer-2", "layer-1"]


def test_without_that_verb_they_do_not() -> None:
    with pytest.raises(GuideError, match=r"screens/vault\.yaml:14: steps\[1\]\.vault: unknown key 'vault'"):
        load_guide(GUIDES / "awkward")


def test_an_extending_guide_replaces_a_step_and_says_so() -> None:
    guide, bundled = load_guide(GUIDES / "impatient"), load_guide()
    assert list(guide.steps()) == list(bundled.steps())
    changed = guide.steps()["layer-1.up"].verify
    assert changed is not None
    assert changed.patience < 60
    assert any("layer-1.up" in replaced for replaced in guide.replaced)


def test_a_kept_copy_loads_as_the_same_guide(tmp_path: Path) -> None:
    for name, content in guide_files(GUIDES / "impatient").items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert load_guide(tmp_path).digest == load_guide(GUIDES / "impatient").digest


def test_a_template_never_splits_an_element() -> None:
    values = {"name": "a b; $(rm -rf /) 'x'"}
    assert expand_argv(("echo", "--x=${name}", "$$HOME"), values) == ("echo", "--x=a b; $(rm -rf /) 'x'", "$HOME")


def test_a_missing_value_is_named() -> None:
    with pytest.raises(MissingVar) as missing:
        expand("${value.cores} of ${nothing}", {"value": {"cores": 4}})
    assert missing.value.name == "nothing"


LINTED = {
    "a secret in an argv": ("argv: [mkdir, small]", 'argv: [mkdir, "${token}"]', "secret"),
    "a variable in shell text": (
        "argv: [mkdir, small]",
        "argv: [sh, -c, 'mkdir ${greeting}']",
        "inside a shell script",
    ),
    "an unknown variable": ("argv: [mkdir, small]", 'argv: [mkdir, "${greting}"]', "greting"),
    "an unknown check": ("verify: {checks: [files.directory]", "verify: {checks: [files.dirctory]", "files.dirctory"),
    "a change without a way back": ("    undo: {kind: reversible, how: rmdir}\n", "", "undo"),
}


@pytest.mark.parametrize("fault", LINTED.values(), ids=LINTED)
def test_lint_finds(fault: tuple[str, str, str], tmp_path: Path) -> None:
    right, wrong, said = fault
    path = copy(tmp_path) / "screens" / "walk.yaml"
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong, 1))
    errors = [str(each) for each in lint.lint(load_guide(tmp_path / "guide")) if each.severity == "error"]
    assert any(said in error for error in errors), errors


def test_lint_finds_a_hint_whose_command_wants_what_no_symptom_names(tmp_path: Path) -> None:
    path = copy(tmp_path) / "checklists" / "hints" / "files.yaml"
    text = path.read_text()
    path.write_text(text.replace("[mv, small, small.old]", '[mv, "${match.file}", old]', 1))
    guide = load_guide(tmp_path / "guide")
    assert [each.message for each in lint.lint(guide) if each.severity == "error"] == [
        "remedy.command: not every symptom has a group for match.file"
    ]
    path.write_text(path.read_text().replace('"File exists"', "'(?P<file>[^ ]+): File exists'", 1))
    assert [each for each in lint.lint(load_guide(tmp_path / "guide")) if each.severity == "error"] == []
