"""The HTML report: one file that needs nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

from sprocket_tui.checks.observation import Observation, State
from sprocket_tui.reports.html import html
from sprocket_tui.reports.schema import Report
from tests.unit.checks_kit import verdict
from tests.unit.reports_kit import HOSTILE, ONE_OF_EACH, STARTED, hostile, made

# Elements that have no end.
VOID = {"meta", "link", "br", "img", "input"}


class Page(HTMLParser):
    """Every element with its attributes, and the text; an element that is not closed in its place is an error."""

    def __init__(self, *reports: Report) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html(reports))
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_nothing_is_fetched_and_no_script_runs() -> None:
    page = Page(made(ONE_OF_EACH), hostile())
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in page.elements}
    for _, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset", "action"}]
        assert (attributes.get("href") or "#").startswith("#")
        assert "url(" not in (attributes.get("style") or "")
    style = html([made(ONE_OF_EACH)]).partition("<style>")[2].partition("</style>")[0]
    assert style
    assert not re.search(r"url\(|@import|@font-face", style)
    policy = [each["content"] for each in page.of("meta") if "http-equiv" in each]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_every_link_leads_to_one_place_of_the_page() -> None:
    timed = verdict("a.a", State.PASS, observation=Observation(value=1, seconds=1, at=STARTED.timestamp()))
    page = Page(made([timed], "ssh://a"), made([timed], "ssh://b"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    links = {str(attributes["href"]).removeprefix("#") for attributes in page.of("a")}
    assert links
    assert links <= set(ids)
    assert len(ids) == len(set(ids))


def test_hostile_texts_stay_text() -> None:
    page = Page(hostile())
    assert "script" not in {tag for tag, _ in page.elements}
    # Title of the page, target, weakest evidence (twice), timeline, row and its six texts: all as they were.
    assert page.text.count(" ".join(HOSTILE.split())) >= 8


def test_no_control_of_a_terminal_is_in_it() -> None:
    assert "\x1b" not in html([hostile("\x1b]0;title\x07gone")])


def test_the_verdict_ends_in_its_weakest_evidence() -> None:
    text = Page(made(ONE_OF_EACH)).text
    assert "ssh://root@droplet:22No-go 5 checks: 1 pass, 1 warn, 1 fail, 1 unknown, 1 skipped. " in text
    assert "Its weakest evidence: Title of ports.http (fail): what was seen. Never measured." in text


def test_a_go_rests_on_what_expires_first() -> None:
    rows = made([verdict("a.long", State.PASS), verdict("a.short", State.PASS)]).checks
    until = [STARTED + timedelta(minutes=9), STARTED + timedelta(minutes=5)]
    rows = tuple(
        row.model_copy(update={"measured_at": STARTED, "valid_until": at}) for row, at in zip(rows, until, strict=True)
    )
    text = Page(made([]).model_copy(update={"checks": rows})).text
    assert "Its weakest evidence: Title of a.short (pass)" in text
    assert "Measured at 2026-11-24 00:00:00 UTC, valid until 2026-11-24 00:05:00 UTC." in text


def test_what_needs_attention_is_open_and_the_rest_is_not() -> None:
    opened = {str(each["id"]): "open" in each for each in Page(made(ONE_OF_EACH)).of("details")}
    assert opened == {"t1c1": False, "t1c2": True, "t1c3": True, "t1c4": True, "t1c5": False}


def test_every_state_has_its_sign_its_word_and_its_colour() -> None:
    page = html([made(ONE_OF_EACH)])
    for sign, word in (("✓", "pass"), ("!", "warn"), ("✗", "fail"), ("?", "unknown"), ("-", "skipped")):
        assert f'<span class="state {word}">{sign} {word}</span>' in page
        assert f".{word} {{ --state: var(--{word}); }}" in page


def test_the_timeline_shows_when_each_check_was_measured_and_how_long_it_took() -> None:
    at = STARTED.timestamp()
    first = verdict("a.a", State.PASS, observation=Observation(value=1, seconds=1, at=at + 1))
    later = verdict("a.b", State.FAIL, observation=Observation(value=1, seconds=3, at=at + 4))
    page = Page(made([later, first, verdict("a.c", State.SKIPPED)]))
    bars = [str(each["style"]) for each in page.of("span") if each.get("class") == "bar"]
    assert bars == ["left:0.00%;width:25.00%", "left:25.00%;width:75.00%"]


def test_several_targets_stand_side_by_side_and_a_rehearsal_says_so() -> None:
    text = Page(made(ONE_OF_EACH[:3], "ssh://a", practice=True), made(ONE_OF_EACH[:1], "ssh://b")).text
    assert "2 targets side by side Checkssh://assh://b VerdictNo-goGo Title of node.cpus✓ pass✓ pass" in text
    assert "Title of node.swap! warn Title of ports.http✗ fail " in text
    assert text.count("PRACTICE: a rehearsal's droplet was measured") == 1


def test_what_differs_between_targets_is_told_in_its_column() -> None:
    seen = [[verdict("a.a", State.PASS, observed=text)] for text in ("2 CPUs", "4 CPUs")]
    text = Page(*(made(each, f"ssh://{number}") for number, each in enumerate(seen))).text
    assert "Title of a.a✓ pass 2 CPUs✓ pass 4 CPUs" in text


def test_on_a_phone_the_targets_of_a_check_stand_below_its_name_each_by_its_number() -> None:
    reports = [made(ONE_OF_EACH[:2], f"ssh://{name}") for name in "abc"]
    page = Page(*reports)
    numbered = [each["data-head"] for each in page.of("th") + page.of("td") if "data-head" in each]
    # Their names once, then the verdicts and two checks.
    assert numbered == ["[1]", "[2]", "[3]"] * 4
    phone = html(reports).split("@media (max-width: 34rem)")[1].split("@media")[0]
    assert ".targets tr { display: block" in phone
    assert ".targets [data-head]::before { content: attr(data-head)" in phone


def test_the_template_lies_beside_the_module_and_is_part_of_the_package() -> None:
    import sprocket_tui

    assert (Path(sprocket_tui.__file__).parent / "reports" / "templates" / "report.html.j2").is_file()


def test_an_edited_report_whose_check_took_longer_than_there_are_dates_is_shown() -> None:
    report = made([verdict("a.a", State.PASS, observation=Observation(value=1, at=STARTED.timestamp()))])
    row = report.checks[0].model_copy(update={"seconds": 1e308})
    assert "a.a" in html([report.model_copy(update={"checks": (row,), "seconds": 1e308})])
