"""Notices sensors that are dead: stuck at one value, jumping as no body does, or silent. One thread at a time."""

from __future__ import annotations

from dataclasses import dataclass

MISSING_S = 5.0  # after so long without a reading, a signal that was there is missing
FORGOTTEN_S = 120.0  # and after so long it is no longer missed
STUCK_READINGS = 10


@dataclass(frozen=True)
class Living:
    """What a living body's readings do."""

    stuck_s: float  # for which it is never the very same
    jump: float | None = None  # nor further than this at once
    jump_per_s: float = 0.0  # and this for each second between readings


# Only signals of sensors. A heart rate is shown in whole beats, and may rest.
LIVING: dict[str, Living] = {
    "heart_rate": Living(30.0, jump=30.0, jump_per_s=5.0),
    "gsr": Living(10.0),
    "eeg_alpha": Living(5.0),
    "voice_tone": Living(10.0),
    "voice_intensity": Living(10.0),
}


@dataclass
class _Seen:
    value: float  # last reading
    at_s: float
    since_s: float  # it has had this value
    repeats: int
    trusted: float  # last reading that was believed
    trusted_s: float


class Sensors:
    """Seconds are of any steady clock."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def check(self, name: str, value: float, now_s: float) -> str | None:
        """Takes a reading; why it is not to be believed, or None. A stuck sensor is believed again when it moves."""
        living, seen = LIVING.get(name), self._seen.get(name)
        if living is None:
            return None
        if seen is None:
            self._seen[name] = _Seen(value, now_s, now_s, 1, value, now_s)
            return None
        same = value == seen.value
        seen.repeats = seen.repeats + 1 if same else 1
        seen.since_s = seen.since_s if same else now_s
        seen.value, seen.at_s = value, now_s
        if seen.repeats >= STUCK_READINGS and now_s - seen.since_s >= living.stuck_s:
            return f"stuck for {now_s - seen.since_s:.0f} s"
        if living.jump is not None:
            allowed = living.jump + living.jump_per_s * (now_s - seen.trusted_s)
            if abs(value - seen.trusted) > allowed:
                return "absurd: jumps further than a body can"
        seen.trusted, seen.trusted_s = value, now_s
        return None

    def missing(self, now_s: float) -> dict[str, str]:
        """Signals that were there and have fallen silent."""
        quiet = {name: now_s - seen.at_s for name, seen in self._seen.items()}
        for name in [name for name, seconds in quiet.items() if seconds > FORGOTTEN_S]:
            del self._seen[name]
        return {
            name: f"missing for {seconds:.0f} s"
            for name, seconds in quiet.items()
            if MISSING_S < seconds <= FORGOTTEN_S
        }
