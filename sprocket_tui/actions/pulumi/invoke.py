"""How pulumi is called: always with its stack and its backend, never with a secret in argv, script or environment.

The backend is proven on every call by PULUMI_BACKEND_URL, which wins over a login made elsewhere. The passphrase and
the S3 keys are files of the job on tmpfs that pulumi is pointed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import join, quote

from sprocket_tui.actions.base import Card, Change, Context, Job
from sprocket_tui.checks.observation import Observation
from sprocket_tui.errors import SprocketError
from sprocket_tui.guide.templates import MissingVar, expand
from sprocket_tui.guide.words.verbs import PulumiVerb
from sprocket_tui.secret import Secret
from sprocket_tui.target.link import Completed
from sprocket_tui.terminal import clean_bytes, one_line

ALWAYS = ("--non-interactive", "--color", "never")
SLOW = 60.0
_UNSET = (
    "PULUMI_CONFIG_PASSPHRASE PULUMI_ACCESS_TOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE"
)


@dataclass(frozen=True)
class Stack:
    """The stack a step is about. `files` opens its backend and its secrets, by file name in $SPROCKET_TMP."""

    name: str
    backend: str
    files: Mapping[str, Secret]

    @property
    def hosted(self) -> bool:
        """Whether the backend is Pulumi's service, which keeps secrets and locks itself."""
        return self.backend.startswith(("https://", "http://"))

    @property
    def mark(self) -> str:
        """The environment variable by which processes of an update of this stack are told from all others."""
        return f"SPROCKET_PULUMI={self.name}@{self.backend};"

    def argv(self, *words: str) -> tuple[str, ...]:
        """The command line of `pulumi WORDS` for this stack."""
        return ("pulumi", *words, "--stack", self.name, *ALWAYS)

    def script(self, *lines: str) -> str:
        """`lines` as a script in which pulumi finds backend, passphrase and keys."""
        exports = {
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_BACKEND_URL": quote(self.backend),
            "PULUMI_EXPERIMENTAL": "true",
        }
        for file, name in (("passphrase", "PULUMI_CONFIG_PASSPHRASE_FILE"), ("aws", "AWS_SHARED_CREDENTIALS_FILE")):
            if file in self.files:
                exports[name] = f'"$SPROCKET_TMP/{file}"'
        return "\n".join([f"unset {_UNSET}", *(f"export {name}={value}" for name, value in exports.items()), *lines])


def words_of(context: Context) -> PulumiVerb:
    """The step's parameters."""
    assert isinstance(context.step.verb, PulumiVerb)
    return context.step.verb


def stack_of(context: Context) -> Stack:
    """The stack, its backend and what opens them. Raises MissingVar for a value that has not been given."""
    backend = expand("${backend}", context.values)
    files: dict[str, Secret] = {}
    if not backend.startswith(("https://", "http://")):
        files["passphrase"] = secret_of(context, "pulumi_passphrase")
    if backend.startswith("s3://"):
        key, hidden = secret_of(context, "s3_backend_access_key"), secret_of(context, "s3_backend_secret_key")
        lines = ("[default]", f"aws_access_key_id={key.reveal()}", f"aws_secret_access_key={hidden.reveal()}", "")
        files["aws"] = Secret("\n".join(lines), "S3 keys")
    return Stack(expand(words_of(context).stack, context.values), backend, files)


def secret_of(context: Context, name: str) -> Secret:
    """The secret variable. Raises MissingVar when it has not been given."""
    if name not in context.secrets:
        raise MissingVar(name)
    return context.secrets[name]


def supervised(argv: tuple[str, ...], rest: str = "") -> str:
    """A shell command that runs `argv`, its pid in the attempt's `child`, for an orderly stop of just that process.

    `rest` is shell text after it: arguments with variables, redirections.
    """
    record = 'echo "$$" >"$SPROCKET_ATTEMPT/child"; exec "$@"'
    return f"sh -c {quote(record)} sh {join(argv)} {rest}".rstrip()


def remedy(context: Context, argv: tuple[str, ...]) -> Job:
    """A command that may help a step, with what opens the stack at hand. Raises MissingVar for a secret not given."""
    stack = stack_of(context)
    return Job(stack.script(supervised(argv)), argv, files=stack.files)


def ask(context: Context, stack: Stack, *lines: str, timeout: float = SLOW) -> Completed:
    """Runs a read-only script in the step's directory, with what opens the stack at hand."""
    return context.read(stack.script(*lines), timeout, stack.files)


def failure(done: Completed) -> str:
    """What a failed command said, in one line: pulumi's own error where there is one."""
    lines = [line.strip() for line in clean_bytes(done.stderr + b"\n" + done.stdout).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error: ")]
    said = (errors or lines or ["it printed nothing"])[0]
    return one_line(said.removeprefix("error: ")) if errors else f"exit status {done.status}: {one_line(said)}"


def unmeasured(what: str, done: Completed) -> Observation:
    """The observation of something that could not be seen."""
    return Observation(reason=f"{what}: {failure(done)}")


def missing_value(error: SprocketError) -> Observation:
    """The observation of something that cannot be looked at before a value is given."""
    return Observation(reason=error.message)


def simple_card(context: Context, argv: tuple[str, ...], plan: tuple[Change, ...] = ()) -> Card:
    """The card of an operation without a preview: what the step says, and the command."""
    undo = context.step.undo
    return Card(argv, context.step.changes, f"{undo.kind}: {undo.how}" if undo else "", plan)
