"""Scores of a melody network, in bits a note on songs it was not trained on, and of how it follows the emotion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost._core import melody_weights
from emohost.emotion import encode
from emohost.networks.load import Network
from emohost.training.data_sets.folders import default_cache
from emohost.training.data_sets.labels import key_of_chroma
from emohost.training.data_sets.songs import STEPS_PER_BAR
from emohost.training.melody.baselines import PitchBaselines
from emohost.training.melody.data import Stretch, load_songs, melodies
from emohost.training.melody.memory import longest_shared_run
from emohost.training.melody.notes import Notes, notes_of
from emohost.training.melody.sampled import play
from emohost.training.progress import Progress
from emohost.training.score import Score

Float64 = NDArray[np.float64]

MARGIN = 0.15  # bits a note by which what is sampled must beat the best of the baselines
SETTLING = 256  # steps until the network's state is at rest
GENERATED_S = 3600.0
MEMORISED = 12  # notes


def evaluate(data: Path, network: Network, progress: Progress) -> list[Score]:
    """Raises DataError for data that is not there."""
    songs = load_songs(data, default_cache(), progress)
    train = melodies(songs.of("train"))
    stretch = Stretch.of(train)
    notes = notes_of(melodies(songs.of("test")), stretch, network)
    progress("scoring melody", 1, 4)
    baselines = PitchBaselines.of(notes_of(train, stretch, None))
    bits = baselines.bits(notes)
    progress("scoring melody", 2, 4)
    sampled = bits_per_note(weights_of(notes), notes.pitch)
    alone = bits_per_note(notes.network.astype(np.float64) + 1e-9, notes.pitch)
    scores = [
        Score(
            "melody sampled (network x interval x chord x scale)",
            sampled,
            min(bits.values()) - MARGIN,
            higher_is_better=False,
            baselines=bits,
            unit="bits a note",
        ),
        Score(
            "melody network alone",
            alone,
            bits["pitch histogram"],
            higher_is_better=False,
            baselines={"pitch histogram": bits["pitch histogram"]},
            unit="bits a note",
        ),
        *steering(network),
    ]
    progress("scoring melody", 3, 4)
    run = longest_shared_run(play(network, GENERATED_S), [song for song in songs if "pop909/" in song.piece])
    progress("scoring melody", 4, 4)
    return [
        *scores,
        Score(
            "longest run of a generated hour found in POP909 (intervals and rhythm)",
            run,
            MEMORISED - 1,
            higher_is_better=False,
            unit="notes",
        ),
    ]


def weights_of(notes: Notes) -> Float64:
    """(N, 128) as the host draws."""
    weights = np.empty((len(notes.pitch), 128))
    for minor, tonic in ((False, 0), (True, 9)):
        at = notes.minor == minor
        weights[at] = melody_weights(
            notes.network[at], notes.previous[at], tonic, minor, notes.chord[at], notes.step[at]
        )
    return weights


def bits_per_note(weights: Float64, pitch: NDArray[np.int64]) -> float:
    chosen = weights[np.arange(len(pitch)), pitch] / weights.sum(axis=1)
    return float(-np.log2(chosen).mean())


def at_rest(network: Network, valence: float, arousal: float) -> Float64:
    """(128,): what the network says of an emotion that has stayed the same."""
    network.reset()
    said = network.process(np.tile(encode(valence, arousal), (SETTLING, 1)))
    return np.asarray(said[-1], dtype=np.float64)


def steering(network: Network) -> list[Score]:
    points = (-0.8, -0.4, 0.0, 0.4, 0.8)
    per_bar = {
        arousal: float(
            np.mean([STEPS_PER_BAR * at_rest(network, v, arousal).sum() for v in (-0.6, 0.0, 0.6)])
        )
        for arousal in points
    }
    major = {valence: major_share(network, valence) for valence in points}
    return [
        Score(
            "notes a bar at arousal 0.8 over those at -0.8",
            per_bar[0.8] / per_bar[-0.8],
            2.0,
            baselines={f"notes a bar at {arousal}": value for arousal, value in per_bar.items()},
        ),
        Score(
            "share of major among thirds and sixths at valence 0.8, less that at -0.8",
            major[0.8] - major[-0.8],
            0.5,
            baselines={f"share at {valence}": value for valence, value in major.items()},
        ),
    ]


def major_share(network: Network, valence: float) -> float:
    """Major thirds and sixths over all thirds and sixths above the tonic that the network's pitch classes imply."""
    said = sum(at_rest(network, valence, arousal) for arousal in (-0.5, 0.0, 0.5))
    chroma = np.bincount(np.arange(128) % 12, weights=np.asarray(said), minlength=12)
    tonic, _ = key_of_chroma(chroma)
    above = np.roll(chroma, -tonic)
    return float(above[[4, 9]].sum() / above[[3, 4, 8, 9]].sum())
