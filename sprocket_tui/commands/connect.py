"""The first screen, put together: what it offers, and what can be done there before a target is chosen."""

from __future__ import annotations

from functools import partial

from sprocket_tui.commands import forms, profiles
from sprocket_tui.commands.offers import offers
from sprocket_tui.commands.screen import own_keys
from sprocket_tui.faces.tui import themes
from sprocket_tui.faces.tui.offer import Chosen, Connecting, Host
from sprocket_tui.faces.tui.running import drive
from sprocket_tui.faces.tui.views.connect import ConnectApp
from sprocket_tui.guide.loader import load_guide
from sprocket_tui.target.ssh.named import named


def choose(before: Chosen, refused: str, theme: str = "", *, low_bandwidth: bool = False) -> tuple[int, Chosen]:
    """The exit code, and what somebody chose on the first screen; its line is empty where somebody left.

    `before` is what was chosen last time and could not begin, `refused` says why. Raises SprocketError.
    """
    theme = themes.choose(theme, low_bandwidth=low_bandwidth)
    guide = load_guide()
    connecting = Connecting(
        f"{guide.name} {guide.version}",
        partial(offers, guide),
        lambda: [Host(each.alias, each.where) for each in named()],
        forms.new,
        forms.edit,
        profiles.forget,
    )
    # What is wrong with the files of a person is said before there is a screen.
    connecting.offers()
    app = ConnectApp(connecting, own_keys(), before=before, refused=refused, theme=theme, low_bandwidth=low_bandwidth)
    code = drive(app, back=lambda: "")
    return code, app.chosen
