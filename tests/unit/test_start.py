"""What is imported before anything is known to be wanted."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import sprocket_tui
from sprocket_tui import cli

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_only_the_standard_library_is_imported(word: str) -> None:
    code = (
        "import sys; before = set(sys.modules); sys.argv = ['sprocket-tui', sys.argv[1]]\n"
        "from sprocket_tui.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*(set(sys.modules) - before), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, word], capture_output=True, text=True, check=True)
    new = {name.partition(".")[0] for name in done.stderr.split()}
    assert new <= {"sprocket_tui", *sys.stdlib_module_names}
    assert "importlib.metadata" not in done.stderr.split()
    assert "sprocket-tui" in done.stdout


def test_what_draws_a_screen_is_imported_only_where_there_is_one() -> None:
    code = "import sys, sprocket_tui.commands.walk, sprocket_tui.practice.cli; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_ssh_link_loads_no_library_that_it_does_not_use() -> None:
    code = (
        "import sys, sprocket_tui.target.ssh.link\n"
        "print({'invoke', 'asyncio', 'unittest'} & {*filter(sys.modules.get, sys.modules)})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_without_a_terminal_and_a_command_there_is_help() -> None:
    done = subprocess.run([sys.executable, "-m", "sprocket_tui"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "check" in done.stdout


def test_the_version_is_the_package_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == sprocket_tui.__version__


def test_bad_usage_is_one_sentence_with_exit_code_two() -> None:
    done = subprocess.run([sys.executable, "-m", "sprocket_tui", "chekc"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 2
    assert "Traceback" not in done.stderr


def test_how_the_first_screen_looks_is_not_said_before_a_command() -> None:
    argv = [sys.executable, "-m", "sprocket_tui", "--theme", "light", "runs", "list"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--theme and --low-bandwidth stand behind the command: run, resume or practice" in done.stderr


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("plan --target local --target ssh://root@droplet", "--target"),
        ("plan --at monday --at tuesday", "--at"),
        ("plan --at=monday --at tuesday", "--at"),
        ("plan --team 1 --team 1", "--team"),
        ("run --profile a --profile b", "--profile"),
        ("bundle --output a --output b", "--output"),
        ("check --given a --given b", "--given"),
        ("practice --seed 1 --seed 2", "--seed"),
    ],
)
def test_an_option_with_one_value_that_is_given_twice_is_refused(
    words: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.run(words.split())
    assert caught.value.code == 2
    assert f"{option} is given twice, and takes one value" in capsys.readouterr().err


def test_what_takes_several_values_takes_them_in_every_parse() -> None:
    parser = cli.parser()
    words = ["check", "--target", "a", "--target", "b", "--format", "json", "--output", "e", "--format", "html"]
    for _ in range(2):
        assert parser.parse_args(words).target == ["a", "b"]
        assert parser.parse_args(["plan", "--at", "monday"]).at == "monday"


@pytest.mark.parametrize(("word", "act", "saved"), [("plan", "plan.plan", False), ("run", "walk.start", True)])
def test_an_internal_error_says_that_a_run_is_saved_only_where_there_is_one(
    word: str,
    act: str,
    saved: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def fails(_options: object) -> int:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(f"sprocket_tui.commands.{act}", fails)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert cli.run([word]) == 1
    complaint = capsys.readouterr().err
    assert complaint.startswith("sprocket-tui: internal error: OverflowError at ")
    (report,) = tmp_path.rglob("crash-*.txt")
    said = " ".join(complaint.split())
    assert ("the run is saved, sprocket-tui resume goes on" in said, "please report" in said) == (saved, True)
    assert str(report) in said
    assert "OverflowError" in report.read_text()
    assert "out of range" not in report.read_text()


def test_where_no_report_can_be_kept_the_line_itself_is_to_be_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fails(_options: object) -> int:
        raise OverflowError

    (tmp_path / "file").touch()
    monkeypatch.setattr("sprocket_tui.commands.plan.plan", fails)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert cli.run(["plan"]) == 1
    assert "please report this line" in capsys.readouterr().err
