"""`emohost train key`: the weights by which the core hears the key, as the C++ header that holds them, and how well
they do on sessions of songs that they were not fitted on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.files import replacing
from emohost.training.keys.fitting import KEYS, PROFILES, Weights, believed, decided, fit_weights, header
from emohost.training.keys.sessions import STEP_S, KeySessions, sessions
from emohost.training.progress import Progress
from emohost.training.score import Score

FILE = "key_weights.h"
MOVES, LEADS = (0.002, 0.005, 0.01, 0.02), (2.0, 3.0, 4.5, 7.0)
FITTED_AT = 0.01  # moves
KNOWN_S = 10.0  # of music, after which a key ought to be known
LAST_S = 10.0  # of the rule
FLAP_COST = 0.05  # of the score, for each change a minute that is none of the music


def train(data: Path, cache: Path, file: Path, progress: Progress) -> list[Score]:
    """Writes the header `file`. Raises DataError, EmohostError, OSError. Any thread."""
    weights = fit_weights(sessions(data, cache, "train", progress), FITTED_AT, progress)
    weights = choose(weights, sessions(data, cache, "validation", progress))
    with replacing(file) as temporary:
        temporary.write_text(header(weights))
    test = sessions(data, cache, "test", progress)
    said = decided(believed(test, weights), weights.lead)
    rule = last_seconds(test)
    return [
        Score("key, MIREX, from 10 s on", mirex(said, test), baselines={"last 10 s": mirex(rule, test)}),
        Score(
            "key, MIREX, of sessions that modulate",
            mirex(said, test, modulating=True),
            baselines={"last 10 s": mirex(rule, test, modulating=True)},
        ),
        Score(
            "until a change of key is followed, median",
            followed_s(said, test),
            higher_is_better=False,
            unit="s",
            baselines={"last 10 s": followed_s(rule, test)},
        ),
        Score("other changes of key a minute", flaps(said, test), higher_is_better=False),
    ]


def choose(weights: Weights, validation: KeySessions) -> Weights:
    """How often keys are expected to change and how sure another one has to be, by what is right most of the time."""
    best, most = weights, -np.inf
    for moves in MOVES:
        belief = believed(validation, replace(weights, moves=moves))
        for lead in LEADS:
            said = decided(belief, lead)
            score = mirex(said, validation) - FLAP_COST * flaps(said, validation)
            if score > most:
                best, most = replace(weights, moves=moves, lead=lead), score
    return best


def mirex(said: NDArray[np.int64], found: KeySessions, modulating: bool = False) -> float:
    """Weighted score of keys over time from KNOWN_S on: MIREX, 1 right, 0.5 a fifth off, 0.3 relative, 0.2 parallel."""
    count = said.shape[1]
    asked = (found.key >= 0) & (np.arange(count) * STEP_S >= KNOWN_S)
    if modulating:
        asked = asked & changes(found).any(axis=1, keepdims=True)
    return float(_credit(said[asked], found.key[asked]).mean())


def changes(found: KeySessions) -> NDArray[np.bool_]:
    """(sessions, looks) where another key begins."""
    after, before = found.key[:, 1:], found.key[:, :-1]
    new = (after != before) & (after >= 0)
    return np.concatenate([np.zeros((len(new), 1), dtype=np.bool_), new], axis=1)


def followed_s(said: NDArray[np.int64], found: KeySessions) -> float:
    """Median over the changes; one that is never followed counts for as long as its key lasts."""
    times = []
    for session, look in zip(*np.nonzero(changes(found)), strict=True):
        key = found.key[session, look]
        lasts = int(np.argmax(np.append(found.key[session, look:] != key, True)))
        right = said[session, look : look + lasts] == key
        times.append((int(right.argmax()) if right.any() else lasts) * STEP_S)
    return float(np.median(times)) if times else 0.0


def flaps(said: NDArray[np.int64], found: KeySessions) -> float:
    """Changes of what is said beyond those of the music, per minute."""
    asked = (found.key >= 0) & (np.arange(said.shape[1]) * STEP_S >= KNOWN_S)
    turns = ((said[:, 1:] != said[:, :-1]) & asked[:, 1:]).sum() - (changes(found) & asked).sum()
    return float(max(0, turns) / (asked.sum() * STEP_S / 60))


def last_seconds(found: KeySessions) -> NDArray[np.int64]:
    """The simplest rule: the profile that correlates best with the mean chroma of the last seconds."""
    sums = np.cumsum(found.chroma, axis=1)
    length = round(LAST_S / STEP_S)
    sums[:, length:] = sums[:, length:] - sums[:, :-length].copy()
    even = np.sqrt(np.maximum(sums, 0))
    shapes = np.stack([np.roll(profile, tonic) for profile in PROFILES for tonic in range(12)])
    shapes = (shapes - shapes.mean(1, keepdims=True)) / shapes.std(1, keepdims=True)
    return np.asarray((even @ shapes.T).argmax(axis=-1), dtype=np.int64)


def _credit(said: NDArray[np.int64], key: NDArray[np.int64]) -> NDArray[np.float64]:
    table = np.zeros((KEYS, KEYS))
    for true in range(KEYS):
        tonic, minor = true % 12, true // 12
        table[true, true] = 1.0
        table[true, (tonic + 7) % 12 + 12 * minor] = table[true, (tonic + 5) % 12 + 12 * minor] = 0.5
        table[true, (tonic + (3 if minor else 9)) % 12 + 12 * (1 - minor)] = 0.3
        table[true, tonic + 12 * (1 - minor)] = 0.2
    return np.asarray(table[key, said])
