"""All that is held in memory of one person, under one consent. Dropping it forgets; on disk is what `record` allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from emohost.bridge.baseline import Baselines
from emohost.bridge.consent import Consent, ConsentError, ConsentStore
from emohost.bridge.intent import INTENTS, USUAL, wanted
from emohost.bridge.signals import Signals
from emohost.bridge.state import Feeling
from emohost.bridge.taste import Taste

Point = tuple[float, float]
_T = TypeVar("_T")
_TASTE, _BASELINE = "taste", "baseline"


class Session:
    """One thread at a time. What was kept before is read if the consent allows it."""

    def __init__(self, consent: Consent, store: ConsentStore, seed: int) -> None:
        self.consent = consent
        self._store = store
        self._seed = seed
        self._unread: dict[str, str] = {}
        self._taste = self._kept(_TASTE, Taste.load) or Taste(seed)
        self.feeling = Feeling(self._kept(_BASELINE, Baselines.load))
        self.intent = USUAL
        self.left_out: dict[str, str] = {}
        self._played: tuple[Point, Point] | None = None

    def take(self, signals: Signals, now_s: float) -> None:
        self.left_out = {**self._unread, **signals.left_out, **self.feeling.take(signals, now_s)}

    def rest(self, signals: Signals, now_s: float) -> None:
        self.left_out = {**self._unread, **signals.left_out, **self.feeling.rest(signals, now_s)}
        self._keep(_BASELINE, self.feeling.baselines.save())

    @property
    def point(self) -> Point:
        """What is felt: valence and arousal."""
        valence, arousal = self.feeling.tracker.mean
        return float(valence), float(arousal)

    def wanted(self) -> Point:
        """What to play for it, before taste."""
        return wanted(self.intent, *self.point)

    def tasted(self, point: Point, intent: str) -> Point:
        """`point`, moved by what ratings have taught."""
        offset = self._taste.offset(*point) if INTENTS[intent].taste else (0.0, 0.0)
        return point[0] + offset[0], point[1] + offset[1]

    def played(self, point: Point, intent: str, left: Point) -> None:
        """`left` has left for `point`: the next rating is of that. `mirror` learns nothing."""
        self._played = (point, left) if INTENTS[intent].taste else None

    def disclosure(self) -> str:
        """One line for the host's status: about whom what is inferred, from what, and what for."""
        signals = ", ".join(self.feeling.used) or "what came before"
        return f"{self.consent.person}: valence and arousal from {signals}; {self.intent}"

    def rate(self, rating: float) -> None:
        """As UnifiedFramework.evolve_from_feedback."""
        if not self.consent.allows("feedback", "play"):
            raise ConsentError("no consent to learn from ratings (signal feedback, for play)")
        if self._played is None:
            raise ValueError("rating: nothing has been extracted that taste could move")
        self._taste.rate(*self._played, rating)
        self._keep(_TASTE, self._taste.save())

    @property
    def ratings(self) -> int:
        return self._taste.ratings

    def reset_taste(self) -> None:
        self._taste = Taste(self._seed)
        self._store.forget(self.consent.person, _TASTE)

    def _keep(self, name: str, data: bytes) -> None:
        if "record" in self.consent.purposes:
            self._store.keep(self.consent.person, name, data)

    def _kept(self, name: str, load: Callable[[bytes], _T]) -> _T | None:
        if "record" not in self.consent.purposes:
            return None
        data = self._store.kept(self.consent.person, name)
        try:
            return None if data is None else load(data)
        except ValueError:
            self._unread[name] = "what was kept could not be read; begins anew"
            return None
