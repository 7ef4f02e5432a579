"""The report of `check`, a published and versioned document; `docs/check-report.schema.json` is made from here."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from sprocket_tui.values import JSON

SCHEMA = "sprocket-tui/check-report/1"
StateText = Literal["pass", "warn", "fail", "unknown", "skipped"]
VerdictText = Literal["go", "go with warnings", "go with waivers", "unknown", "no-go"]


class Row(BaseModel):
    """Frozen; readers may meet further keys in a later version of the same schema."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, json_schema_serialization_defaults_required=True
    )


class RemedyRow(Row):
    """What to do; `command` is one shell-quoted line or empty, `where` is where it runs."""

    text: str
    command: str
    where: Literal["here", "droplet"]


class WaiverRow(Row):
    """A person answers for it: who, why, and the last day on which that holds."""

    by: str = ""
    reason: str
    until: date


class CheckRow(Row):
    """One check. `observed` is what was seen or why nothing was; `value` is null and `reason` set when not measured.

    `blocked_by` names the check to look at first, `guide` the rows of the deployment guide that are covered, `recheck`
    the command line that measures it again. `measured_at` is when the answer was here, `seconds` how long it took,
    `valid_until` until when it counts (`ttl` seconds later); null where nothing was asked, or measured. `evidence` is
    what was printed, cleaned and masked, up to 4096 characters. `compared` names what of `value` counts when reports
    are compared ("value.total_mib"); all of it does where nothing is named.
    """

    id: str
    title: str
    state: StateText
    observed: str
    expected: str
    why: str
    remedy: RemedyRow | None
    blocking: bool
    blocked_by: str
    value: JsonValue
    compared: tuple[str, ...] = ()
    reason: str
    seconds: Annotated[float, Field(ge=0)]
    guide: tuple[str, ...]
    checklist: str = ""
    measured_at: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    ttl: Annotated[float, Field(ge=0)] = 0
    evidence: str = ""
    recheck: str = ""
    waiver: WaiverRow | None = None


class GuideRow(Row):
    """The guide that was checked against; `digest` is the sha256 over its files."""

    name: str
    version: str
    digest: str


class Report(Row):
    """A checked target, with `practice` that of a rehearsal.

    `verdict` is the word for what was found, `exit` the exit code; `started` is in UTC. `left_out` names the checklists
    that judge what a deployment has made: they were not measured, since none was named. It is not `complete` where a
    signal interrupted it: what was not measured by then is unknown, and `exit` is 128 and the signal's number.
    """

    schema_: Annotated[Literal["sprocket-tui/check-report/1"], Field(alias="schema")] = SCHEMA
    target: str
    practice: bool
    verdict: VerdictText
    exit: Annotated[int, Field(ge=0, le=255)]
    started: AwareDatetime
    seconds: Annotated[float, Field(ge=0)]
    guide: GuideRow
    left_out: tuple[str, ...]
    checks: tuple[CheckRow, ...]
    complete: bool = True


def schema() -> dict[str, JSON]:
    """The JSON schema of the report, as it is published."""
    return published(Report, SCHEMA)


def published(model: type[Row], name: str) -> dict[str, JSON]:
    """The JSON schema of a document; every key is written, so that every key is required."""
    found = cast("dict[str, JSON]", model.model_json_schema(by_alias=True, mode="serialization"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:{name}", **found}
