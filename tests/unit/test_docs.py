"""The docs say what the program does."""

import os
import re
from pathlib import Path

import sprocket_tui
from sprocket_tui.cli import parser
from sprocket_tui.exits import WORST_FIRST, Exit

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(sprocket_tui.__file__).resolve().parent
TABLE = re.compile(r"(?s)(<!-- exit codes: [^>]*-->\n)(.*?)(?=\n## )")


def exit_codes() -> str:
    rows = "".join(f"| {code.value} | {code.meaning} |\n" for code in WORST_FIRST)
    return f"\n| Code | Meaning |\n|---|---|\n{rows}"


def test_the_table_of_exit_codes_is_the_enum() -> None:
    page = ROOT / "docs" / "operations.md"
    text = page.read_text(encoding="utf-8")
    if os.environ.get("WRITE_DOCS"):
        page.write_text(TABLE.sub(lambda found: found[1] + exit_codes(), text), encoding="utf-8")
        text = page.read_text(encoding="utf-8")
    found = TABLE.search(text)
    assert found
    assert found[2].strip() == exit_codes().strip()
    assert sorted(WORST_FIRST) == sorted(Exit)


def test_help_names_every_command_and_exit_code_on_one_screen() -> None:
    shown = parser().format_help()
    assert len(shown.splitlines()) <= 24
    assert all(len(line) <= 80 for line in shown.splitlines())
    commands = ["check", "plan", "run", "resume", "status", "abort", "unlock", "clean", "runs", "profiles", "steps"]
    commands += ["guide", "practice", "report", "waivers", "bundle"]
    for command in commands:
        assert re.search(rf"^    {command}\b", shown, re.MULTILINE), command
    for code in Exit:
        assert re.search(rf"(^|\s){code.value} \w", shown, re.MULTILINE), code


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:docs|checklists|engine|journal|target)/[\w./-]+\.\w+)`", text)
    assert named
    for name in named:
        assert any((place / name).exists() for place in (ROOT, PACKAGE, PACKAGE / "data")), name
