"""What is strange about the sound that comes in, found in the engine's reports of its blocks and said once each: live
and for files."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emohost._core import FLAGS

QUIET_S = 10.0  # without anything above the gate, from the start
BAD_S = 1.0  # of nothing but NaN
CANCELLED_S = 2.0  # of sound
CANCELLED_SHARE = 0.8  # of these
CLIPPED_BLOCKS = 3
AUDIBLE = 1e-3  # largest sample of a block that counts as sound for this


class InputCheck:
    """One thread. The reports are those of one engine after the other, in order."""

    def __init__(self, gate_db: float, expects_sound: bool = True) -> None:
        """`gate_db`: `music.gate_db`. Without `expects_sound` silence is what was asked for."""
        self._gate_db = gate_db
        self._listens = expects_sound
        self._quiet_s, self._peak = 0.0, 0.0
        self._bad_s = 0.0
        self._bad_before = 0
        self._sounding_s = self._cancelled_s = 0.0
        self._clipped = 0
        self._said: set[str] = set()

    def begin(self) -> None:
        """A new engine: it counts from zero."""
        self._bad_before = 0

    def of(self, reports: NDArray[np.void], sample_rate: float) -> list[str]:
        """What there is to say after these blocks, mostly nothing."""
        if not len(reports):
            return []
        seconds = reports["frames"] / sample_rate
        found = [
            self._not_finite(reports, seconds),
            self._clipping(reports),
            self._cancelling(reports, seconds),
            self._quiet(reports, seconds),
        ]
        return [text for text in found if text]

    def _once(self, what: str, text: str) -> str:
        if what in self._said:
            return ""
        self._said.add(what)
        return text

    def _not_finite(self, reports: NDArray[np.void], seconds: NDArray[np.float64]) -> str:
        total = reports["bad_samples"].astype(np.int64)
        new = np.diff(total, prepend=self._bad_before)
        self._bad_before = int(total[-1])
        full = (new >= reports["frames"]) & (reports["frames"] > 0)
        if not full.all():
            self._bad_s = 0.0
            return ""
        self._bad_s += float(seconds.sum())
        if self._bad_s < BAD_S:
            return ""
        whose = "one of its channels gives" if reports["peak"].max() > 0 else "there is"
        return self._once(
            "bad", f"the input holds no sound: {whose} nothing but NaN or infinity, taken for silence"
        )

    def _clipping(self, reports: NDArray[np.void]) -> str:
        self._clipped += int(np.count_nonzero(reports["flags"] & FLAGS["clipped"]))
        if self._clipped < CLIPPED_BLOCKS:
            return ""
        return self._once("clipped", "the input clips (samples in a row at full scale): turn its gain down")

    def _cancelling(self, reports: NDArray[np.void], seconds: NDArray[np.float64]) -> str:
        sounding = reports["peak"] > AUDIBLE
        cancelled = (reports["flags"] & FLAGS["cancelled_channels"]) != 0
        self._sounding_s += float(seconds[sounding].sum())
        self._cancelled_s += float(seconds[sounding & cancelled].sum())
        if self._sounding_s < CANCELLED_S:
            return ""
        share, self._sounding_s, self._cancelled_s = self._cancelled_s / self._sounding_s, 0.0, 0.0
        if share < CANCELLED_SHARE:
            return ""
        return self._once(
            "cancelled",
            "the channels of the input cancel each other when they are mixed (opposite phases); audio.channels chooses "
            "one of them",
        )

    def _quiet(self, reports: NDArray[np.void], seconds: NDArray[np.float64]) -> str:
        if not self._listens or self._said & {"bad", "cancelled"}:  # why it is silent is said
            return ""
        if (reports["level_db"] > self._gate_db).any():
            self._listens = False
            return ""
        self._quiet_s += float(seconds.sum())
        self._peak = max(self._peak, float(reports["peak"].max()))
        if self._quiet_s < QUIET_S:
            return ""
        self._listens = False
        loudest = (
            f"the largest sample was {20 * np.log10(self._peak):.1f} dBFS"
            if self._peak > 0
            else "all samples were zero"
        )
        return f"nothing was heard above the gate (music.gate_db: {self._gate_db:g}) for {QUIET_S:g} s: {loudest}"
