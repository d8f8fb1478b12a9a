"""What the band means to play next, bar by bar, as a block's report tells it. Pure; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from emohost._core import PLANNED_FLAGS
from emohost.labels import NOTHING, chord_label
from emohost.recording.conductor import STEPS_PER_BEAT
from emohost.vocabulary import PART_NAMES


@dataclass(frozen=True)
class PlannedBar:
    """`chords`: with each beat, as emohost.labels, empty where it is not known yet. `parts`: for each part a character
    for every sixteenth, 'x' where it strikes and '.' where it does not; a part that does not play has none that
    strikes; a melody that is composed only when the bar begins is left out."""

    begins_section: bool = False
    ends_phrase: bool = False
    chords: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> PlannedBar:
        """Of what the control socket says."""
        values = dict(told)
        values["chords"] = tuple(told["chords"])  # type: ignore[arg-type]
        return cls(**values)  # type: ignore[arg-type]


def planned_bars(report: np.void) -> tuple[PlannedBar, ...]:
    """The present bar and the next one, of a report (`_core.report_dtype`); none where nothing is planned."""
    beats = int(report["beats_per_bar"])
    return tuple(_bar(bar, beats) for bar in report["planned"] if bar["flags"] & PLANNED_FLAGS["planned"])


def _bar(bar: np.void, beats: int) -> PlannedBar:
    flags = int(bar["flags"])
    melody_open = bool(flags & PLANNED_FLAGS["melody_open"])
    return PlannedBar(
        begins_section=bool(flags & PLANNED_FLAGS["begins_section"]),
        ends_phrase=bool(flags & PLANNED_FLAGS["ends_phrase"]),
        chords=tuple(_chord(int(chord)) for chord in bar["chords"][:beats]),
        parts={
            part: _strikes(int(bits), beats * STEPS_PER_BEAT)
            for part, bits in zip(PART_NAMES, bar["strikes"], strict=False)  # not those that play on no step
            if not (part == "melody" and melody_open)
        },
    )


def _chord(chord: int) -> str:
    label = chord_label(chord)
    return "" if label == NOTHING else label


def _strikes(bits: int, steps: int) -> str:
    return "".join("x" if bits >> step & 1 else "." for step in range(steps))
