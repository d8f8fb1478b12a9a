"""Scores of a harmony network on songs it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost._core import EAR_STEPS, PLAYED_FADE, harmony_context
from emohost.labels import NO_CHORD, chord_label
from emohost.networks.load import Network
from emohost.training.data_sets.folders import default_cache
from emohost.training.data_sets.pop909 import songs as pop909
from emohost.training.data_sets.songs import STEPS_PER_BEAT, Song
from emohost.training.harmony.data import (
    MINOR_MODE,
    ROOTS,
    TONES,
    Float32,
    Ints,
    Steps,
    chords_in_force,
    chroma_of_chords,
    estimated,
    inputs,
    listened,
)
from emohost.training.progress import Progress
from emohost.training.score import Score

Float64 = NDArray[np.float64]

RENDERED_SONGS, RENDERED_S = 30, 60.0
CLASSES = 64
SURE = 0.5  # probability above which the host takes a chord for heard: kSure in harmony.cpp
POINTS = 5.0  # percentage points of top-1 above the best baseline
VALENCES = (-0.8, -0.4, 0.0, 0.4, 0.8)


def evaluate(data: Path, network: Network, progress: Progress) -> list[Score]:
    """Raises DataError for data that is not there, and where fluidsynth is missing."""
    songs = pop909.load(data, default_cache(), progress)
    test = estimated(songs.of("test"), progress)
    rendered = listened(songs.of("test")[:RENDERED_SONGS], default_cache(), progress, RENDERED_S)
    return [
        *next_chord(network, songs.of("train"), test),
        *recognition(network, rendered, progress),
        valence_steering(network, test),
    ]


def next_chord(network: Network, train: Sequence[Song], test: Sequence[Steps]) -> list[Score]:
    """Where the host chooses a chord: told the song's chords until then, and what its notes sound like."""
    counts, pairs = np.zeros(CLASSES), np.zeros((CLASSES, CLASSES))
    for song in train:
        chord = song.relative_chords()
        at = np.flatnonzero(song.step_in_bar % 8 == 0)[1:]
        np.add.at(counts, chord[at], 1)
        np.add.at(pairs, (chord[at - 1], chord[at]), 1)
    probabilities, truth, previous = [], [], []
    for steps in test:
        before = np.concatenate([[NO_CHORD], steps.chord[:-1]])
        played = chroma_of_chords(chords_in_force(steps.chord, steps.decides))
        at = np.flatnonzero(steps.decides)[1:]
        probabilities.append(network.process(inputs(steps, before, played)[at]))
        truth.append(steps.chord[at])
        previous.append(before[at])
    said, right, before = (np.concatenate(each) for each in (probabilities, truth, previous))
    bigram = pairs[before] + 1e-3 * counts
    top = {
        "stay": float((before == right).mean()),
        "chord bigram": _top(bigram, right, 1),
        "most frequent": _top(np.tile(counts, (len(right), 1)), right, 1),
    }
    best = max(top.values())
    return [
        Score("next chord, top-1", _top(said, right, 1), best + POINTS / 100, baselines=top),
        Score(
            "next chord, top-3",
            _top(said, right, 3),
            0.75,
            baselines={"chord bigram": _top(bigram, right, 3)},
        ),
    ]


def recognition(network: Network, rendered: Sequence[Steps], progress: Progress) -> list[Score]:
    """Weighted chord symbol recall, major and minor (mir_eval), of rendered songs that the network follows by ear: the
    chords before are its own. It answers half a step before a step sounds. What it heard is held against the chord of
    EAR_STEPS before, which is what the ear has in it by then; all its answers against the chord about to sound."""
    follows, heard = [], []
    for number, steps in enumerate(rendered):
        progress("following rendered songs", number, len(rendered))
        said = follow(network, steps)
        follows.append(said.argmax(axis=1))
        heard.append(last_heard(steps, said))
    progress("following rendered songs", len(rendered), len(rendered))
    by_template = [_by_template(steps) for steps in rendered]
    named = [steps.named for steps in rendered]
    taken = [
        np.where(said.max(axis=1) > SURE, said.argmax(axis=1), steps.named)
        for steps, said in zip(rendered, heard, strict=True)
    ]
    ahead = recall(rendered, follows, 0)
    return [
        Score(
            "chord heard, weighted recall of majors and minors",
            recall(rendered, [said.argmax(axis=1) for said in heard], EAR_STEPS),
            0.75,
            baselines={
                "nearest triad": recall(rendered, by_template, EAR_STEPS),
                "chord that the listener names": recall(rendered, named, EAR_STEPS),
                "the network's, with what comes counted as heard": recall(rendered, follows, EAR_STEPS),
            },
        ),
        Score(
            "chord that the host takes for heard, weighted recall of majors and minors",
            recall(rendered, taken, EAR_STEPS),
        ),
        Score(
            "chord about to sound, weighted recall of majors and minors",
            ahead,
            baselines={"nearest triad": recall(rendered, by_template, 0)},
        ),
    ]


def last_heard(steps: Steps, said: Float32) -> Float32:
    """(T, 64): where the network is asked what comes, what it heard a step before still stands, as in the host
    (Band::listen)."""
    heard = np.where(steps.decides, 0, np.arange(len(said)))
    return said[np.maximum.accumulate(heard)]


def follow(network: Network, steps: Steps) -> Float32:
    """(T, 64) what the network says at each step, where the host plays the likeliest at each choice."""
    chosen, played = NO_CHORD, np.zeros(12, dtype=np.float32)
    said = np.zeros((len(steps.chord), CLASSES), dtype=np.float32)
    empty = inputs(steps, np.full(len(steps.chord), NO_CHORD), np.zeros((len(steps.chord), 12), np.float32))
    ear, remembered = steps.ear, steps.remembered
    network.reset()
    for step in range(len(steps.chord)):
        if step % STEPS_PER_BEAT == 1:
            played = played + TONES[chosen]
        total = played.sum()
        x = empty[step : step + 1].copy()
        share = played / total if total > 0 else played
        here = slice(step, step + 1)
        x[:, 64:] = harmony_context(
            ear[here], share[None], np.array([chosen]), remembered[here], steps.place[here]
        )
        played = played * PLAYED_FADE
        said[step] = network.process(x)[0]
        if steps.decides[step]:
            chosen = int(said[step].argmax())
    return said


def recall(songs: Sequence[Steps], answers: Sequence[Ints], later: int) -> float:
    """Weighted by time; the answer `later` steps after each step counts for it."""
    import mir_eval

    hits, weights = [], []
    for steps, found in zip(songs, answers, strict=True):
        count = len(found) - later
        truth = [chord_label(int(chord)) for chord in steps.chord[:count]]
        said = [chord_label(int(chord)) for chord in found[later:]]
        hits.append(mir_eval.chord.majmin(truth, said))
        weights.append(np.diff(steps.time_s)[:count])
    return float(mir_eval.chord.weighted_accuracy(np.concatenate(hits), np.concatenate(weights)))


def valence_steering(network: Network, test: Sequence[Steps]) -> Score:
    shares: dict[float, list[Float64]] = {valence: [] for valence in VALENCES}
    for steps in test[:40]:
        before = chords_in_force(steps.chord, steps.decides)
        played = chroma_of_chords(before)
        for valence, found in shares.items():
            point = np.tile(np.array([valence, 0.0], dtype=np.float32), (len(before), 1))
            x = inputs(steps, before, played, point)[steps.decides]
            found.append(network.process(x)[:, MINOR_MODE].sum(axis=1).astype(np.float64))
    mean = {valence: float(np.concatenate(found).mean()) for valence, found in shares.items()}
    falls = -np.diff(list(mean.values()))
    return Score(
        "least fall of the share of minor-mode chords from one valence to the next",
        float(falls.min()),
        1e-4,
        baselines={f"share at {valence}": value for valence, value in mean.items()},
    )


def _top(weights: NDArray[np.floating], right: Ints, k: int) -> float:
    best = np.argpartition(-weights, k - 1, axis=1)[:, :k]
    return float((best == right[:, None]).any(axis=1).mean())


def _by_template(steps: Steps) -> Ints:
    """The triad whose tones hold most of the chroma heard."""
    triads = np.array([c for c in range(NO_CHORD) if TONES[c].sum() == 3 and ROOTS[c] >= 0])
    return np.asarray(triads[(steps.heard @ TONES[triads].T).argmax(axis=1)])
