"""Fits the classifier of sounds (ext/core/hearing/sound/sound_classifier.h): its weights and the numbers of its filter.

What the classifier does is written here a second time, over many clips at once; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.notes import Random
from emohost.vocabulary import SOUNDS

Float32 = NDArray[np.float32]
KINDS = tuple(sound.name for sound in SOUNDS[1:])
STEP_S, FAST_S, SLOW_S = 0.04, 0.5, 3.0
FIRST_STEPS, KNOWN_S = 20, 5.0
UNITS = 16
EVERY = 6  # steps: of these, one is fitted on
# Added to the logarithm for a single tone: of the two that are taken for each other, music is the more usual, and to
# miss it is worse. It costs no tone on clips that were not fitted on.
TONE_PRIOR = -2.0
PASSES, BATCH, RATE, DECAY = 60, 1024, 2e-3, 3e-4


@dataclass(frozen=True)
class SoundCues:
    """Clips: cues (clips, steps, cues), sounding (clips, steps), kind (clips,) of KINDS, name (clips,)."""

    cues: Float32
    sounding: NDArray[np.bool_]
    kind: NDArray[np.int64]
    name: NDArray[np.str_]


@dataclass(frozen=True)
class Layers:
    """hidden (UNITS, inputs + 1), out (kinds, UNITS + 1); the last column is the bias."""

    hidden: Float32
    out: Float32

    def log_likely(self, inputs: Float32) -> Float32:
        """Logarithms of the probabilities (..., kinds)."""
        units = np.tanh(inputs @ self.hidden[:, :-1].T + self.hidden[:, -1])
        logits = units @ self.out[:, :-1].T + self.out[:, -1]
        logits -= logits.max(axis=-1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)), dtype=np.float32)


@dataclass(frozen=True)
class Filter:
    """As in sound_weights.h."""

    trust: float
    doubt: float
    least: float
    sure: float


def inputs_of(clips: SoundCues) -> tuple[Float32, NDArray[np.int64]]:
    """(clips, steps, inputs) of the network, and steps of sound heard until then."""
    count, steps, cues = clips.cues.shape
    fast, slow, squares = (np.zeros((count, cues), dtype=np.float32) for _ in range(3))
    heard = np.zeros(count, dtype=np.int64)
    result = np.zeros((count, steps, 3 * cues + 1), dtype=np.float32)
    until = np.zeros((count, steps), dtype=np.int64)
    shares = [1 - np.exp(-STEP_S / tau) for tau in (FAST_S, SLOW_S)]
    for step in range(steps):
        on = clips.sounding[:, step]
        heard += on
        first = 1 / np.maximum(heard, 1)
        now = clips.cues[:, step].astype(np.float32)
        a, b = (np.where(on, np.maximum(share, first), 0)[:, None].astype(np.float32) for share in shares)
        fast += a * (now - fast)
        slow += b * (now - slow)
        squares += b * (now * now - squares)
        spread = np.sqrt(np.maximum(0, squares - slow * slow))
        age = np.minimum(1, heard * STEP_S / KNOWN_S)[:, None]
        result[:, step] = np.concatenate([fast, slow, spread, age], axis=1)
        until[:, step] = heard
    return result, until


def fit(clips: SoundCues, seed: int) -> Layers:
    """Two layers, by Adam on the cross entropy; each kind counts alike, and of a kind each name."""
    random = np.random.default_rng(seed)
    inputs, heard = inputs_of(clips)
    chosen = clips.sounding & (heard >= FIRST_STEPS)
    chosen[:, np.arange(chosen.shape[1]) % EVERY != 0] = False
    clip, _ = np.nonzero(chosen)
    x, y = inputs[chosen], clips.kind[clip]
    weight = np.zeros(len(y), dtype=np.float32)
    for kind in range(len(KINDS)):
        names = np.unique(clips.name[clips.kind == kind])
        for name in names:
            of = (y == kind) & (clips.name[clip] == name)
            weight[of] = 1 / max(of.sum(), 1) / len(names)
    weight *= len(weight) / weight.sum()
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    layers = _adam((x - mean) / scale, y, weight, random)
    hidden = layers.hidden.copy()
    hidden[:, :-1] /= scale
    hidden[:, -1] -= hidden[:, :-1] @ mean
    out = layers.out.copy()
    out[KINDS.index("tone"), -1] += TONE_PRIOR
    return Layers(hidden, out)


def _adam(x: Float32, y: NDArray[np.int64], weight: Float32, random: Random) -> Layers:
    sizes = [(UNITS, x.shape[1] + 1), (len(KINDS), UNITS + 1)]
    values = [random.normal(0, 1 / np.sqrt(size[1]), size).astype(np.float32) for size in sizes]
    means, squares = ([np.zeros_like(each) for each in values] for _ in range(2))
    step = 0
    for turn in range(PASSES):
        order = random.permutation(len(x))
        rate = RATE * 0.5 * (1 + np.cos(np.pi * turn / PASSES))
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            noisy = x[batch] + 0.15 * random.normal(size=(len(batch), x.shape[1])).astype(np.float32)
            step += 1
            for index, slope in enumerate(_slopes(values, noisy, y[batch], weight[batch])):
                slope = slope + DECAY * values[index]
                means[index] += 0.1 * (slope - means[index])
                squares[index] += 0.001 * (slope * slope - squares[index])
                mean = means[index] / (1 - 0.9**step)
                square = squares[index] / (1 - 0.999**step)
                values[index] = values[index] - np.float32(rate) * mean / (np.sqrt(square) + 1e-8)
    return Layers(*values)


def _slopes(values: list[Float32], x: Float32, y: NDArray[np.int64], weight: Float32) -> list[Float32]:
    hidden, out = values
    units = np.tanh(x @ hidden[:, :-1].T + hidden[:, -1])
    logits = units @ out[:, :-1].T + out[:, -1]
    wrong = np.exp(logits - logits.max(axis=1, keepdims=True))
    wrong /= wrong.sum(axis=1, keepdims=True)
    wrong[np.arange(len(y)), y] -= 1
    wrong *= (weight / len(y))[:, None]
    back = (wrong @ out[:, :-1]) * (1 - units**2)
    return [
        np.concatenate([back.T @ x, back.sum(axis=0)[:, None]], axis=1),
        np.concatenate([wrong.T @ units, wrong.sum(axis=0)[:, None]], axis=1),
    ]


def classified(
    log_likely: Float32, clips: SoundCues, heard: NDArray[np.int64], by: Filter
) -> NDArray[np.int64]:
    """What the classifier says after each step: 0 nothing yet, then 1 + the place in KINDS; (clips, steps). Silence
    between sounds is taken for shorter than what it forgets after."""
    count, steps, kinds = log_likely.shape
    belief = np.full((count, kinds), 1 / kinds)
    lately = np.zeros(count, dtype=np.int64)
    said = np.zeros((count, steps), dtype=np.int64)
    for step in range(steps):
        on = clips.sounding[:, step] & (heard[:, step] >= FIRST_STEPS)
        new = belief * np.exp(by.trust * np.maximum(log_likely[:, step], by.doubt))
        new = np.maximum(new / new.sum(axis=1, keepdims=True), by.least)
        belief[on] = new[on]
        best = belief.argmax(axis=1)
        sure: NDArray[np.bool_] = on & (belief.max(axis=1) > by.sure)
        lately[sure] = best[sure] + 1
        said[:, step] = np.where(clips.sounding[:, step], lately, 0)
    return said


def wrong_and_lost(said: NDArray[np.int64], clips: SoundCues) -> dict[str, float]:
    """Of clips without music or rhythm, the share that is ever taken for what is played to; of music, the share of the
    time after its first entry in which it is not known as such, the share of clips never known, and the median seconds
    until it is."""
    music = KINDS.index("music")
    none: NDArray[np.bool_] = np.less(clips.kind, KINDS.index("tone"))
    played = np.any(np.greater(said, KINDS.index("tone")), axis=1, keepdims=True)[:, 0]
    of = clips.kind == music
    is_music: NDArray[np.bool_] = np.equal(said[of], music + 1)
    entered = np.maximum.accumulate(is_music, axis=1)
    sounds = clips.sounding[of]
    lost = (entered & sounds & ~is_music).sum() / max((entered & sounds).sum(), 1)
    first = np.where(entered.any(axis=1), entered.argmax(axis=1), said.shape[1]) * STEP_S
    return {
        "wrong": float(played[none].mean()),
        "lost": float(lost),
        "never": float((~entered.any(axis=1)).mean()),
        "seconds": float(np.median(first)),
    }


def choose_filter(log_likely: Float32, clips: SoundCues, heard: NDArray[np.int64]) -> Filter:
    """The one with the least of wrong, lost (five times as bad) and slow entries on clips that were not fitted on; the
    more cautious one where two are about as good, since what comes in life is stranger than what was made here."""
    best, least_cost = None, np.inf
    for trust in (0.02, 0.03, 0.04):
        for doubt in (-3.0, -5.0):
            for least in (1e-4, 1e-5, 1e-6):
                by = Filter(trust, doubt, least, 0.95)
                found = wrong_and_lost(classified(log_likely, clips, heard, by), clips)
                cost = found["wrong"] + 5 * found["lost"] + found["never"] + 0.002 * found["seconds"]
                if cost < least_cost - 0.002:
                    best, least_cost = by, cost
    assert best is not None
    return best


def header(layers: Layers, by: Filter) -> str:
    """The text of ext/core/hearing/sound/sound_weights.h."""
    return "\n".join(
        [
            "// Made by emohost train sound: change that, not this. Rows of two layers, each with its bias last.",
            "#pragma once",
            "",
            "namespace emohost::hearing {",
            "",
            "// clang-format off",
            f"constexpr int kSoundUnits = {UNITS};",
            f"constexpr double kSoundFast_s = {FAST_S}, kSoundSlow_s = {SLOW_S};",
            f"constexpr float kSoundTrust = {by.trust}f, kSoundDoubt = {by.doubt:.1f}f, kSoundLeast = {by.least:.0e}f,",
            f"                kSoundSure = {by.sure}f;",
            *_table("kSoundHidden", layers.hidden),
            *_table("kSoundOut", layers.out),
            "// clang-format on",
            "",
            "}  // namespace emohost::hearing",
            "",
        ]
    )


def _table(name: str, values: Float32) -> Sequence[str]:
    numbers = [f"{value:.4g}" for value in values.ravel()]
    numbers = [each if any(c in each for c in ".e") else each + ".0" for each in numbers]
    rows = [", ".join(numbers[i : i + 14]) + "," for i in range(0, len(numbers), 14)]
    return [f"alignas(64) constexpr float {name}[{values.size}] = {{", *(f"    {row}" for row in rows), "};"]
