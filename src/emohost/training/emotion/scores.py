"""Scores of an emotion network, on pieces and with instruments that it was not trained on.

Every session is heard through the host's own listener, from a fresh start, with its automatic calibration of level;
what is scored is decoded from the embedding as the host decodes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.networks.load import Network
from emohost.training.data_sets.drummers import drum_loops
from emohost.training.data_sets.folders import Arrays
from emohost.training.data_sets.pop909.files import song_names
from emohost.training.data_sets.pop909.scores import load_piece
from emohost.training.emotion import people
from emohost.training.emotion.data import (
    HELD_OUT_PROGRAMS,
    PLAIN_LINE,
    TRAIN_PROGRAMS,
    USUAL_DB,
    Line,
    Sound,
    sound,
)
from emohost.training.emotion.decoded import emotion_of
from emohost.training.progress import Progress
from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT
from emohost.training.rendering.listening import HOP_S, listen
from emohost.training.rendering.passages import Mood, Passage, perform, random_mood
from emohost.training.rendering.render import RATE
from emohost.training.rendering.rooms import noise
from emohost.training.score import Score

Float64 = NDArray[np.float64]
SEED = 487
SESSIONS, PAIRS, STEPS, GAINS = 32, 24, 8, 4
PASSAGE_S, LONG_S = 12.0, 16.0  # of a pair; of a session
SETTLED_S = 4.0  # the end of a passage that is scored
FOLLOW_S = 3.0
LEAST_MOVE = 0.02  # of the label, for a pair to count
VISIBLE = 2 / 127  # of the range -1 to 1: one step of a control change
AT_ONCE = 16  # sessions in one run of fluidsynth
LEVEL, MODE = 88, 93  # features

# One cue from low to high; the axis that it moves most; the share of pairs in the right order that is aimed at.
MOVES: dict[str, tuple[Callable[[Mood], tuple[Mood, Mood]], int, float]] = {
    "mode": (lambda mood: (replace(mood, minor=True), replace(mood, minor=False)), 0, 0.85),
    "tempo": (lambda mood: (replace(mood, tempo_bpm=70), replace(mood, tempo_bpm=130)), 1, 0.85),
    "dynamics": (lambda mood: (replace(mood, velocity=45), replace(mood, velocity=100)), 1, 0.85),
    "register": (lambda mood: (replace(mood, octave=-12), replace(mood, octave=12)), 0, 0.75),
    "articulation": (lambda mood: (replace(mood, gate=1.0), replace(mood, gate=0.3)), 1, 0.75),
}


@dataclass(frozen=True)
class EmotionTrack:
    """A session as the network hears it: emotion and labels float64 (hops, 2), features, section and since (hops,)."""

    emotion: Float64
    labels: Float64
    features: Float64
    section: NDArray[np.int32]
    since: Float64

    def settled(self, values: Float64) -> Float64:
        """Mean of the end of each section: (sections, columns)."""
        hops = round(SETTLED_S / HOP_S)
        return np.array(
            [values[self.section == each][-hops:].mean(axis=0) for each in np.unique(self.section)]
        )


class Trial:
    """Plays held-out pieces with the held-out soundfont."""

    def __init__(self, data: Path, network: Network) -> None:
        self.data = data
        self.network = network
        self.random = np.random.default_rng(SEED)
        self.names = song_names(data, "test")
        self.drums = drum_loops(data, "test")

    def passage(self) -> tuple[str, float]:
        """A piece and a beat of it."""
        name = str(self.random.choice(self.names))
        return name, float(self.random.uniform(4, max(5.0, load_piece(self.data, name).beats - 50)))

    def same_passage(self, moods: Callable[[], Sequence[Mood]], seconds: float) -> list[Passage]:
        """One passage in each of the moods, drawn again until there is something to play in all."""
        while True:
            name, start = self.passage()
            drawn = moods()
            seed = int(self.random.integers(2**32))
            played = [
                perform(
                    load_piece(self.data, name), start, seconds, mood, self.drums, np.random.default_rng(seed)
                )
                for mood in drawn
            ]
            found = [each for each in played if each is not None]
            if len(found) == len(drawn):
                return found

    def passage_by(self, programs: tuple[int, ...], seconds: float) -> Passage:
        """A passage in a random mood with melody, bridge and chords by instruments of these."""

        def moods() -> list[Mood]:
            chosen = tuple(int(each) for each in self.random.choice(programs, 3))
            mood = self.mood()
            return [replace(mood, programs=chosen + mood.programs[3:])]

        return self.same_passage(moods, seconds)[0]

    def moved_by(self, move: Callable[[Mood], tuple[Mood, Mood]]) -> Callable[[], tuple[Mood, Mood]]:
        return lambda: move(self.mood())

    def mood(self) -> Mood:
        return random_mood(self.random, TRAIN_PROGRAMS + HELD_OUT_PROGRAMS)

    def sounds(self, sessions: Sequence[Sequence[Passage]], line: Line) -> Iterator[Sound]:
        for first in range(0, len(sessions), AT_ONCE):
            part = sessions[first : first + AT_ONCE]
            yield from sound(part, [line] * len(part), TEST_SOUNDFONT, self.random)

    def tracks(self, sessions: Sequence[Sequence[Passage]]) -> Iterator[EmotionTrack]:
        """Dry, at the usual level."""
        for each in self.sounds(sessions, PLAIN_LINE):
            yield track(self.network, each.heard())


def evaluate(data: Path, network: Network, progress: Progress) -> list[Score]:
    """Against people, too, where there are phrases that people rated. Raises EmohostError where the other data,
    fluidsynth or the soundfont is not there."""
    stage = Trial(data, network)
    parts: list[Callable[[Trial], list[Score]]] = [agreement, order_of_pairs, following, gain, quiet]
    scores = []
    for done, part in enumerate(parts):
        progress("Scoring emotion", done, len(parts))
        scores += part(stage)
    progress("Scoring emotion", len(parts), len(parts))
    if (data / people.FOLDER).is_dir():
        scores += people.scores(data, network, progress)
    return scores


def track(network: Network, arrays: Arrays) -> EmotionTrack:
    return EmotionTrack(
        emotion=emotion_of(network, arrays["features"]),
        labels=arrays["labels"].astype(float),
        features=arrays["features"].astype(float),
        section=arrays["section"].astype(np.int32),
        since=arrays["since"].astype(float),
    )


def agreement(stage: Trial) -> list[Score]:
    """Correlation with the labels over passages, three to a session, each of its own piece, key and mood, through rooms
    and lines; also with the level's reference set to the player's instead of found by calibration."""
    unheard = [index % 3 == 0 for index in range(SESSIONS)]
    sessions = [
        [stage.passage_by(HELD_OUT_PROGRAMS if new else TRAIN_PROGRAMS, LONG_S) for _ in range(3)]
        for new in unheard
    ]
    automatic, configured = [], []
    for each in stage.sounds(sessions, replace(PLAIN_LINE, room=True)):
        automatic.append(track(stage.network, each.heard()))
        configured.append(track(stage.network, each.heard(reference_db=USUAL_DB)))
    found = np.concatenate([each.settled(each.emotion) for each in automatic])
    wanted = np.concatenate([each.settled(each.labels) for each in automatic])
    rules = np.concatenate([each.settled(_rules(each.features)) for each in automatic])
    with_reference = np.concatenate([each.settled(each.emotion) for each in configured])
    everything = slice(None)
    cases: tuple[tuple[str, Float64, slice | NDArray[np.bool_]], ...] = (
        ("", found, everything),
        (", instruments of families not trained on", found, np.repeat(unheard, 3)),
        (", first passage of a session", found, slice(0, None, 3)),
        (", level's reference configured", with_reference, everything),
    )
    scores = []
    for axis, name, rule, target in (
        (0, "valence", "mode heard", 0.80),
        (1, "arousal", "level heard", 0.88),
    ):
        for what, of, rows in cases:
            baselines = {rule: correlation(rules[rows, axis], wanted[rows, axis])}
            value = correlation(of[rows, axis], wanted[rows, axis])
            aim = None if what else target
            scores.append(Score(f"{name}, correlation with labels{what}", value, aim, baselines=baselines))
    return [*scores, steadiness(automatic)]


def steadiness(tracks: Sequence[EmotionTrack]) -> Score:
    rest = np.concatenate([np.abs(np.diff(each.emotion, axis=0))[each.since[1:] > 6] for each in tracks])
    value = float(np.percentile(rest, 99))
    return Score("change from hop to hop while the music stays, 99th percentile", value, VISIBLE, False)


def order_of_pairs(stage: Trial) -> list[Score]:
    """One passage twice in a row, one cue moved: is the higher one heard higher?"""
    scores = []
    for cue, (move, axis, target) in MOVES.items():
        sessions, up = [], []
        for _ in range(PAIRS):
            pair = stage.same_passage(stage.moved_by(move), PASSAGE_S)
            up.append(bool(stage.random.random() < 0.5))
            sessions.append(pair if up[-1] else pair[::-1])
        right = []
        for each in stage.tracks(sessions):
            found, wanted = each.settled(each.emotion)[:, axis], each.settled(each.labels)[:, axis]
            if abs(wanted[1] - wanted[0]) > LEAST_MOVE:
                right.append((found[1] - found[0]) * (wanted[1] - wanted[0]) > 0)
        scores.append(
            Score(f"pairs in order, {cue} moved", float(np.mean(right)), target, baselines={"chance": 0.5})
        )
    return scores


def following(stage: Trial) -> list[Score]:
    """Seconds to 63 % of the step between sad and happy playing, either way."""
    sessions = []
    for index in range(STEPS):

        def contrast() -> list[Mood]:
            mood = replace(stage.mood(), ensemble="piano")
            return [
                replace(mood, minor=True, tempo_bpm=62.0, velocity=42.0, gate=1.0, octave=-12),
                replace(mood, minor=False, tempo_bpm=150.0, velocity=104.0, gate=0.45, octave=0),
            ]

        pair = stage.same_passage(contrast, LONG_S)
        sessions.append(pair if index % 2 else pair[::-1])
    tracks = list(stage.tracks(sessions))
    scores = []
    for axis, name in ((0, "valence"), (1, "arousal")):
        times = [step_time(each.emotion[:, axis], each.section) for each in tracks]
        scores.append(
            Score(f"{name}, 63 % of a step, median", float(np.median(times)), FOLLOW_S, False, unit="s")
        )
    return scores


def gain(stage: Trial) -> list[Score]:
    """The same session 12 dB louder and softer: mean difference at the ends of passages after the first."""
    sessions = [
        [stage.passage_by(TRAIN_PROGRAMS + HELD_OUT_PROGRAMS, LONG_S) for _ in range(3)] for _ in range(GAINS)
    ]
    differences = []
    for each in stage.sounds(sessions, PLAIN_LINE):
        usual, louder, softer = (
            found.settled(found.emotion)[1:]
            for found in (track(stage.network, each.heard(gain_db)) for gain_db in (0.0, 12.0, -12.0))
        )
        differences += [np.abs(louder - usual).mean(), np.abs(softer - usual).mean()]
    value = float(np.mean(differences))
    return [Score("difference at a gain of +-12 dB, after the first passage", value, 0.1, False)]


def quiet(stage: Trial) -> list[Score]:
    """Silence and noise from a fresh start, ten seconds: the last four."""
    random = np.random.default_rng(SEED)
    samples = 10 * RATE
    sounds = [np.zeros(samples, dtype=np.float32)]
    sounds += [noise(samples, random) * np.float32(10 ** (level / 20)) for level in (-60, -45, -30, -20)]
    hops = round(SETTLED_S / HOP_S)
    ends = np.array([emotion_of(stage.network, listen(each))[-hops:].mean(axis=0) for each in sounds])
    return [
        Score(
            "silence and noise, largest distance of valence from 0",
            float(np.abs(ends[:, 0]).max()),
            0.2,
            False,
        ),
        Score("silence and noise, highest arousal", float(ends[:, 1].max()), 0.0, False),
        Score("silence and noise, lowest arousal", float(ends[:, 1].min()), -0.8),
    ]


def step_time(values: Float64, section: NDArray[np.int32]) -> float:
    """Seconds from the first change of section until 63 % of the way from the settled end of section 0 to that of
    section 1 is reached; infinity where it never is."""
    hops = round(SETTLED_S / HOP_S)
    before, after = values[section == 0][-hops:].mean(), values[section == 1][-hops:].mean()
    if before == after:
        return float("inf")
    way = (values[section == 1] - before) / (after - before)
    reached = np.flatnonzero(way >= 0.63)
    return float("inf") if len(reached) == 0 else float((reached[0] + 1) * HOP_S)


def correlation(a: Float64, b: Float64) -> float:
    """Pearson's; 0 where either does not vary."""
    if np.std(a) < 1e-12 or np.std(b) < 1e-12:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _rules(features: Float64) -> Float64:
    """What a rule would say: the mode of the chroma heard; the level relative to the player."""
    return features[:, [MODE, LEVEL]]
