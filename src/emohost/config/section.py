"""What every section of a rig's YAML file has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)


def cross_field(found: str, expected: str, *keys: tuple[str, ...]) -> PydanticCustomError:
    """The error of a validator that compares `keys` (paths from its section); the first is the one to be shown."""
    context = {"found": found, "expected": expected, "keys": keys}
    return PydanticCustomError("cross_field", "found {found}; expected {expected}", context)
