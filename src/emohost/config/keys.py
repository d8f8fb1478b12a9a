"""The ways in which people write a key, and the one way in which the rest of the program reads it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

AUTO = "auto"
# A lone small letter is not taken: to some it is the major key, to others the minor one. JSON Schema knows no named
# groups and no flags, so the groups count: tonic, accidental, mode after a space, mode without one.
_WORDS = r"[Mm]ajor|[Mm]aj|[Mm]inor|[Mm]in|MAJOR|MINOR"
PATTERN = (
    r"^(?:[Aa]uto|AUTO|([A-G])([#b♯♭]?)|"
    rf"([A-Ga-g])([#b♯♭]?)(?:[ :_-]?({_WORDS})|(m|M)))$"
)
EXPECTED = "'auto' (the key heard), or a key such as 'C minor', 'F# major', 'Bbm'"


def canonical(text: str) -> str:
    """'auto', or such as 'C minor', 'F# major', 'Bb minor', of a text that PATTERN matches."""
    found = re.match(PATTERN, text)
    if found is None:
        raise ValueError(f"found {text!r}; expected {EXPECTED}")
    major_tonic, major_sign, tonic, sign, word, letter = found.groups()
    if not (major_tonic or tonic):
        return AUTO
    accidental = (major_sign or sign or "").replace("♯", "#").replace("♭", "b")
    minor = letter == "m" or (word or "").lower().startswith("min")
    return f"{(major_tonic or tonic).upper()}{accidental} {'minor' if minor else 'major'}"


Key = Annotated[
    str,
    Field(pattern=PATTERN, json_schema_extra={"patternErrorMessage": f"expected {EXPECTED}"}),
    AfterValidator(canonical),
]
