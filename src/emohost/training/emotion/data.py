"""Sessions: what one player plays in a row, passage after passage, heard by the host's own listener, with labels.

A session is what the network learns from and what it is scored on. The level of each passage follows its loudness, so
that level means something relative to the player, however the gain is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emohost.training.data_sets.drummers import drum_loops
from emohost.training.data_sets.folders import Arrays
from emohost.training.data_sets.labels import emotion
from emohost.training.data_sets.notes import Notes, Random
from emohost.training.data_sets.pop909.scores import load_piece
from emohost.training.rendering.listening import HOP_S, listen
from emohost.training.rendering.passages import Mood, Passage, perform, random_mood, random_programs
from emohost.training.rendering.render import RATE, Float32, brightness, level_db, render
from emohost.training.rendering.rooms import noise, through_a_room

USUAL_DB = -20.0  # of mezzo forte, before the gain
QUIET_EMOTION = (0.0, -0.4)  # of silence and noise: calm, neither glad nor sad

# General MIDI families. Reeds and tuned percussion are kept out of training.
HELD_OUT_PROGRAMS = tuple(range(8, 16)) + tuple(range(64, 72))
TRAIN_PROGRAMS = (
    tuple(range(8))
    + tuple(range(16, 32))
    + tuple(range(40, 64))
    + tuple(range(72, 96))
    + tuple(range(104, 109))
)


@dataclass(frozen=True)
class Quiet:
    """Silence (-80 dBFS) or noise of this level."""

    seconds: float
    level_db: float


Section = Passage | Quiet


@dataclass(frozen=True)
class Line:
    """How a session reaches the listener."""

    gain_db: float
    reference_db: float  # 0: found by calibration
    room: bool  # random room, equaliser, noise
    spread_db: float = 1.0  # of the level of a passage about what its loudness says


PLAIN_LINE = Line(0.0, 0.0, False, 0.0)


def random_session(
    random: Random, data: Path, names: Sequence[str], drums: tuple[Notes, ...]
) -> list[Section]:
    """Two or three sections: other passages, the same one with one cue moved or several, silence and noise."""
    sections: list[Section] = []
    wanted = int(random.integers(2, 4))
    varied = random.random() < 0.55
    base: tuple[str, float, Mood] | None = None
    while len(sections) < wanted:
        seconds = float(random.uniform(8, 20))
        if random.random() < 0.12:
            sections.append(Quiet(seconds / 2, float(random.choice([-80.0, random.uniform(-55, -15)]))))
            continue
        if base is None or not varied:
            name = str(random.choice(names))
            start = random.uniform(4, max(5.0, load_piece(data, name).beats - 40))
            base = name, start, random_mood(random, TRAIN_PROGRAMS)
        mood = base[2] if not sections else moved(base[2], random)
        performance = perform(load_piece(data, base[0]), base[1], seconds, mood, drums, random)
        if performance is None:
            base = None
        else:
            sections.append(performance)
            base = base[0], base[1], mood
    return sections


def moved(mood: Mood, random: Random) -> Mood:
    """The mood with one cue moved far, or all of them. The tonic stays: music changes its mode more often than that."""
    other = replace(random_mood(random, TRAIN_PROGRAMS), transpose=mood.transpose)
    kind = random.choice(
        [
            "mode",
            "mode",
            "tempo",
            "tempo",
            "velocity",
            "octave",
            "gate",
            "gate",
            "programs",
            "ensemble",
            "all",
        ]
    )
    if kind == "mode":
        return replace(mood, minor=not mood.minor)
    if kind == "tempo":
        return replace(mood, tempo_bpm=190 - mood.tempo_bpm if mood.tempo_bpm < 140 else 60.0)
    if kind == "velocity":
        return replace(mood, velocity=146 - mood.velocity)
    if kind == "octave":
        return replace(mood, octave=-12 if mood.octave > 0 else mood.octave + 12)
    if kind == "gate":
        return replace(mood, gate=1.2 if mood.gate < 0.6 else 0.3)
    if kind == "programs":
        return replace(mood, programs=random_programs(random, TRAIN_PROGRAMS))
    if kind == "ensemble":
        return replace(mood, ensemble=other.ensemble)
    return other


def random_line(random: Random) -> Line:
    """Gains are near the usual one: it is the calibration's task, not the network's, to take out others."""
    gain = random.normal(0, 2)
    reference = 0.0 if random.random() < 0.7 else min(USUAL_DB + gain + random.normal(0, 1.5), -1.0)
    return Line(float(gain), float(reference), bool(random.random() < 0.8))


@dataclass(frozen=True)
class Sound:
    """A session as it sounds: mono at RATE with the line's room, before its gain; an emotion and an end for each
    section."""

    audio: Float32
    labels: list[tuple[float, float]]
    ends_s: list[float]

    def heard(self, gain_db: float = 0.0, reference_db: float = 0.0) -> Arrays:
        """By a fresh listener: `features` float32 (hops, 128), `labels` float32 (hops, 2), `since` float32 (hops,):
        seconds since the section began, and `section` int32 (hops,)."""
        features = listen(self.audio * np.float32(10 ** (gain_db / 20)), reference_db)
        time = HOP_S * np.arange(1, len(features) + 1)
        section = np.minimum(np.searchsorted(self.ends_s, time - 1e-9), len(self.ends_s) - 1)
        return {
            "features": features,
            "labels": np.array(self.labels, dtype=np.float32)[section],
            "since": (time - np.array([0.0, *self.ends_s])[section]).astype(np.float32),
            "section": section.astype(np.int32),
        }


def sound(
    sessions: Sequence[Sequence[Section]], lines: Sequence[Line], font: Path, random: Random
) -> list[Sound]:
    """Renders sessions in one run of the synthesiser. Raises EmohostError."""
    performances = [each for session in sessions for each in session if isinstance(each, Passage)]
    sounds = iter(render(performances, font))
    return [_sound(session, line, sounds, random) for session, line in zip(sessions, lines, strict=True)]


def _sound(session: Sequence[Section], line: Line, sounds: Iterator[Float32], random: Random) -> Sound:
    audio, labels = [], []
    for section in session:
        if isinstance(section, Quiet):
            level = np.float32(10 ** (section.level_db / 20))
            audio.append(noise(round(section.seconds * RATE), random) * level)
            labels.append(QUIET_EMOTION)
        else:
            dry = next(sounds)
            target = USUAL_DB + section.loudness_db + line.spread_db * random.normal()
            audio.append(dry * np.float32(10 ** (min(target - level_db(dry), 60.0) / 20)))
            labels.append(emotion(replace(section.cues, brightness=brightness(dry))))
    whole = np.concatenate(audio)
    ends = np.cumsum([len(each) for each in audio]) / RATE
    return Sound(through_a_room(whole, random) if line.room else whole, labels, ends.tolist())


def training_batch(data: Path, names: Sequence[str], seed: Sequence[int], count: int, font: Path) -> Arrays:
    """`count` random sessions one after another; `starts` int64 (count + 1,) are their borders in hops. Features in
    half precision."""
    random = np.random.default_rng(list(seed))
    drums = drum_loops(data, "train")
    sessions = [random_session(random, data, names, drums) for _ in range(count)]
    lines = [random_line(random) for _ in sessions]
    sounds = sound(sessions, lines, font, random)
    each = [one.heard(line.gain_db, line.reference_db) for one, line in zip(sounds, lines, strict=True)]
    lengths = [len(session["features"]) for session in each]
    return {
        "features": np.concatenate([session["features"] for session in each]).astype(np.float16),
        "labels": np.concatenate([session["labels"] for session in each]),
        "since": np.concatenate([session["since"] for session in each]),
        "starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    }
