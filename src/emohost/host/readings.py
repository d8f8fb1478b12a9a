"""The musical part of the status, from a block's report. Pure; any thread."""

from __future__ import annotations

from typing import Any

import numpy as np

from emohost._core import CLOCK_SOURCES, PLAYING
from emohost.host.planned import PlannedBar, planned_bars
from emohost.labels import ROOTS, SOUNDS, chord_label
from emohost.vocabulary import STYLES

CLOCKS = {number: name for name, number in CLOCK_SOURCES.items()}
BAND = {number: name for name, number in PLAYING.items()}


def style_in_force(number: int) -> str:
    """Of a report's number; nothing before the first step."""
    return STYLES[number].name if number else ""


class Readings:
    """Keeps what was read of the plan: it becomes another with each beat at most."""

    def __init__(self) -> None:
        self._plan: tuple[bytes, tuple[PlannedBar, ...]] = (b"", ())

    def of(self, report: np.void) -> dict[str, Any]:
        """Fields of Status, of a report (`_core.report_dtype`)."""
        return {
            "valence": float(report["valence"]),
            "arousal": float(report["arousal"]),
            "level_db": float(report["level_db"]),
            "sound": SOUNDS[int(report["sound"])],
            "sound_confidence": float(report["sound_confidence"]),
            "key": _key(int(report["tonic"]), bool(report["minor"])),
            "chord_heard": _chord(int(report["chord_heard"])),
            "chord_played": _chord(int(report["chord_played"])),
            "tempo": float(report["tempo"]),
            "beat": float(report["beat"]),
            "beats_per_bar": int(report["beats_per_bar"]),
            "clock": CLOCKS[int(report["clock"])],
            "clock_confidence": float(report["clock_confidence"]),
            "clock_lost": bool(report["clock_lost"]),
            "chart_bar": int(report["chart_bar"]),
            "band": BAND[int(report["playing"])],
            "style": style_in_force(int(report["style"])),
            "section": int(report["section"]),
            "bar_in_section": int(report["bar_in_section"]),
            "plan": self._planned(report),
        }

    def _planned(self, report: np.void) -> tuple[PlannedBar, ...]:
        raw = report["planned"].tobytes() + bytes([int(report["beats_per_bar"])])
        if raw != self._plan[0]:
            self._plan = (raw, planned_bars(report))
        return self._plan[1]


def _key(tonic: int, minor: bool) -> str:
    return f"{ROOTS[tonic]} {'minor' if minor else 'major'}" if tonic >= 0 else ""


def _chord(chord: int) -> str:
    return chord_label(chord) if chord >= 0 else ""
