"""Ableton Link: the host is a peer of the session that runs in the local network, and follows it or leads it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from emohost._core import Shared, monotonic_ns
from emohost.errors import ConfigError

EVERY_S = 0.02
FAR_TEMPO, FAR_BEATS = 0.01, 0.02  # from which on the session is set, where the host leads


@dataclass(frozen=True)
class Where:
    """Where the band is at a moment: beats per minute, place in the bar in beats, whether the transport runs."""

    tempo: float
    beat: float
    runs: bool


def import_link() -> ModuleType:
    """Raises ConfigError where the extra is not installed."""
    try:
        import link
    except ImportError:
        raise ConfigError(
            "music.clock: Ableton Link needs another package; pip install 'emohost[link]'"
        ) from None
    module: ModuleType = link
    return module


class LinkPeer:
    """One thread."""

    def __init__(self, tempo: float, beats_per_bar: int) -> None:
        """Joins the session; `tempo` (beats per minute) holds where there is none. Raises ConfigError."""
        self._link: Any = import_link().Link(tempo)
        self._quantum = float(beats_per_bar)
        self._link.startStopSyncEnabled = True
        self._link.enabled = True
        self._played: bool | None = None
        self._told = 0
        self._next = 0.0

    @property
    def peers(self) -> int:
        """Others in the session."""
        return int(self._link.numPeers())

    def due(self) -> bool:
        """Whether it is time to follow or lead again."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + EVERY_S
        return True

    def follow(self, shared: Shared, frame: int) -> None:
        """Tells the engine where the session's beat is at `frame`, which is that of now; starts and stops with it."""
        state = self._link.captureSessionState()
        shared.anchor(frame, state.tempo(), state.beatAtTime(self._link.clock().micros(), self._quantum))
        plays = bool(state.isPlaying())
        if self._played is not None and plays != self._played:
            shared.command("transport_start" if plays else "transport_stop")
        self._played = plays

    def lead(self, where: Where) -> None:
        """The session's tempo, beat and state become those of the band, where they differ."""
        state = self._link.captureSessionState()
        now_us = self._link.clock().micros()
        changed = False
        if where.tempo > 0 and abs(state.tempo() - where.tempo) > FAR_TEMPO:
            state.setTempo(where.tempo, now_us)
            changed = True
        off = (where.beat - state.beatAtTime(now_us, self._quantum)) % self._quantum
        if where.runs and min(off, self._quantum - off) > FAR_BEATS:
            state.forceBeatAtTime(where.beat % self._quantum, now_us, self._quantum)
            changed = True
        if (
            bool(state.isPlaying()) != where.runs or self.peers != self._told
        ):  # who joins brings a state of its own
            self._told = self.peers
            state.setIsPlaying(where.runs, now_us)
            changed = True
        if changed:
            self._link.commitSessionState(state)

    def close(self) -> None:
        """Leaves the session."""
        self._link.enabled = False


def where_at(report: Any, sample_rate: float, delay_s: float, at_ns: int | None = None) -> Where:
    """Where the band sounds to be at `at_ns` (None: now), by a block's report (`_core.report_dtype`)."""
    since_s = ((monotonic_ns() if at_ns is None else at_ns) - int(report["started_ns"])) * 1e-9 - delay_s
    ahead_s = since_s - int(report["frames"]) / sample_rate
    tempo = float(report["tempo"])
    return Where(tempo, float(report["beat"]) + ahead_s * tempo / 60, int(report["playing"]) != 0)
