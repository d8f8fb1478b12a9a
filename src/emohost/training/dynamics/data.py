"""What the dynamics network learns: how loud and how long human players play, by what is heard and felt meanwhile.

Pianists of POP909 play melody, chords and bass (the lowest note of the left hand), drummers of the Groove MIDI Dataset
the drums. Their performances are rendered and heard by the host's own listener; the emotion is that of the last seconds
before each sixteenth, by the cue model. Inputs are formed by the engine's own functions, half a sixteenth ahead, as the
host plans.

What no performance tells (control changes from expression to release) is given by rule, from the emotion and the level:
soft and calm is slow of attack, dull and far away (P. Juslin, in Music and Emotion, 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost import _core, emotion
from emohost.training.data_sets import drummers
from emohost.training.data_sets.folders import Arrays, DataError, data_set, kept, stamp
from emohost.training.data_sets.labels import Cues, cues_of_notes
from emohost.training.data_sets.labels import emotion as emotion_of
from emohost.training.data_sets.notes import DRUMS, NOTE
from emohost.training.data_sets.pop909 import files as pop909
from emohost.training.data_sets.pop909 import pianists
from emohost.training.data_sets.splits import Split
from emohost.training.data_sets.take import PARTS, STEPS, Take
from emohost.training.groove.data import cues_of
from emohost.training.progress import Progress
from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT, TRAIN_SOUNDFONT
from emohost.training.rendering.listening import listener_stamp
from emohost.training.rendering.passages import Passage
from emohost.training.rendering.render import RATE, render

VERSION = 2
LIMITS = {"train": (200, 400), "validation": (30, 30), "test": (60, 77)}  # pianists, drummers
HEARD_S = 8.0  # of music before a sixteenth that its emotion is of
BATCH = 20  # performances rendered at a time

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


def load(data: Path, cache: Path, progress: Progress, split: Split) -> Arrays:
    """Of n sixteenths at which something is played:

    emotion (n, 2) valence and arousal; context (n, 16); place (n,) sixteenth of the bar; velocity (n, 4) and gate
    (n, 4) of melody, chords, bass and drums, 0 to 1, NaN where the part does not begin a note; accent (n,), NaN where
    unknown; take (n,) which performance. Raises DataError, EmohostError where fluidsynth or its soundfont is not there.
    """
    sets = ((pop909.SET, pop909.HOLDS), (drummers.SET, "info.csv"))
    folders = [stamp(data_set(data, name, holds)) for name, holds in sets]

    def make() -> Arrays:
        takes = [*pianists.takes(data, split, LIMITS[split][0], progress), *drum_takes(data, split, progress)]
        if not takes:
            raise DataError(
                f"{data}: expected players for the split {split}, found none: more data is needed"
            )
        font = TEST_SOUNDFONT if split == "test" else TRAIN_SOUNDFONT
        rows = []
        for first in range(0, len(takes), BATCH):
            progress(f"hearing players ({split})", first, len(takes))
            rows += heard(takes[first : first + BATCH], first, font)
        progress(f"hearing players ({split})", len(takes), len(takes))
        return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}

    depends = {"data": folders, "limits": LIMITS[split], "version": VERSION, "listener": listener_stamp()}
    return kept(cache, f"dynamics-{split}", depends, make)


def drum_takes(data: Path, split: Split, progress: Progress) -> list[Take]:
    """The longest beats of a split."""
    return [_drum_take(each) for each in drummers.performances(data, progress, split, LIMITS[split][1])]


def _drum_take(performance: drummers.DrumPerformance) -> Take:
    step_s = 15.0 / performance.tempo_bpm
    count = min(performance.bars, int(pianists.SECONDS / (drummers.STEPS * step_s))) * drummers.STEPS
    inside = performance.place < count - 0.5
    place, velocity = performance.place[inside], performance.velocity[inside]
    notes = np.zeros(int(inside.sum()), dtype=NOTE)
    notes["onset"], notes["duration"] = np.maximum(place * step_s, 0), performance.length[inside] * step_s
    notes["pitch"], notes["velocity"], notes["part"] = performance.note[inside], velocity, DRUMS
    played = Take.empty(count, step_s, notes, performance.tempo_bpm)
    step = np.clip(np.round(place).astype(int), 0, count - 1)
    for hit in np.argsort(velocity):  # the loudest last
        played.velocity[step[hit], DRUMS_PART] = velocity[hit] / 127
        length = performance.length[inside][hit]
        played.gate[step[hit], DRUMS_PART] = np.clip((length - 0.25) / 0.5, 0, 1)  # as drums.cpp reads it
    return played


DRUMS_PART = PARTS.index("drums")


def heard(takes: Sequence[Take], first: int, font: Path) -> list[Arrays]:
    """Rows for each take; takes are numbered from `first`."""
    programs = (0, 0, 0, 32)
    cues = Cues(0.0, 100.0, 3.0, 62.0, 0.5, 0.35, 0.5)  # not used in rendering
    performances = [Passage(each.notes, each.seconds, cues, programs, False, 0.0) for each in takes]
    sounds = render(performances, font)
    return [
        _rows(take, sound, first + index)
        for index, (take, sound) in enumerate(zip(takes, sounds, strict=True))
    ]


def _rows(take: Take, sound: Float32, number: int) -> Arrays:
    listener = _core.Listener(float(RATE), layout="emohost1")
    hops = listener.process(sound)
    ends = hops["frame"] / RATE
    step_s = np.diff(take.step_s)
    known = np.searchsorted(ends, take.step_s[:-1] - 0.5 * step_s, side="right") - 1
    chosen = (known >= 0) & ~np.isnan(take.velocity).all(axis=1)
    steps = np.flatnonzero(chosen)
    points = _emotions(take, steps)
    place = take.step_in_bar[steps]
    return {
        "emotion": points,
        "context": _core.dynamics_context(hops[known[steps]], place.astype(np.int64), take.tempo_bpm),
        "place": place.astype(np.int64),
        "velocity": take.velocity[steps].astype(np.float32),
        "gate": take.gate[steps].astype(np.float32),
        "accent": take.accent()[steps].astype(np.float32),
        "take": np.full(len(steps), number, dtype=np.int64),
    }


def pooled(valence: Float64, arousal: Float64) -> Float32:
    """The first half of the input, (n, 16): the embedding, each entry the mean of four."""
    return _core.pool_embedding(emotion.encode(valence, arousal))


def by_rule(points: Float64, level: Float64) -> Float64:
    """Outputs 9 to 15, (n, 7): expression, brightness, modulation, reverb, chorus, attack, release, for (n, 2) valence
    and arousal and the level heard, 0 to 1. Attack and release are long at 1."""
    valence, arousal = points[:, 0], points[:, 1]
    columns = (
        0.5 + 0.3 * arousal + 0.3 * (level - 0.5),
        0.5 + 0.35 * arousal + 0.1 * valence,
        0.3 + 0.25 * arousal - 0.05 * valence,
        0.45 - 0.3 * arousal,
        0.35 - 0.15 * arousal + 0.1 * valence,
        0.45 - 0.4 * arousal,
        0.5 - 0.35 * arousal,
    )
    return np.clip(np.stack(columns, axis=1), 0.02, 0.98)


def _emotions(take: Take, steps: NDArray[np.int64]) -> Float32:
    """(len(steps), 2), of the music before each step's beat; the first seconds are those of their own beginning."""
    points: dict[int, tuple[float, float]] = {}
    for beat in np.unique(steps // 4):
        end = max(float(take.step_s[4 * beat]), min(2.0, take.seconds))
        inside = (take.notes["onset"] >= end - HEARD_S) & (take.notes["onset"] < end)
        notes, length = take.notes[inside], min(end, HEARD_S)
        if len(notes) == 0:
            points[int(beat)] = points.get(int(beat) - 1, (0.0, -0.4))
        elif (notes["part"] == DRUMS).all():
            step_s = 15.0 / take.tempo_bpm
            bars = length / (STEPS * step_s)
            points[int(beat)] = emotion_of(
                cues_of(take.tempo_bpm, notes["onset"] / step_s, notes["velocity"], bars)
            )
        else:
            columns = (notes["onset"], notes["duration"], notes["pitch"], notes["velocity"])
            points[int(beat)] = emotion_of(cues_of_notes(*columns, tempo_bpm=take.tempo_bpm, length_s=length))
    return np.array([points[int(step) // 4] for step in steps], dtype=np.float32).reshape(-1, 2)
