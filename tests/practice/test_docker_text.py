"""How Docker's stand-in lays out what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sprocket_tui.practice.standins.docker.shown import natural
from sprocket_tui.practice.standins.docker.template import Row, Shape, Template
from sprocket_tui.practice.standins.docker.times import span
from sprocket_tui.practice.standins.docker.words import Refused
from tests.practice.docker_world import ok
from tests.practice.replay import StandIn


def test_names_are_sorted_as_people_do() -> None:
    assert sorted(["web10", "web2", "web", "a1b2", "a1b10"], key=natural) == [
        "a1b2",
        "a1b10",
        "web",
        "web2",
        "web10",
    ]


def test_the_cells_of_a_column_begin_below_each_other(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path)
    for name in ("w", "a-long-name-of-a-service"):
        ok(stand_in.docker(["service", "create", "-qd", "--name", name, "lab/web:1"]))
    lines = ok(stand_in.docker(["service", "ls"])).splitlines()
    places = [lines[0].index(head) for head in ("NAME", "MODE", "REPLICAS", "IMAGE", "PORTS")]
    assert all(line[place - 1] == " " and line[place:].strip()[:1] for line in lines[1:] for place in places[:-1])


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.9, "Less than a second"),
        (1.2, "1 second"),
        (59.9, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (3600, "About an hour"),
        (7200, "2 hours"),
        (48 * 3600, "2 days"),
        (14 * 86400, "2 weeks"),
        (62 * 86400, "2 months"),
        (800 * 86400, "2 years"),
    ],
)
def test_spans_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.A.B}} and {{json .A}}", '1 and {"B":1}'),
        ("{{(index .L 0).X}}{{index .A `B`}}", "y1"),
        ('{{.M "k"}}', "<k>"),
        (r"{{.T}}\t{{.N}}", "true\t<no value>"),
    ],
)
def test_templates(template: str, text: str) -> None:
    value = Row({"A": {"B": 1}, "L": [{"X": "y"}], "T": True, "N": None, "M": lambda key: f"<{key}>"})
    assert Template(template).render(value, Shape({})) == text


@pytest.mark.parametrize("template", ["{{", "{{.A", "{{}}", "{{range .A}}", "{{(.A}}", "{{)}}", "{{if .A}}", "{{$x}}"])
def test_what_is_no_template_here_is_refused(template: str) -> None:
    with pytest.raises(Refused, match="template parsing error"):
        Template(template)
