"""What lint says of a guide that loads, and which rows of the written guide are covered."""

import shutil
from pathlib import Path

import pytest

from sprocket_tui import lint
from sprocket_tui.guide.loader import load_guide
from tests.real.dry_run import alone, unconditional

GUIDES = Path(__file__).resolve().parents[1] / "guides"
WALK, FILES, INDEX, HINTS = (
    "screens/walk.yaml",
    "checklists/files.yaml",
    "screens/index.yaml",
    "checklists/hints/files.yaml",
)
ID = "  - id: files.directory\n"
REMEDY = "remedy: {text: Write it.}"
WHY = "why: It is what the walk is for."

# File, what stands there, what is put instead, what lint says.
ERRORS = [
    (
        FILES,
        ID,
        f"{ID}    needs: [files.greting]\n",
        "checklists/files.yaml:14: error: check files.directory: needs: "
        "unknown check 'files.greting'; did you mean files.greeting?",
    ),
    (
        FILES,
        ID,
        f"{ID}    needs: [files.directory]\n",
        "checklists/files.yaml:14: error: check files.directory: needs: goes in a circle: "
        "files.directory > files.directory",
    ),
    (
        FILES,
        ID,
        f"{ID}    guide: [G250]\n",
        "checklists/files.yaml:14: error: check files.directory: guide: no row G250; the rows are G001 to G249",
    ),
    (
        FILES,
        REMEDY,
        'remedy: {text: "Write ${tokn}."}',
        "checklists/files.yaml:24: error: check files.greeting: remedy.text: "
        "unknown variable 'tokn'; did you mean token?",
    ),
    (
        FILES,
        REMEDY,
        'remedy: {text: "Write ${token}."}',
        "checklists/files.yaml:24: error: check files.greeting: remedy.text: "
        "token is secret; a secret never stands in a text or argv",
    ),
    (
        FILES,
        REMEDY,
        "remedy: {text: Write it., reads: yes}",
        "checklists/files.yaml:24: error: check files.greeting: remedy.reads: "
        "it is said of a command, and there is none",
    ),
    (
        FILES,
        "{eq: [value.status, 0]}, state: pass",
        "{eq: [valu.status, 0]}, state: pass",
        "checklists/files.yaml:6: error: check files.shell: outcomes[0].when: "
        "unknown reference 'valu'; did you mean value?",
    ),
    (
        FILES,
        ID,
        f"{ID}    for_each: {{name: plases}}\n",
        "checklists/files.yaml:14: error: check files.directory: for_each: "
        "unknown variable 'plases'; did you mean place?",
    ),
    (
        FILES,
        "probe: {kind: command, argv: [echo, ready]}",
        "probe: {kind: secret, var: greeting}",
        "checklists/files.yaml:6: error: check files.shell: probe.var: "
        "unknown secret variable 'greeting'; known: token",
    ),
    (
        WALK,
        "check: {checklists: [files]}",
        "check: {checklists: [file]}",
        "screens/walk.yaml:16: error: step walk.shell: check: unknown checklist 'file'; did you mean files?",
    ),
    (
        WALK,
        "ask: {vars: [greeting, token]}",
        "ask: {vars: [greetings]}",
        "screens/walk.yaml:10: error: step walk.ask: ask: unknown variable 'greetings'; did you mean greeting?",
    ),
    (
        WALK,
        "when: {eq: [greeting, never]}",
        "when: {eq: [token, never]}",
        "screens/walk.yaml:39: error: step walk.last: when: token is secret; nothing may depend on its text",
    ),
    (
        WALK,
        "when: {eq: [greeting, never]}",
        "when: {eq: [check.files.shel, pass]}",
        "screens/walk.yaml:39: error: step walk.last: when: unknown check 'files.shel'; did you mean files.shell?",
    ),
    (
        WALK,
        "read:",
        "confirm: {statement: I mean it}\n    gate: two-person",
        "screens/walk.yaml:6: error: step walk.read: gate: a confirm asks one person; it takes confirm or type-name",
    ),
    (
        WALK,
        "undo: {kind: reversible, how: rmdir}",
        "undo: {kind: irreversible, how: not at all}",
        "screens/walk.yaml:19: error: step walk.directory: gate: an irreversible step needs type-name or two-person",
    ),
    (
        WALK,
        "    minutes: {usual: 0.1, at_most: 1}\n    done_when: {eq: [check.files.directory, pass]}\n"
        "    verify: {checks: [files.directory], within: 10}\n",
        "    minutes: {usual: 0.1, at_most: 1}\n",
        "screens/walk.yaml:19: error: step walk.directory: verify: missing; "
        "without it or done_when success cannot be told",
    ),
    (
        WALK,
        "steps:",
        "needs: [walk]\nsteps:",
        "screens/walk.yaml:1: error: screen walk: needs: goes in a circle: walk > walk",
    ),
    (
        INDEX,
        "{name: greeting, title: What to write}",
        "{name: greeting, title: What to write, measured_by: files.shel, pattern: '['}",
        "screens/index.yaml:5: error: var greeting: measured_by: unknown check 'files.shel'; did you mean files.shell?",
    ),
    (
        INDEX,
        "{name: greeting, title: What to write}",
        "{name: greeting, title: What to write, pattern: '['}",
        "screens/index.yaml:5: error: var greeting: pattern: "
        "'[' is not a regular expression: unterminated character set at position 0",
    ),
    (
        FILES,
        WHY,
        f"why: {'long ' * 40}",
        "checklists/files.yaml:24: warning: check files.greeting: why: a line is longer than two lines of 80 columns",
    ),
]


@pytest.mark.parametrize(("file", "right", "wrong", "said"), ERRORS, ids=[each[3].split(": ", 2)[2] for each in ERRORS])
def test_lint_says_where_and_what(file: str, right: str, wrong: str, said: str, tmp_path: Path) -> None:
    directory = Path(shutil.copytree(GUIDES / "small", tmp_path / "guide"))
    text = (directory / file).read_text()
    assert right in text
    (directory / file).write_text(text.replace(right, wrong, 1))
    assert said in [str(finding) for finding in lint.lint(load_guide(directory))]


def test_a_longer_circle_is_told_once_and_as_it_goes(tmp_path: Path) -> None:
    directory = Path(shutil.copytree(GUIDES / "small", tmp_path / "guide"))
    text = (directory / FILES).read_text()
    for name, need in (("shell", "greeting"), ("directory", "shell"), ("greeting", "directory")):
        text = text.replace(f"  - id: files.{name}\n", f"  - id: files.{name}\n    needs: [files.{need}]\n")
    (directory / FILES).write_text(text)
    circles = [each.message for each in lint.lint(load_guide(directory)) if "circle" in each.message]
    assert circles == ["needs: goes in a circle: files.shell > files.greeting > files.directory > files.shell"]


def test_a_hint_whose_symptom_does_not_compile_is_an_error(tmp_path: Path) -> None:
    directory = Path(shutil.copytree(GUIDES / "small", tmp_path / "guide"))
    (directory / HINTS).write_text(
        "hints:\n  - {id: a, title: A, cause: B, symptoms: ['('], remedy: {text: C}}\n", encoding="utf-8"
    )
    (error,) = [str(each) for each in lint.lint(load_guide(directory))]
    assert error.startswith("checklists/hints/files.yaml:2: error: hint a: symptoms: '(' is not a regular expression")


def test_errors_come_before_warnings_and_replacements_are_notes() -> None:
    findings = lint.lint(load_guide(GUIDES / "impatient"))
    assert {"note"} == {finding.severity for finding in findings}
    assert all(finding.message == "takes the place of the bundled one" for finding in findings)


def test_the_report_sums_up_and_names_the_rows_that_are_missing() -> None:
    guide = load_guide()
    rows = lint.coverage(guide)
    assert set(rows.covered) | set(rows.missing) == set(lint.ROWS)
    assert not set(rows.covered) & set(rows.missing)
    assert "G127" in rows.covered
    assert "G196" in rows.missing
    last = lint.report(guide).splitlines()
    assert f"guide rows covered: {len(rows.covered)} of 249" in last
    assert last[-1].startswith(f"guide rows not covered: {rows.missing[0]}")


def test_every_row_of_the_layer_1_chapter_up_to_its_verification_is_covered() -> None:
    covered = set(lint.coverage(load_guide()).covered)
    chapter = {f"G{row:03}" for row in (*range(100, 113), *range(127, 136), 137, 138, 139, 142, 143, 144)}
    assert chapter <= covered


def test_steps_that_change_something_are_counted() -> None:
    small = load_guide(GUIDES / "small")
    assert lint.mutating_steps(small) == 2
    assert all(not step.verb.mutates for step in small.steps().values() if not step.changes)


def test_the_guides_that_the_lanes_of_real_servers_cut_down_still_fit(tmp_path: Path) -> None:
    """A lane whose server is seldom there would not notice that it runs no check any more."""
    checks = ("services.vault-bucket", "services.vault-bucket-write")
    cut = [unconditional(tmp_path / "s3", "services", *checks), alone(tmp_path, "services.yaml", "services.database")]
    assert [each for guide in cut for each in lint.lint(load_guide(guide)) if each.severity == "error"] == []
