"""An emotion network against people: what listeners said of phrases of piano music that it was not trained on.

Each phrase is heard by a fresh listener, or after a minute of another one; what is scored is the mean of the second
half, as decoded from the embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.networks.load import Network
from emohost.training.data_sets.vgmidi import FOLDER, Phrase, phrases
from emohost.training.emotion.decoded import emotion_of
from emohost.training.progress import Progress
from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT, TRAIN_SOUNDFONT, synthesize
from emohost.training.rendering.listening import HOP_S, listen
from emohost.training.rendering.render import GAP_S, RATE, TICKS_PER_S, Float32, level_db
from emohost.training.score import Score

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
USUAL_DB = -25.0  # RMS, dBFS
LEVELS_DB = (-30.0, -20.0, -10.0)
BEFORE_S = 60.0  # of other music
MODE, ATTACKS = 93, 96  # features that a rule goes by: the mode, and how many weak onsets there are
__all__ = ["FOLDER", "of_answers", "scores"]
AT_ONCE = 20  # phrases in one run of the synthesizer
AXES = ("valence", "arousal")


@dataclass(frozen=True)
class Answers:
    """Of n phrases: what the network says and what two rules say, (n, 2) each; what people say, True for pleasant and
    for lively, (n, 2)."""

    said: Float64
    rules: Float64
    people: Bool


def scores(data: Path, network: Network, progress: Progress) -> list[Score]:
    """Raises DataError where the phrases are not there, EmohostError where nothing can be rendered."""
    found = phrases(data)
    fluid = _rendered(found, TRAIN_SOUNDFONT, progress)
    told = []
    for name, sounds, change in (
        ("", fluid, _at(USUAL_DB)),
        (" with MuseScore's instruments", _rendered(found, TEST_SOUNDFONT, progress), _at(USUAL_DB)),
        *((f" at {level:g} dBFS", fluid, _at(level)) for level in LEVELS_DB),
    ):
        told += of_answers(answers(network, [change(each) for each in sounds], found), name)
        progress("Scoring against people", len(told), 8 * 6)
    before = [_at(USUAL_DB)(each) for each in fluid]
    told += of_answers(answers(network, before, found, _others(before)), " after a minute of other music")
    return told


def answers(
    network: Network,
    sounds: Sequence[Float32],
    found: Sequence[Phrase],
    before: Sequence[Float32] | None = None,
) -> Answers:
    """`before`: what is heard before each sound."""
    said, rules = [], []
    for number, sound in enumerate(sounds):
        whole = sound if before is None else np.concatenate([before[number], sound])
        features = listen(whole)
        last = round(len(sound) / RATE / HOP_S) // 2
        said.append(emotion_of(network, features)[-last:].mean(axis=0))
        rules.append(features[-last:, [MODE, ATTACKS]].mean(axis=0))
    people = np.array([[each.valence > 0, each.arousal > 0] for each in found])
    return Answers(np.array(said), np.array(rules, dtype=np.float64), people)


def of_answers(answers: Answers, name: str) -> list[Score]:
    """AUC, right at 0 and at the median, of each axis; right quadrant. `name` ends the name of each score."""
    told = []
    for axis, word in enumerate(AXES):
        said, rule, people = answers.said[:, axis], answers.rules[:, axis], answers.people[:, axis]
        likelier = max(people.mean(), 1 - people.mean())
        by_rule = {"mode" if axis == 0 else "weak onsets": area(rule, people)}
        told += [
            Score(f"people, {word}, AUC{name}", area(said, people), baselines={"chance": 0.5, **by_rule}),
            Score(
                f"people, {word}, right at 0{name}", _right(said > 0, people), baselines={"chance": likelier}
            ),
            Score(
                f"people, {word}, right at the median{name}",
                _right(said > np.median(said), people),
                baselines={"chance": 0.5, "rule": _right(rule > np.median(rule), people)},
            ),
        ]
    quadrants = (answers.said > 0) == answers.people
    both = answers.people @ np.array([1, 2])
    told += [
        Score(
            f"people, quadrant at 0{name}",
            float(quadrants.all(axis=1).mean()),
            baselines={"chance": float(np.bincount(both).max() / len(both))},
        ),
        Score(
            f"people, quadrant at the medians{name}",
            float(((answers.said > np.median(answers.said, axis=0)) == answers.people).all(axis=1).mean()),
        ),
    ]
    return told


def area(said: Float64, people: Bool) -> float:
    """Under the receiver's operating curve: how often a phrase of which people say yes is said to have more of it than
    one of which they say no; ties count half."""
    yes, no = said[people], said[~people]
    if not len(yes) or not len(no):
        return 0.5
    return float(np.mean((yes[:, None] > no).astype(float) + 0.5 * (yes[:, None] == no)))


def _right(said: Bool, people: Bool) -> float:
    return float((said == people).mean())


def _rendered(found: Sequence[Phrase], font: Path, progress: Progress) -> list[Float32]:
    sounds: list[Float32] = []
    for first in range(0, len(found), AT_ONCE):
        sounds += _together([each.midi for each in found[first : first + AT_ONCE]], font)
        progress("Rendering phrases", len(sounds), len(found))
    return sounds


def _together(scores: Sequence[mido.MidiFile], font: Path) -> list[Float32]:
    """Each as sound, all in one run of the synthesizer: it takes longer to read some soundfonts than to play."""
    track, starts, now = mido.MidiTrack(), [0.1], 0
    for score in scores:
        played_s = 0.0
        for message in score:
            played_s += message.time
            if not message.is_meta:
                tick = round((starts[-1] + played_s) * TICKS_PER_S)
                track.append(message.copy(time=max(0, tick - now)))
                now = max(now, tick)
        starts.append(starts[-1] + score.length + GAP_S)
        for channel in range(16):
            for control in (64, 120, 121):
                tick = round((starts[-1] - 0.1) * TICKS_PER_S)
                track.append(
                    mido.Message(
                        "control_change", channel=channel, control=control, value=0, time=max(0, tick - now)
                    )
                )
                now = max(now, tick)
    track.append(mido.MetaMessage("end_of_track", time=TICKS_PER_S))
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_S // 2, tracks=[track])
    sound = synthesize(file, font, RATE, effects=False)
    return [
        sound[round(start * RATE) : round((start + score.length) * RATE)]
        for start, score in zip(starts, scores, strict=False)
    ]


def _at(level: float) -> Callable[[Float32], Float32]:
    """Brought to that RMS in dBFS; what is louder than full scale is cut off, as in a recorder."""

    def change(sound: Float32) -> Float32:
        louder = np.clip(sound * 10 ** ((level - level_db(sound)) / 20), -1, 1)
        return np.asarray(louder, dtype=np.float32)

    return change


def _others(sounds: Sequence[Float32]) -> list[Float32]:
    """A minute of the phrases that stand before each of them."""
    count = round(BEFORE_S * RATE)
    minutes = []
    for number in range(len(sounds)):
        parts: list[Float32] = []
        other = number
        while sum(map(len, parts)) < count:
            other -= 1
            parts.insert(0, sounds[other % len(sounds)])
        minutes.append(np.concatenate(parts)[-count:])
    return minutes
