"""What a check of the machine found. Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "doubtful", "bad", "unknown"]


@dataclass(frozen=True)
class Finding:
    """`found`: what is there; `why` it matters; `mend`: a command of the shell or a step that mends it, empty where
    nothing needs mending. `runs`: `mend` is a command that can be run as it is."""

    name: str
    state: State
    found: str
    why: str
    mend: str = ""
    runs: bool = False
