"""A person's own resting levels. Bodily signals differ more between people than feelings move them.

A deviation is counted in reactivities: how far strong feelings move the signal within a person. Levels are
calibrated from readings at rest; until there are enough, typical ones stand in, with the doubt that goes with them. All
numbers are the project's own choice, of the order that textbooks give. One thread at a time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

READINGS = 20  # at rest, for a level to count as calibrated


@dataclass(frozen=True)
class Typical:
    """Of adults, and of sensors that give a share of their range."""

    level: float
    between: float  # standard deviation of levels between people
    reactivity: float  # within a person; for `relative` ones as a share of the level
    relative: bool = False


TYPICAL: Mapping[str, Typical] = {
    "heart_rate": Typical(72.0, 10.0, 12.0),  # beats a minute
    "gsr": Typical(0.4, 0.2, 0.4, relative=True),
    "eeg_alpha": Typical(0.5, 0.2, 0.4, relative=True),
    "voice_tone": Typical(0.4, 0.15, 0.15),
    "voice_intensity": Typical(0.4, 0.15, 0.15),
}


@dataclass
class Level:
    """Running mean and spread of readings at rest (B. P. Welford, Technometrics 4, 1962)."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0

    def add(self, value: float) -> None:
        self.count += 1
        step = value - self.mean
        self.mean += step / self.count
        self.squares += step * (value - self.mean)

    @property
    def spread(self) -> float:
        return math.sqrt(self.squares / self.count) if self.count else 0.0


class Baselines:
    def __init__(self) -> None:
        self._levels: dict[str, Level] = {}

    def rest(self, name: str, value: float) -> None:
        """A reading at rest. Names of TYPICAL."""
        self._levels.setdefault(name, Level()).add(value)

    def calibrated(self, name: str) -> bool:
        level = self._levels.get(name)
        return level is not None and level.count >= READINGS

    def deviation(self, name: str, value: float) -> tuple[float, float]:
        """In reactivities: how far `value` is from the baseline, and the standard deviation of not knowing that."""
        typical, level = TYPICAL[name], self._levels.get(name)
        if level is None or level.count < READINGS:
            reactivity = typical.reactivity * (typical.level if typical.relative else 1.0)
            return (value - typical.level) / reactivity, typical.between / reactivity
        usual = typical.reactivity * (abs(level.mean) if typical.relative else 1.0)
        reactivity = max(usual, 2 * level.spread, 1e-6)  # who is restless at rest says less by moving
        return (value - level.mean) / reactivity, level.spread / math.sqrt(level.count) / reactivity

    def save(self) -> bytes:
        levels = {name: [level.count, level.mean, level.squares] for name, level in self._levels.items()}
        return json.dumps({"levels": levels}).encode()

    @classmethod
    def load(cls, data: bytes) -> Baselines:
        """Raises ValueError for what `save` has not written."""
        found = cls()
        try:
            for name, (count, mean, squares) in json.loads(data)["levels"].items():
                level = Level(int(count), float(mean), float(squares))
                if (
                    name not in TYPICAL
                    or level.count < 1
                    or level.squares < 0
                    or not math.isfinite(level.mean)
                ):
                    raise ValueError(name)
                found._levels[name] = level
        except (KeyError, TypeError, AttributeError):
            raise ValueError("no baselines") from None
        return found
