"""What every model of a guide is made of: the frozen base, names, rows, and corrections."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$")]
Row = Annotated[str, Field(pattern=r"^G\d{3}$")]
InValue = Annotated[str, Field(pattern=r"^value(\.\w+)*$")]
Text = Annotated[str, Field(min_length=1)]


class Model(BaseModel):
    """Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", populate_by_name=True)


class Correction(Model):
    """Where the guide is wrong: what it says, what is true, and why."""

    says: Text
    true: Text
    why: Text
