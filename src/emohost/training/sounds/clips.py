"""Clips to fit the classifier of sounds on: of each kind, in rooms, at any level, and what was heard of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from emohost._core import Listener
from emohost.errors import EmohostError
from emohost.training.data_sets.emobank import read
from emohost.training.data_sets.folders import Arrays, kept, stamp
from emohost.training.data_sets.notes import Random
from emohost.training.data_sets.sheets import Sheet, sheets
from emohost.training.data_sets.splits import Split
from emohost.training.progress import Progress
from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT, TRAIN_SOUNDFONT
from emohost.training.rendering.render import RATE, Float32
from emohost.training.rendering.rooms import through_a_room
from emohost.training.sounds import noises, pieces, rhythms, voices
from emohost.training.sounds.fitting import KINDS, SoundCues

VERSION = 1
SECONDS: Final = 12.0  # of what is no piece of music
SHARE: Final = {"train": 0.5, "validation": 0.25, "test": 0.25}  # of the counts below
SPLITS: Final[tuple[Split, ...]] = ("train", "validation", "test")
TEXTS: Final = {"train": "train", "validation": "dev", "test": "test"}
IN_A_ROOM, QUIETEST_DB, LOUDEST_DB = 0.6, -52, -10
CLIPS: Final = 731  # about, times the share
MUSIC, UNDER_OTHER, OTHER_FROM_DB = (
    110,
    66,
    18,
)  # clips; of them with something else over it, so much softer at most


def cues(data: Path, cache: Path, split: Split, progress: Progress) -> SoundCues:
    """Raises DataError for data that is not there, EmohostError where nothing can be rendered or spoken."""
    if not voices.installed():
        raise EmohostError("people who speak need the program espeak-ng, which is not on the path")
    found = [sheet for sheet in sheets(data, cache, progress) if sheet.split == split]
    depends = {
        **{name: stamp(data / name) for name in ("pop909", "openewld", "groove-midi", "emobank")},
        "split": split,
        "version": VERSION,
    }
    arrays = kept(cache, f"sound-{split}", depends, lambda: _Collector(data, found, split, progress).all())
    return SoundCues(arrays["cues"], arrays["sounding"], arrays["kind"], arrays["name"])  # type: ignore[arg-type]


class _Collector:
    """Makes the clips of a split one after the other, and keeps what the listener heard of each."""

    def __init__(self, data: Path, found: list[Sheet], split: Split, progress: Progress) -> None:
        self._data, self._found, self._split, self._progress = data, found, split, progress
        self._random: Random = np.random.default_rng([11, SPLITS.index(split)])
        self._font = TEST_SOUNDFONT if split == "test" else TRAIN_SOUNDFONT
        self._texts = read(data)[TEXTS[split]].texts
        self._rows: list[tuple[str, int, Float32, Float32]] = []

    def all(self) -> Arrays:
        random = self._random
        for make, count, kind, name in (
            (noises.hum, 60, "noise", "hum"),
            (noises.shaped_noise, 50, "noise", "noise"),
            (noises.traffic, 30, "noise", "traffic"),
            (noises.applause, 50, "noise", "applause"),
            (noises.murmur, 20, "speech", "murmur"),
            (self._speech, 80, "speech", "speech"),
            (self._crowd, 45, "speech", "crowd"),
            (self._speech_in_noise, 20, "speech", "speech+noise"),
            (rhythms.beaten, 70, "rhythm", "beaten"),
            (pieces.made_tone, 40, "tone", "made tone"),
        ):
            for _ in range(self._count(count)):
                self._hear(make(SECONDS, random), kind, name)
        for sound in pieces.played_tones(SECONDS, self._count(50), self._font, random):
            self._hear(sound, "tone", "tone")
        for sound in self._rendered(pieces.drum_loops, 40):
            self._hear(sound, "rhythm", "drums")
        music = self._rendered(pieces.music, MUSIC)
        for index, sound in enumerate(music):
            self._hear(sound, "music", ("band", "some", "solo")[index % 3])
        for sound in music[: self._count(UNDER_OTHER)]:
            self._hear_under_other(sound)
        return self._arrays()

    def _count(self, of: int) -> int:
        return max(2, round(of * SHARE[self._split]))

    def _rendered(self, make: Callable[..., list[Float32]], count: int) -> list[Float32]:
        return make(self._data, self._found, self._split, self._count(count), self._font, self._random)

    def _speech(self, seconds: float, random: Random) -> Float32:
        return voices.speech(seconds, self._texts, self._split, random)

    def _crowd(self, seconds: float, random: Random) -> Float32:
        return voices.crowd(seconds, self._texts, self._split, random)

    def _speech_in_noise(self, seconds: float, random: Random) -> Float32:
        said = self._speech(seconds, random)
        factor = 10 ** (random.uniform(-20, 0) / 20)
        other = noises.applause if random.random() < 0.4 else noises.shaped_noise
        return np.asarray(said + factor * other(seconds, random), dtype=np.float32)

    def _hear_under_other(self, sound: Float32) -> None:
        random, seconds = self._random, len(sound) / RATE
        others: dict[str, Callable[[float, Random], Float32]] = {
            "speech": self._speech,
            "crowd": self._crowd,
            "applause": noises.applause,
            "noise": noises.shaped_noise,
            "hum": noises.hum,
        }
        over = str(random.choice(list(others)))
        other = others[over](seconds, random)
        size = min(len(sound), len(other))
        mixed = sound[:size] + 10 ** (-random.uniform(0, OTHER_FROM_DB) / 20) * other[:size]
        self._hear(mixed, "music", f"music+{over}")

    def _hear(self, sound: Float32, kind: str, name: str) -> None:
        random = self._random
        if random.random() < IN_A_ROOM:
            sound = through_a_room(np.asarray(sound, np.float32), random)
        loud = noises.levelled(sound) * 10 ** (random.uniform(QUIETEST_DB, LOUDEST_DB) / 20)
        before = np.zeros(int(random.choice([0, 0, 0.5, 1.0]) * RATE))
        heard = Listener(RATE).process(np.clip(np.concatenate([before, loud]), -1, 1).astype(np.float32))
        looked_at = heard[1::2]  # the classifier looks at every second hop
        self._rows.append(
            (name, KINDS.index(kind), looked_at["sound_cues"].astype(np.float32), looked_at["sounding"])
        )
        self._progress(f"Listening for {self._split}", len(self._rows), CLIPS * SHARE[self._split])

    def _arrays(self) -> Arrays:
        steps = max(len(row[2]) for row in self._rows)
        values = np.zeros((len(self._rows), steps, self._rows[0][2].shape[1]), dtype=np.float16)
        sounding = np.zeros((len(self._rows), steps), dtype=np.bool_)
        for index, (_, _, found, on) in enumerate(self._rows):
            values[index, : len(found)] = found
            sounding[index, : len(on)] = on
        return {
            "cues": values,
            "sounding": sounding,
            "kind": np.array([row[1] for row in self._rows]),
            "name": np.array([row[0] for row in self._rows]),
        }
