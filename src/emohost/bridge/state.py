"""What a person feels, from signals over time: each read after its mapping, dead sensors left out, fused and followed.

Holds the state, the baselines and the last reading of each sensor, in memory. One thread at a time.
"""

from __future__ import annotations

from functools import lru_cache

from emohost.bridge import mappings
from emohost.bridge.baseline import TYPICAL, Baselines
from emohost.bridge.fusion import Observation, Tracker, fuse
from emohost.bridge.sensors import Sensors
from emohost.bridge.signals import Signals
from emohost.bridge.text.regressor import TextRegressor, load, packaged_file


class Feeling:
    """Seconds are of any steady clock, and do not go backwards (where they do, no time passes)."""

    def __init__(self, baselines: Baselines | None = None) -> None:
        self.tracker = Tracker()
        self.baselines = baselines or Baselines()
        self.used: tuple[str, ...] = ()  # signals that told something the last time
        self._sensors = Sensors()
        self._at_s: float | None = None
        self._last: dict[str, tuple[float, Observation]] = {}  # by signal: when, and what it told

    def take(self, signals: Signals, now_s: float) -> dict[str, str]:
        """Follows the state to now. Returns the sensors that were left out, and why."""
        dead = self._dead(signals, now_s)
        self.tracker.advance(0.0 if self._at_s is None else now_s - self._at_s)
        self._at_s = now_s if self._at_s is None else max(now_s, self._at_s)
        observed = self._observe(signals, dead)
        seen = {name: self._paced(name, each, now_s) for name, each in observed.items()}
        self.used = tuple(seen)
        if seen:
            self.tracker.update(fuse(seen.values()))
        return dead

    def at(self, now_s: float) -> Tracker:
        """What is known of it now."""
        return self.tracker.ahead(0.0 if self._at_s is None else now_s - self._at_s)

    def rest(self, signals: Signals, now_s: float) -> dict[str, str]:
        """Takes bodily and vocal signals as those of rest, into the baselines. Returns as `take`."""
        dead = self._dead(signals, now_s, resting=True)
        for name, value in signals.numbers.items():
            if name in TYPICAL:
                self.baselines.rest(name, value)
        return dead

    def _dead(self, signals: Signals, now_s: float, resting: bool = False) -> dict[str, str]:
        """Takes dead sensors out of `signals`, and says which and why."""
        reasons = {name: self._sensors.check(name, value, now_s) for name, value in signals.numbers.items()}
        if signals.numbers.get("voice_intensity") == 0:
            silent = {"voice_tone", "voice_intensity"} & signals.numbers.keys()
            reasons |= dict.fromkeys(silent, "nobody speaks")
        gsr = signals.numbers.get("gsr", 0.0)
        if gsr > 1 and not self.baselines.calibrated("gsr") and not resting:
            reasons["gsr"] = "no share of the sensor's range, 0 to 1, and not calibrated"
        dead = {name: reason for name, reason in reasons.items() if reason is not None}
        for name in dead:
            del signals.numbers[name]
        return {**self._sensors.missing(now_s), **dead}

    def _observe(self, signals: Signals, dead: dict[str, str]) -> dict[str, Observation]:
        numbers = signals.numbers
        seen = {
            name: mappings.bodily(name, numbers[name], self.baselines)
            for name in mappings.BODILY
            if name in numbers
        }
        valence, arousal = numbers.get("affect_valence"), numbers.get("affect_arousal")
        if valence is not None or arousal is not None:
            seen["affect"] = mappings.affect(valence, arousal)
        if signals.text is not None:
            estimate = _regressor().estimate(signals.text)
            if (estimate.variance < 1).any():
                seen["text"] = mappings.text(estimate)
            else:
                dead["text"] = "too few of its words are known; English is"
        return seen

    def _paced(self, name: str, seen: Observation, now_s: float) -> Observation:
        """A sensor's error lasts; what a person says anew is new, and said again says little more."""
        before = self._last.get(name)
        self._last[name] = now_s, seen
        if before is None:
            return seen
        at_s, latest = before
        said = name in ("affect", "text")
        if said and not ((latest.mean == seen.mean).all() and (latest.variance == seen.variance).all()):
            return seen
        independent_s = mappings.SAID_INDEPENDENT_S if said else mappings.BODILY[name].independent_s
        return seen.at_pace(max(now_s - at_s, 0.0), independent_s)


@lru_cache(maxsize=1)
def _regressor() -> TextRegressor:
    return load(packaged_file())
