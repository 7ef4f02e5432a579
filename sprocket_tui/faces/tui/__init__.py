"""The terminal face: a Textual program over the same engine, journal and commands as the plain one."""

import os

# Textual reads these when it is first imported, so they stand before every module of this package.
for _name, _value in {
    "TEXTUAL_ANIMATIONS": "none",
    # Our keys are those that every terminal sends, and a mode that was not set cannot be left behind by a kill.
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
    "ESCDELAY": "50",
}.items():
    os.environ.setdefault(_name, _value)
