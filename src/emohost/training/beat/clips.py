"""Clips to train and to score the beat network on: tunes as they are played, rendered, in rooms, with their beats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emohost.training.beat.timing import random_timing
from emohost.training.beat.tunes import Tune, dance_tune, drums_tune, pop_tune, sheet_tune
from emohost.training.data_sets.folders import Arrays, DataError, kept, stamp
from emohost.training.data_sets.notes import DRUMS, MELODY, Notes, Random
from emohost.training.data_sets.sheets import Sheet, sheets
from emohost.training.data_sets.splits import Split
from emohost.training.progress import Progress
from emohost.training.rendering.fluidsynth import TEST_SOUNDFONT, TRAIN_SOUNDFONT
from emohost.training.rendering.render import Float32, render
from emohost.training.rendering.rooms import through_a_room

VERSION = 2
SECONDS: Final = 45.0
BATCH: Final = 20  # clips that are rendered together
COUNT: Final = {"train": 800, "validation": 60, "test": 60}
KINDS: Final = {"band": 4, "pop": 4, "sheet": 4, "folk": 2, "rubato": 4, "drums": 2}  # of a batch
IN_A_ROOM = 0.4  # share of the clips
FEWEST_NOTES = 25
SETS = ("pop909", "openewld", "groove-midi")


@dataclass(frozen=True)
class Clip:
    """audio (n,) mono at render.RATE; beats and downbeats in seconds, while the music plays."""

    piece: str
    kind: str
    audio: Float32
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]


@dataclass(frozen=True)
class PlayedTune:
    """A tune as it is played, to render."""

    piece: str
    notes: Notes  # in seconds
    seconds: float
    programs: tuple[int, ...]
    pedal: bool
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]


def clips(data: Path, cache: Path, split: Split, progress: Progress) -> Iterator[Clip]:
    """All of a split; they are kept. Raises DataError for data that is not there, EmohostError where nothing can be
    rendered."""
    depends = {name: stamp(data / name) for name in SETS}
    found = sheets_of(data, cache, split, progress)
    for batch in range(COUNT[split] // BATCH):

        def make(batch: int = batch) -> Arrays:
            return _rendered(data, found, split, batch)

        settings = {**depends, "split": split, "batch": batch, "version": VERSION}
        arrays = kept(cache, f"beat-{split}-{batch:02d}", settings, make)
        progress(f"rendering for {split}", batch + 1, COUNT[split] // BATCH)
        yield from _clips(arrays)


def sheets_of(data: Path, cache: Path, split: Split, progress: Progress) -> list[Sheet]:
    """Raises DataError."""
    found = [sheet for sheet in sheets(data, cache, progress) if sheet.split == split]
    if not found:
        raise DataError(f"{data / 'openewld'}: expected lead sheets for {split}, found none")
    return found


def batch_of_clips(data: Path, found: list[Sheet], split: Split, batch: int) -> list[Clip]:
    """BATCH of them, which are not kept."""
    return list(_clips(_rendered(data, found, split, batch)))


def _rendered(data: Path, found: list[Sheet], split: Split, batch: int) -> Arrays:
    random = np.random.default_rng([sorted(COUNT).index(split), batch, VERSION])
    kinds = [kind for kind, count in KINDS.items() for _ in range(count)]
    takes = [random_take(data, found, kind, split, random) for kind in kinds]
    sound = render(takes, TRAIN_SOUNDFONT if split == "train" else TEST_SOUNDFONT)
    audio = [through_a_room(each, random) if random.random() < IN_A_ROOM else each for each in sound]
    loudest = [max(float(np.abs(each).max()), 1e-6) for each in audio]
    return {
        "piece": np.array([take.piece for take in takes]),
        "kind": np.array(kinds),
        "audio": np.stack(
            [
                np.round(32767 * 0.9 * each / top).astype(np.int16)
                for each, top in zip(audio, loudest, strict=True)
            ]
        ),
        "beats": np.concatenate([take.beats for take in takes]),
        "beat_count": np.array([len(take.beats) for take in takes]),
        "downbeats": np.concatenate([take.downbeats for take in takes]),
        "downbeat_count": np.array([len(take.downbeats) for take in takes]),
    }


def _clips(arrays: Arrays) -> Iterator[Clip]:
    ends = [
        np.cumsum(np.asarray(arrays[f"{name}_count"], dtype=np.int64))[:-1] for name in ("beat", "downbeat")
    ]
    columns = zip(
        arrays["piece"],
        arrays["kind"],
        np.asarray(arrays["audio"], dtype=np.int16),
        np.split(np.asarray(arrays["beats"], dtype=np.float64), ends[0]),
        np.split(np.asarray(arrays["downbeats"], dtype=np.float64), ends[1]),
        strict=True,
    )
    for piece, kind, audio, beats, downbeats in columns:
        yield Clip(str(piece), str(kind), audio.astype(np.float32) / 32768, beats, downbeats)


def random_take(data: Path, found: list[Sheet], kind: str, split: Split, random: Random) -> PlayedTune:
    """One that has notes enough and no long silence."""
    while True:
        tune = _random_tune(data, found, kind, split, random)
        take = perform(tune, random)
        if len(take.notes) > FEWEST_NOTES and np.diff(take.notes["onset"], append=SECONDS).max() < 6:
            return take


def _random_tune(data: Path, found: list[Sheet], kind: str, split: Split, random: Random) -> Tune:
    if kind == "drums":
        return drums_tune(data, split, found, random)
    if kind == "sheet":
        return sheet_tune(found, False, random)
    if kind == "folk":
        return dance_tune(False, random)
    if kind in ("band", "pop") or random.random() < 0.5:
        return pop_tune(data, split, kind, random)
    return sheet_tune(found, True, random) if random.random() < 0.7 else dance_tune(True, random)


def perform(tune: Tune, random: Random) -> PlayedTune:
    """SECONDS of it from anywhere, at its beginning in a third of the cases."""
    last = float(tune.notes["onset"].max())
    length = SECONDS * tune.tempo_bpm / 60
    first = float(tune.notes["onset"].min())
    if random.random() < 0.66 and last - length > first:
        first = float(random.uniform(first, last - length))
    first -= float(random.choice([0.02, 0.1, 0.5])) * tune.tempo_bpm / 60
    timing = random_timing(first, first + 2 * length + 8, tune.tempo_bpm, tune.per_bar, tune.freedom, random)
    inside = tune.notes[(tune.notes["onset"] >= first) & (tune.notes["onset"] < timing.beat[-1])].copy()
    onset, end = inside["onset"], inside["onset"] + inside["duration"]
    if tune.pedal:
        half = tune.per_bar / 2 if tune.per_bar % 2 == 0 else float(tune.per_bar)
        lifted = half * (np.floor((onset - tune.downbeats[0]) / half + 1e-6) + 1) + tune.downbeats[0]
        end = np.maximum(end, lifted - 0.03)
    # fuller chords and the first of a bar are a little louder, as hands make them
    accent = np.isin(np.round(onset, 3), np.round(tune.downbeats, 3)) * random.uniform(0, 10)
    inside["velocity"] = (
        inside["velocity"] * random.uniform(0.7, 1.2) + accent + random.normal(0, 5, len(inside))
    )
    inside["velocity"] = np.clip(inside["velocity"], 12, 127)
    on_s, off_s = timing(_swung(onset, tune.swing)), timing(_swung(end, tune.swing))
    on_s = on_s + _looseness(inside, on_s, tune, random)
    inside["onset"], inside["duration"] = np.maximum(on_s, 0), np.maximum(off_s - on_s, 0.04)
    inside = np.sort(inside[inside["onset"] < SECONDS - 0.05], order="onset")
    beat = np.arange(np.ceil(first), timing.beat[-1])
    beats, downbeats = timing(beat), timing(tune.downbeats[tune.downbeats >= first])
    heard = (inside["onset"][0] - 0.1, inside["onset"][-1] + 0.1) if len(inside) else (0.0, 0.0)
    return PlayedTune(
        tune.piece,
        inside,
        SECONDS,
        tune.programs,
        False,
        beats[(beats > heard[0]) & (beats < heard[1])],
        downbeats[(downbeats > heard[0]) & (downbeats < heard[1])],
    )


def _swung(beat: NDArray[np.float64], swing: float) -> NDArray[np.float64]:
    """The second eighth of a beat comes at `swing` of it."""
    whole = np.floor(beat + 1e-6)
    return np.asarray(whole + np.interp(beat - whole, [0.0, 0.5, 1.0], [0.0, swing, 1.0]))


def _looseness(notes: Notes, on_s: NDArray[np.float64], tune: Tune, random: Random) -> NDArray[np.float64]:
    """Seconds by which players miss the beat: notes that come together by about the same, but the melody a little
    ahead; chords are rolled upwards around the beat. The drums stay."""
    _, together = np.unique(np.round(on_s, 2), return_inverse=True)
    shared = random.normal(0, tune.loose_s, together.max(initial=0) + 1)[together]
    own = random.normal(0, tune.loose_s / 2, len(notes))
    ahead = -np.abs(random.normal(0, tune.loose_s / 2)) * (notes["part"] == MELODY)
    rolled = np.zeros(len(notes))
    if tune.rolled_s > 0:
        order = np.lexsort((notes["pitch"], together))
        starts = np.searchsorted(together[order], together[order])
        counts = np.bincount(together)[together[order]]
        place = (np.arange(len(order)) - starts) / np.maximum(counts - 1, 1)
        rolled[order] = (place - 0.5) * tune.rolled_s * (counts > 1)
    missed = 0.7 * shared + own + ahead + rolled
    return np.asarray(np.where(notes["part"] == DRUMS, 0.0, missed))
