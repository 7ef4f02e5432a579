"""When what is watched is measured again."""

import time

from sprocket_tui.checks.observation import Observation
from sprocket_tui.checks.runner import Measured
from sprocket_tui.commands import watching
from tests.unit.reports_kit import made


def test_what_expired_while_the_rest_was_measured_is_due_at_once_and_no_hour_later() -> None:
    now = time.time()
    cache = {
        "short": Measured(Observation(value=1), now - 3, now - 1),
        "long": Measured(Observation(value=1), now - 3, now + 3600),
    }
    assert min(watching._ends(cache, made([]))) < now + 60
    # It is made anew, or nobody asks it any more.
    assert list(cache) == ["long"]
