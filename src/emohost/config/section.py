"""What every section of a rig's YAML file has in common."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, create_model
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)


def cross_field(found: str, expected: str, *keys: tuple[str | int, ...]) -> PydanticCustomError:
    """The error of a validator that compares `keys` (paths from its section); the first is the one to be shown."""
    context = {"found": found, "expected": expected, "keys": keys}
    return PydanticCustomError("cross_field", "found {found}; expected {expected}", context)


def pattern_message(expected: str) -> dict[str, JsonValue]:
    """What a text with a pattern is to be, for our messages and, by the same key, for editors."""
    return {"patternErrorMessage": f"expected {expected}"}


def _home_is_there(path: Path) -> Path:
    """'~somebody/x' needs a user of that name."""
    try:
        path.expanduser()
    except RuntimeError:
        name = path.parts[0]
        raise cross_field(f"'{path}'", f"a path; '{name}' is nobody's home on this machine", ()) from None
    return path


FilePath = Annotated[Path, AfterValidator(_home_is_there)]
"""A path as the file writes it; `emohost.config.load` makes it absolute."""


def sections(
    module: str, name: str, doc: str, base: type[Section], members: dict[str, tuple[Section, str]]
) -> Any:
    """A section with a member for each name of a table: (its default, one line of help)."""
    fields: dict[str, Any] = {
        key: (type(default), Field(default, description=help)) for key, (default, help) in members.items()
    }
    return made(module, name, base, fields, __doc__=doc)


def made(module: str, name: str, base: type[Section], fields: dict[str, Any], **more: Any) -> Any:
    """A section of that name, also in the module: there pickle looks for it when a rig goes to another process."""
    assert not hasattr(sys.modules[module], name), name
    section = create_model(name, __base__=base, __module__=module, **more, **fields)
    setattr(sys.modules[module], name, section)
    return section
