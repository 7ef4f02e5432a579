"""The one exception that reaches a person: what is wrong, what to do, and the exit code."""

from sprocket_tui import going_on
from sprocket_tui.exits import Exit


class SprocketError(Exception):
    """A failure the user can act on.

    `message` says what is wrong in one sentence, `remedy` what to do about it; neither holds a secret.
    """

    def __init__(self, message: str, *, remedy: str = "", code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code


class LinkLost(SprocketError):
    """The connection ended without an answer; whatever ran there may still be running."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy or f"{going_on.command()} continues from here", code=Exit.LINK_LOST)


class Unreachable(SprocketError):
    """No connection could be made: refused, filtered, not resolved, or not authenticated."""

    def __init__(self, message: str, *, remedy: str = "", code: Exit = Exit.UNKNOWN) -> None:
        super().__init__(message, remedy=remedy, code=code)


class Unread(SprocketError):
    """The target answered, but what a step must know could not be read there; once mended, it is read again."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy, code=Exit.UNKNOWN)


class NeedsAnswer(SprocketError):
    """A question nobody could answer here (headless, or cancelled); names the question's id."""

    def __init__(self, question: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy, code=Exit.CANCELLED)
        self.question = question
