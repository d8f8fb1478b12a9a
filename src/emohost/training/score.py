"""What is said of how good a network is: a number, what was aimed at, and what simpler means reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Score:
    name: str  # such as 'step emphasis, mean absolute error'
    value: float
    target: float | None = None  # None: told, but nothing was aimed at
    higher_is_better: bool = True
    baselines: Mapping[str, float] = field(default_factory=dict)  # the same measure by simpler means
    unit: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.higher_is_better else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """For metadata and `--json`; numbers to six digits."""
        told: dict[str, Any] = {
            "name": self.name,
            "value": _short(self.value),
            "higher_is_better": self.higher_is_better,
            "baselines": {name: _short(value) for name, value in self.baselines.items()},
            "unit": self.unit,
        }
        if self.target is not None:
            told |= {"target": _short(self.target), "reached": self.reached}
        return told


def _short(value: float) -> float:
    return float(f"{value:.6g}")
