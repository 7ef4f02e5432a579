"""The first and the last lines of a screen: where this is, how long it took, and the keys that do something now."""

from __future__ import annotations

from collections.abc import Sequence

from sprocket_tui.faces.tui.layout import WIDE
from sprocket_tui.faces.tui.offer import PRODUCTION
from sprocket_tui.faces.tui.pages.chapters import whole
from sprocket_tui.faces.tui.pages.look import Look, minutes
from sprocket_tui.faces.tui.pages.offers import Offer
from sprocket_tui.faces.tui.sight import REHEARSAL, Sight
from sprocket_tui.faces.tui.spans import Line, Span, cut, line, paragraph, spread, width_of

_APART = ("  ", "quiet")


def header(sight: Sight, look: Look) -> Line:
    """Guide, environment, name and host at the left; the time at the right.

    Where a narrow screen has no room for all of it the guide's name gives way: it is the same all through a run, and
    which system is worked on must be readable. From `WIDE` columns on it always stands there, and the host is cut.
    """
    end = line((_elapsed(sight, look), "quiet"), " ")
    full = _spaced([(sight.guide.name, "quiet"), *_where(sight)])
    fits = look.width >= WIDE or width_of(full) + len(_APART[0]) + width_of(end) <= look.width
    return spread(full if fits else _spaced(_where(sight)), end, look.width)


def _spaced(told: Sequence[Span]) -> Line:
    shown = [part for each in told if each[0] for part in (_APART, each)]
    return line(" ", *shown[1:])


def _where(sight: Sight) -> list[Span]:
    told: list[Span] = [environment(sight)]
    if sight.hostname:
        told.append((sight.hostname, told[0][1] if told[0][1] == "production" else "plain"))
    if sight.link is not None:
        told.append((f"{sight.link.user}@{sight.link.host}", "quiet"))
    elif sight.run is not None:
        told.append((sight.run.target, "quiet"))
    if sight.dropped:
        told.append(("line lost, trying again", "warn"))
    return told


def environment(sight: Sight) -> Span:
    """The name of what the run works on, as it must not be missed."""
    if sight.practice:
        return (REHEARSAL, "practice")
    if sight.environment == "production":
        return (PRODUCTION, "production")
    return (sight.environment, "accent")


def rule(look: Look, more: int = 0) -> Line:
    """A line across; it says how many lines of the page lie below it."""
    told = f" {more} more line{'s' * (more != 1)}, PgDn " if more else ""
    end = look.glyphs.rule * 2 if more else ""
    return line(
        (look.glyphs.rule * max(look.width - len(told) - len(end), 0), "quiet"), (told, "accent"), (end, "quiet")
    )


def stops(look: Look) -> Line:
    """What stands above the keys once a person said that this step is the last for now."""
    return cut(line((" It stops before the next step.", "warn"), ("  q goes on after all.", "quiet")), look.width)


def keys(left: Sequence[Offer], right: Sequence[Offer], look: Look) -> Line:
    """The keys that do something now, each with its label; those of `right` stand at the end."""
    end = tuple(part for offer in right for part in _key(offer))
    shown: tuple[Span, ...] = ()
    room = look.width - width_of(end) - len(_APART[0])
    for offer in left:
        *key, _apart = _key(offer)
        wider = (*shown, _APART, *key) if shown else ((" ", "plain"), *key)
        if width_of(wider) > room:
            break
        shown = wider
    return spread(shown, end, look.width)


def message(text: str, role: str, look: Look) -> list[Line]:
    """What an action has to say, above the keys."""
    return paragraph(text, look.width - 1, indent=1, role=role)


def told_small(sight: Sight | None, width: int, height: int, away: str) -> list[Line]:
    """The one sentence of a terminal that is too small: what is worked on and where this is, if a walk is there."""
    told = f"This terminal is {width}x{height}, too small: 60x15 is the least. Nothing is lost; {away}."
    if sight is None:
        return paragraph(told, width)
    step, mark = sight.step, environment(sight)
    where = f"{step.screen}: {step.title}" if step and step.title else "the plan"
    marked = paragraph(mark[0], width, role=mark[1]) if mark[0] else []
    return [*marked, *paragraph(f"{where}. {told}", width)]


def _key(offer: Offer) -> tuple[Span, ...]:
    key, label = offer
    return ((key, "accent"), (f" {label}", "quiet"), _APART)


def _elapsed(sight: Sight, look: Look) -> str:
    """What it took of what is usual: minutes, from an hour on hours and minutes, so that it changes once a minute."""
    if not sight.began:
        return ""
    hours, rest = divmod(int(max(look.now - sight.began, 0)) // 60, 60)
    spent = f"{hours}:{rest:02} h" if hours else f"{rest} min"
    spent = spent if hours < 24 else f"{hours // 24} d"
    if sight.left is not None and sight.left.how == "done":
        return spent
    usual = minutes(round(whole(sight.guide)))
    return f"{spent.removesuffix(' min') if usual.endswith(' min') else spent} / {usual}"
