"""Fits the filter that hears the key (ext/core/hearing/key.h): its weights, and how soon it changes its mind.

What the filter does is written here a second time, over many sessions at once; tests hold the two together. The
weights are fitted by the logarithm of the probability that the filter gives the true key, through all of its steps.
Needs torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
import torch
from numpy.typing import NDArray

from emohost.labels import CHORD_CLASSES, NO_CHORD
from emohost.training.keys.sessions import STEP_S, KeySessions
from emohost.training.progress import Progress

Float32 = NDArray[np.float32]
KEYS = 24
EVERY = 3  # looks: the filter is fitted with steps of so many
PROFILE_S = 6.0
LITTLE_CHORD, NO_CHORD_AT_ALL = 0.5, 0.8  # as in key.cpp
UNKNOWN_CHORD = NO_CHORD + 3
REST_MOVES = 0.15
# Albrecht & Shanahan (2013), as in key.cpp.
PROFILES = np.array(
    [
        [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081],
        [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052],
    ]
)
SETTLED_S = 1.0  # after a change nothing is asked for so long, nor at the beginning
PASSES, RATE, DECAY = 160, 0.05, 2e-3
RELATIVE = np.array([12 + (key + 9) % 12 if key < 12 else (key + 3) % 12 for key in range(KEYS)])
PARALLEL = np.array([(key + 12) % KEYS for key in range(KEYS)])


@dataclass(frozen=True)
class Weights:
    """Logarithms of likelihood for each second: chroma (2, 12) and chord (2, CHORD_CLASSES), by mode, tonic first.

    relative and parallel: of how much better the last seconds fit a key than the other one of its signature or tonic.
    moves: modulations a second that are expected; lead: how many times likelier another key has to be."""

    chroma: Float32
    chord: Float32
    relative: float
    parallel: float
    moves: float
    lead: float


@dataclass(frozen=True)
class Evidence:
    """What the weights multiply, for each key: even (s, t, 12 tonics, 12) square roots of the chroma from the tonic on;
    place (s, t, 12) of the chord in the weights; together (s, t): how much a chord counts; fit (s, t, 24) of the last
    seconds; sounds (s, t)."""

    even: Float32
    place: NDArray[np.int64]
    together: Float32
    fit: Float32
    sounds: NDArray[np.bool_]


def evidence(found: KeySessions, every: int) -> Evidence:
    """At each of `every` looks."""
    fit = _fits(found.chroma)[:, ::every]
    chroma, chord = found.chroma[:, ::every], found.chord[:, ::every]
    turned = np.stack([np.roll(np.sqrt(chroma), -tonic, axis=-1) for tonic in range(12)], axis=2)
    strongest = chroma.max(axis=-1)
    together = np.clip((NO_CHORD_AT_ALL - strongest) / (NO_CHORD_AT_ALL - LITTLE_CHORD), 0, 1)
    place = np.stack([_place(chord, tonic) for tonic in range(12)], axis=-1)
    return Evidence(turned, place, together.astype(np.float32), fit, strongest > 0)


def fit_weights(found: KeySessions, moves: float, progress: Progress) -> Weights:
    """Begins with the profiles; one seedless run gives one result on one machine."""
    torch.set_num_threads(1)
    of, key, asked = evidence(found, EVERY), found.key[:, ::EVERY], _asked(found)[:, ::EVERY]
    chroma = torch.tensor(np.log(PROFILES) - np.log(PROFILES).mean(1, keepdims=True), dtype=torch.float32) / 3
    chroma.requires_grad_()
    chord = torch.zeros(2, CHORD_CLASSES, requires_grad=True)
    pair = torch.tensor([0.5, 0.5], requires_grad=True)
    optimiser = torch.optim.Adam([chroma, chord, pair], RATE)
    known = _torch(of)
    step_s = EVERY * STEP_S
    target = torch.from_numpy(np.maximum(key, 0))
    weight = torch.from_numpy(asked.astype(np.float32))
    for done in range(PASSES):
        progress("fitting keys", done, PASSES)
        for group in optimiser.param_groups:
            group["lr"] = RATE * 0.5 * (1 + np.cos(np.pi * done / PASSES))
        belief = _filtered(_log_likely(known, chroma, chord, pair) * step_s, known.sounds, moves, step_s)
        right = belief.gather(-1, target[..., None])[..., 0]
        loss = (
            -(right * weight).sum() / weight.sum()
            + DECAY * (chord.square().sum() + chroma.square().sum()) / 10
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():
            pair.clamp_(0, 3)
    progress("fitting keys", PASSES, PASSES)
    with torch.no_grad():
        return Weights(
            chroma.numpy().copy(), chord.numpy().copy(), float(pair[0]), float(pair[1]), moves, lead=4.5
        )


def believed(found: KeySessions, weights: Weights, every: int = 1) -> Float32:
    """(sessions, looks, 24) logarithms of the filter's probabilities."""
    known = _torch(evidence(found, every))
    with torch.no_grad():
        likely = _log_likely(
            known,
            torch.from_numpy(weights.chroma),
            torch.from_numpy(weights.chord),
            torch.tensor([weights.relative, weights.parallel]),
        )
        step_s = every * STEP_S
        return np.asarray(_filtered(likely * step_s, known.sounds, weights.moves, step_s).numpy())


def decided(belief: Float32, lead: float) -> NDArray[np.int64]:
    """(sessions, steps) the key that is said: another one only where it is `lead` times likelier."""
    said = belief[:, 0].argmax(axis=-1)
    keys = np.zeros(belief.shape[:2], dtype=np.int64)
    rows = np.arange(len(belief))
    for step in range(belief.shape[1]):
        best = belief[:, step].argmax(axis=-1)
        sure = belief[rows, step, best] > belief[rows, step, said] + np.log(lead)
        said = np.where(sure, best, said)
        keys[:, step] = said
    return keys


def header(weights: Weights) -> str:
    """The text of ext/core/hearing/key_weights.h."""
    return "\n".join(
        [
            "// Made by emohost train key: change that, not this. How likely what is heard is in a key, by mode and",
            "// turned so that the tonic comes first: weights of the chroma (square root of each pitch class's share)",
            "// and of the chord heard, both as logarithms of likelihood for each second.",
            "#pragma once",
            "",
            '#include "core/vocabulary.h"',
            "",
            "namespace emohost::hearing {",
            "",
            "// clang-format off",
            *_table("kChromaWeight", "12", weights.chroma),
            "// By class (theory/chords.h) relative to the tonic; the diminished sevenths come last, then no chord.",
            *_table("kChordWeight", "theory::kChordClasses", weights.chord),
            "// Of how much better the chroma of the last seconds fits a key than the other one of the same signature,",
            "// and of the same tonic.",
            f"constexpr float kRelativeWeight = {weights.relative:.3f}f, kParallelWeight = {weights.parallel:.3f}f;",
            "// Modulations a second that are expected; how many times likelier another key has to be until it counts.",
            f"constexpr float kMoves = {weights.moves}f, kLead = {weights.lead}f;",
            "// clang-format on",
            "",
            "}  // namespace emohost::hearing",
            "",
        ]
    )


def _asked(found: KeySessions) -> NDArray[np.bool_]:
    return (found.key >= 0) & (found.since_s > SETTLED_S)


@dataclass(frozen=True)
class _Known:
    even: torch.Tensor
    place: torch.Tensor
    together: torch.Tensor
    fit: torch.Tensor
    sounds: torch.Tensor


def _torch(of: Evidence) -> _Known:
    return _Known(*(torch.from_numpy(np.ascontiguousarray(each)) for each in vars(of).values()))


def _log_likely(known: _Known, chroma: torch.Tensor, chord: torch.Tensor, pair: torch.Tensor) -> torch.Tensor:
    """(sessions, steps, 24), for each second; 0 in silence."""
    of_chroma = [known.even @ chroma[mode] for mode in range(2)]
    of_chord = [chord[mode][known.place] * known.together[..., None] for mode in range(2)]
    likely = torch.cat([of_chroma[0] + of_chord[0], of_chroma[1] + of_chord[1]], dim=-1)
    for weight, other in zip(pair, (RELATIVE, PARALLEL), strict=True):
        likely = likely + weight * (known.fit - known.fit[..., torch.from_numpy(other)])
    return likely * known.sounds[..., None]


def _filtered(evidence: torch.Tensor, sounds: torch.Tensor, moves: float, step_s: float) -> torch.Tensor:
    """(sessions, steps, 24) logarithms of the probabilities after each step."""
    share = torch.where(sounds, 1 - exp(-moves * step_s), 1 - exp(-REST_MOVES * step_s))
    probability = torch.full((len(evidence), KEYS), 1 / KEYS)
    told = []
    for step in range(evidence.shape[1]):
        move = share[:, step, None]
        prior = (1 - move) * probability + move * (1 - probability) / (KEYS - 1)
        log = torch.log(prior) + evidence[:, step]
        told.append(torch.log_softmax(log, dim=-1))
        probability = told[-1].exp()
    return torch.stack(told, dim=1)


def _place(chord: NDArray[np.int64], tonic: int) -> NDArray[np.int64]:
    """Place of a chord in the weights, seen from a tonic."""
    plain = (chord // 5 + 12 - tonic) % 12 * 5 + chord % 5
    diminished = NO_CHORD + (chord - NO_CHORD - 1 + 12 - tonic) % 3
    unknown = (chord < 0) | (chord == NO_CHORD) | (chord >= CHORD_CLASSES)
    return np.where(unknown, UNKNOWN_CHORD, np.where(chord > NO_CHORD, diminished, plain))


def _fits(chroma: Float32) -> Float32:
    """(s, looks, 24) correlation of the last seconds' chroma with each key's profile."""
    share = 1 - exp(-STEP_S / PROFILE_S)
    smooth = np.zeros_like(chroma)
    state = np.zeros_like(chroma[:, 0])
    for look in range(chroma.shape[1]):
        sounds = chroma[:, look].any(axis=-1, keepdims=True)
        state = np.where(sounds, state + share * (chroma[:, look] - state), state)
        smooth[:, look] = state
    even = np.sqrt(smooth)
    even -= even.mean(axis=-1, keepdims=True)
    even /= np.maximum(np.linalg.norm(even, axis=-1, keepdims=True), 1e-9)
    shapes = np.stack([np.roll(profile, tonic) for profile in PROFILES for tonic in range(12)])
    shapes = shapes - shapes.mean(axis=1, keepdims=True)
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    return np.asarray(even @ shapes.T.astype(np.float32), dtype=np.float32)


def _table(name: str, size: str, values: Float32) -> Sequence[str]:
    rows = []
    for mode in values:
        numbers = [f"{value:.3g}" for value in mode]
        numbers = [f"{each if any(c in each for c in '.e') else each + '.0'}f" for each in numbers]
        rows += [
            "    {",
            *(f"        {', '.join(numbers[i : i + 10])}," for i in range(0, len(numbers), 10)),
            "    },",
        ]
    return [f"constexpr float {name}[2][{size}] = {{", *rows, "};"]
