"""What people say of time while the host plays: which clock leads, where a beat falls, when the transport runs."""

from __future__ import annotations

from collections.abc import Callable

from emohost import vocabulary
from emohost._core import Shared, monotonic_ns
from emohost.errors import ControlError

SOURCES = tuple(source.name for source in vocabulary.CLOCK_SOURCES)
FALLBACKS = {
    "hold": "its last tempo is held",
    "internal": "music.tempo holds",
    "follow": "the beat heard leads",
    "stop": "nothing plays until it returns",
}
ACTIONS = {"start": "transport_start", "stop": "transport_stop"}
OLDEST_TAP_S = 2.0
_BUSY = "the engine takes no commands just now; try again"


class Timing:
    """Any thread, one at a time: the caller holds the lock of the command ring."""

    def __init__(self, source: str, fallback: str, delay_s: Callable[[], float]) -> None:
        """`source` leads at first, `fallback` while it is lost; `delay_s()`: a note sounds so long after its
        frame."""
        self._fallback = FALLBACKS[fallback]
        self._lost = False
        self.source = source
        self._configured = source
        self._delay_s = delay_s

    def lead(self, shared: Shared | None, source: object) -> None:
        """Another clock leads, now and in every engine to come. Raises ControlError."""
        if source not in SOURCES:
            raise ControlError(f"clock: found {source!r}; expected one of {', '.join(SOURCES)}")
        if shared is not None and not shared.lead(str(source)):
            raise ControlError(_BUSY)
        self.source = str(source)

    def news(self, lost: bool) -> str | None:
        """What is to be said when the clock that leads is lost or back."""
        was, self._lost = self._lost, lost
        if lost == was:
            return None
        return (
            f"the {self.source} clock is lost: {self._fallback}"
            if lost
            else f"the {self.source} clock is back"
        )

    def engine_plays(self, shared: Shared) -> None:
        """A new engine starts with the configured clock."""
        if self.source != self._configured:
            shared.lead(self.source)

    def transport(self, shared: Shared | None, action: object) -> None:
        """'start' or 'stop'. Raises ControlError."""
        if not isinstance(action, str) or action not in ACTIONS:
            raise ControlError(f"transport: found {action!r}; expected one of {', '.join(ACTIONS)}")
        self._send(shared, ACTIONS[action])

    def tap(self, shared: Shared | None, sample_rate: float, at_ns: object) -> None:
        """A beat fell at `at_ns` of the monotonic clock (None: now). Raises ControlError."""
        if self.source != "internal":
            raise ControlError(f"tap: the clock follows {self.source!r}; taps are for 'internal'")
        self._send(shared, "tap", sample_rate, at_ns)

    def downbeat(self, shared: Shared | None, sample_rate: float, at_ns: object) -> None:
        """A bar begins with the beat next to `at_ns`. Raises ControlError."""
        self._send(shared, "downbeat", sample_rate, at_ns)

    def _send(
        self, shared: Shared | None, kind: str, sample_rate: float | None = None, at_ns: object = None
    ) -> None:
        if shared is None:
            raise ControlError(f"{kind}: nothing plays just now")
        frame = 0 if sample_rate is None else self.frame_at(shared, sample_rate, at_ns)
        if not shared.command(kind, frame):
            raise ControlError(_BUSY)

    def frame_at(self, shared: Shared, sample_rate: float, at_ns: object) -> int:
        """The frame whose notes sound at that moment, so that the band falls on what is tapped. Raises ControlError."""
        now_ns = monotonic_ns()
        if at_ns is None:
            at_ns = now_ns
        if isinstance(at_ns, bool) or not isinstance(at_ns, int):
            raise ControlError(f"at_ns: found {at_ns!r}; expected nanoseconds of the monotonic clock")
        if not 0 <= now_ns - at_ns <= OLDEST_TAP_S * 1e9:
            raise ControlError("at_ns: expected a moment within the last two seconds")
        return self.frame_of(shared, sample_rate, at_ns)

    def frame_of(self, shared: Shared, sample_rate: float, at_ns: int) -> int:
        """The same of any moment. Raises ControlError while nothing plays."""
        point = shared.time()
        if point is None:
            raise ControlError("nothing plays just now")
        frame, _, frame_ns = point
        return max(1, round(frame + ((at_ns - frame_ns) * 1e-9 - self._delay_s()) * sample_rate))
