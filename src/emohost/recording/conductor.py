"""What the conductor track of a MIDI file tells, by the engine's reports: bars, beats, keys, chords and sections."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emohost.labels import NOTHING, chord_label

Call = tuple[int, str, tuple[Any, ...]]
"""A frame, and a method of SmfFile with what follows the time."""

# Further than this off where the tempo leads, the beats begin anew; the grid corrects itself by less.
JUMP_BEATS: Final = 0.45
STEPS_PER_BEAT: Final = 4
ROUNDING: Final = 2  # frames, of the two beats
# As MIDI files name keys.
MAJOR_KEYS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_KEYS = ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm")


class Conductor:
    """Bars are told from the bar line on at which the band comes in. Each beat has the tempo that brings the next one
    where the band's grid had it, so that in a sequencer notes lie on the grid as they did on the band's. What is told
    is the same whatever the block size. One thread."""

    def __init__(self) -> None:
        self._last: np.void | None = None  # the beat before
        self._counts = False  # the file's bars are the band's
        self._key, self._chord, self._section = "", -1, (-1, -1)

    def of(self, reports: NDArray[np.void], sample_rate: float) -> list[Call]:
        """Of these reports (`_core.report_dtype`, in order). Calls may lie up to a beat back, and half a sixteenth
        ahead."""
        beats = reports["planned_beat"]
        beats = beats[beats["beats_per_bar"] > 0]
        before = -1 if self._last is None else int(self._last["frame"])
        calls: list[Call] = []
        for beat in beats[np.diff(beats["frame"].astype(np.int64), prepend=before) != 0]:
            calls += self._follow(beat, sample_rate)
            calls += self._tell(beat)
            self._last = beat
        return calls

    def _follow(self, beat: np.void, rate: float) -> list[Call]:
        calls: list[Call] = []
        if self._counts and self._last is not None:
            calls = _tempi(self._last, beat, rate)
            self._counts = bool(calls)
        if not self._counts and beat["plays"] and beat["beat"] == 0:
            self._counts = True
            calls.append(
                (int(beat["frame"]), "begin_bars", (float(beat["tempo"]), int(beat["beats_per_bar"])))
            )
        return calls

    def _tell(self, beat: np.void) -> list[Call]:
        frame, calls = int(beat["frame"]), list[Call]()
        tonic = int(beat["tonic"])
        key = "" if tonic < 0 else (MINOR_KEYS if beat["minor"] else MAJOR_KEYS)[tonic]
        if key and key != self._key:
            calls.append((frame, "set_key", (key,)))
            self._key = key
        section = (int(beat["section"]), int(beat["material"]))
        if beat["plays"] and section != self._section:
            calls.append((frame, "add_marker", (chr(ord("A") + section[1]),)))
            self._section = section
        chord = int(beat["chord"])
        if chord != self._chord:
            self._chord = chord
            if (label := chord_label(chord)) != NOTHING:
                calls.append((frame, "add_text", (label,)))
        return calls


def _tempi(last: np.void, beat: np.void, rate: float) -> list[Call]:
    """What leads from one beat to the next. A tempo that was set holds from a step on, and is told there. Of a beat
    that is followed the tempo is told that brings it where it lay. None: they do not belong together."""
    begins, since = int(last["frame"]), int(beat["frame"]) - int(last["frame"])
    before, now, per_bar = float(last["tempo"]), float(beat["tempo"]), int(beat["beats_per_bar"])
    moved = (int(beat["beat"]) - int(last["beat"])) % per_bar or per_bar
    least, most = (moved * 60 * rate / each for each in (max(before, now), min(before, now)))
    if per_bar != last["beats_per_bar"] or not (1 - JUMP_BEATS) * least < since < (1 + JUMP_BEATS) * most:
        return []
    for steps in range(STEPS_PER_BEAT * moved + 1):
        at = steps / STEPS_PER_BEAT
        if abs(60 * rate * (at / before + (moved - at) / now) - since) <= ROUNDING:
            change = (begins + round(60 * rate * at / before), "set_tempo", (now,))
            return [change] if steps == 0 else [(begins, "set_tempo", (before,)), change]
    return [(begins, "set_tempo", (60 * moved * rate / since,))]
