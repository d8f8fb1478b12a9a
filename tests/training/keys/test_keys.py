"""Keys are learnt from what is heard, written as the header the core is built with, and decided as the core does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

import synth  # noqa: E402

from emohost._core import Listener  # noqa: E402
from emohost.training.keys import fitting, training  # noqa: E402
from emohost.training.keys.fitting import KEYS, PROFILES, Weights, believed, decided, header  # noqa: E402
from emohost.training.keys.sessions import STEP_S, KeySessions  # noqa: E402

HEADER = Path(__file__).parents[3] / "ext/core/hearing/key_weights.h"
RATE = 48000
LENGTH = round(24 / STEP_S)


def sessions(count: int, seed: int) -> KeySessions:
    """24 s each, in one key for half of it and in another for the rest; chroma drawn around the key's profile."""
    random = np.random.default_rng(seed)
    keys = np.repeat(random.integers(KEYS, size=(count, 2)), LENGTH // 2, axis=1)
    shape = np.stack([np.roll(profile, tonic) for profile in PROFILES for tonic in range(12)])
    chroma = random.gamma(6 * shape[keys] + 0.01)
    chroma /= chroma.sum(axis=-1, keepdims=True)
    since = np.tile(STEP_S * np.arange(LENGTH // 2), (count, 2))
    return KeySessions(
        chroma.astype(np.float32), np.full(keys.shape, -1), keys.astype(np.int64), since.astype(np.float32)
    )


def weights_of(text: str) -> Weights:
    """Those that a header holds."""

    def table(name: str) -> np.ndarray:
        inside = re.search(rf"{name}\[2\]\[[^\]]*\] = \{{(.*?)\}};", text, re.DOTALL)
        assert inside is not None
        return np.array(re.findall(r"-?\d[\d.e+-]*(?=f)", inside[1]), dtype=np.float32).reshape(2, -1)

    def number(name: str) -> float:
        found = re.search(rf"{name} = ([\d.e-]+)f", text)
        assert found is not None
        return float(found[1])

    return Weights(
        table("kChromaWeight"),
        table("kChordWeight"),
        number("kRelativeWeight"),
        number("kParallelWeight"),
        number("kMoves"),
        number("kLead"),
    )


def silent(what: str, done: float, total: float) -> None:
    pass


def test_it_learns_keys_and_follows_their_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "PASSES", 15)
    weights = training.choose(fitting.fit_weights(sessions(16, 1), 0.01, silent), sessions(6, 2))
    found = sessions(20, 3)
    settled = found.since_s > 6
    said = decided(believed(found, weights), weights.lead)
    assert (said == found.key)[settled].mean() > 0.8
    assert training.followed_s(said, found) < 8
    nothing = replace(weights, chroma=np.zeros_like(weights.chroma), relative=0.0, parallel=0.0)
    assert (decided(believed(found, nothing), 4.5) == found.key)[settled].mean() < 0.2


def test_the_header_holds_what_was_fitted() -> None:
    random = np.random.default_rng(4)
    made = Weights(
        random.normal(size=(2, 12)).astype(np.float32),
        random.normal(size=(2, 64)).astype(np.float32),
        0.5,
        0.25,
        0.01,
        3.0,
    )
    found = weights_of(header(made))
    for name, value in vars(made).items():
        np.testing.assert_allclose(getattr(found, name), value, rtol=6e-3)


def test_the_core_decides_as_the_training_does() -> None:
    """On a progression in C, then one in E: but for the first seconds, in which the core may not know a key yet."""
    audio = synth.chords(synth.cadence(60, False) * 4 + synth.cadence(64, False) * 4, 0.8, RATE)
    heard = Listener(RATE).process(audio.astype(np.float32))[1::2]
    weights = weights_of(HEADER.read_text())
    one = KeySessions(
        heard["chroma"][None].astype(np.float32),
        heard["chord"][None].astype(np.int64),
        np.zeros((1, len(heard)), dtype=np.int64),
        np.zeros((1, len(heard)), dtype=np.float32),
    )
    said = decided(believed(one, weights), weights.lead)[0]
    core = heard["tonic"] + 12 * heard["minor"]
    known = (np.arange(len(heard)) * STEP_S > 3) & (heard["tonic"] >= 0)
    assert known.mean() > 0.8
    assert len(set(core[known].tolist())) >= 2
    assert (said[known] == core[known]).mean() > 0.97
