"""The bounds on how hard people are steered, enforced where an embedding leaves Side B.

Music that follows a body moves that body: a racing heart asks for faster music, which makes hearts race. So the arousal
that leaves is bounded in range and in rate, whatever sensors, intents and ratings ask for. The rate is a budget of
movement (a token bucket): within any stretch of T seconds arousal travels at most BURST + PER_S * T in all, up and down
counted alike. The numbers are the project's own choice. One thread at a time.
"""

from __future__ import annotations

AROUSAL = (-0.9, 0.8)  # further is not steered, in either direction
VALENCE = (-0.9, 0.9)
BURST = 0.8  # of arousal, at once
PER_S = 0.1  # and this for each second after


class Steering:
    """Begins at neutral, with a full budget. Seconds are of any steady clock."""

    def __init__(self) -> None:
        self.valence = 0.0
        self.arousal = 0.0
        self._budget = BURST
        self._at_s: float | None = None

    def leave(self, valence: float, arousal: float, now_s: float) -> tuple[float, float]:
        """The point that may leave now, as near to the wanted one as the bounds allow. Raises ValueError for NaN."""
        if valence != valence or arousal != arousal:
            raise ValueError("NaN is no point of the circumplex")
        passed_s = 0.0 if self._at_s is None else max(now_s - self._at_s, 0.0)
        self._at_s = now_s if self._at_s is None else max(now_s, self._at_s)
        self._budget = min(self._budget + PER_S * passed_s, BURST)
        wanted = min(max(arousal, AROUSAL[0]), AROUSAL[1])
        step = min(max(wanted - self.arousal, -self._budget), self._budget)
        self._budget -= abs(step)
        self.arousal += step
        self.valence = min(max(valence, VALENCE[0]), VALENCE[1])
        return self.valence, self.arousal


def bounds() -> dict[str, object]:
    """For people: how far and how fast."""
    return {
        "arousal": list(AROUSAL),
        "valence": list(VALENCE),
        "arousal_at_once": BURST,
        "arousal_per_s": PER_S,
    }
