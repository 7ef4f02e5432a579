"""The actions by verb. A new verb is one module here, and its parameters in `guide/words.py`."""

from sprocket_tui.actions.base import Action
from sprocket_tui.actions.command import Command
from sprocket_tui.actions.pulumi import Pulumi

ACTIONS: dict[str, Action] = {"command": Command(), "pulumi": Pulumi()}
