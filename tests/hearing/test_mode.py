"""How major or minor music is, as a feature: without a key to be told, and at once after a change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import synth

from emohost._core import Listener
from emohost.training.data_sets.labels import mode_of_chroma

RATE = 16000
SHAPE = 0.75  # as in ext/core/hearing/mode.cpp


def hear(notes: Sequence[Sequence[float]]) -> np.ndarray:
    return Listener(RATE).process(synth.chords(notes, 1.0, RATE))


@pytest.mark.parametrize("tonic", range(57, 69))
def test_major_and_minor_cadences_are_told_apart_in_all_keys(tonic: int) -> None:
    major, minor = (hear(synth.cadence(tonic, of)) for of in (False, True))
    assert major["mode"][-1] > 0.5
    assert minor["mode"][-1] < -0.5


def test_it_is_what_the_labels_are_made_of() -> None:
    """The difference of the best correlations with Temperley's profiles, of the chroma that is heard."""
    rows = hear([*synth.cadence(60, False), *synth.cadence(60, True)])[10::7]
    wanted = [mode_of_chroma(chroma.astype(float) ** SHAPE) for chroma in rows["chroma_long"]]
    np.testing.assert_allclose(rows["mode"], wanted, atol=1e-5)
    np.testing.assert_array_equal(rows["features"][:, 93], rows["mode"])


def test_soft_music_after_loud_counts_as_much() -> None:
    """C major, then C minor 18 dB softer: minor within 6 s."""
    loud, soft = (synth.chords(synth.cadence(60, of) * 2, 1.0, RATE) for of in (False, True))
    rows = Listener(RATE).process(np.concatenate([loud, soft * np.float32(0.125)]))
    assert rows["mode"][len(loud) * 50 // RATE - 1] > 0.5
    assert rows["mode"][(len(loud) + 6 * RATE) * 50 // RATE - 1] < -0.25


def test_silence_is_neither_and_makes_forget() -> None:
    rows = Listener(RATE).process(
        np.concatenate(
            [synth.chords(synth.cadence(60, True), 1.0, RATE), np.zeros(9 * RATE, dtype=np.float32)]
        )
    )
    assert rows["mode"][-1] == 0
    assert not rows["chroma_long"][-1].any()
