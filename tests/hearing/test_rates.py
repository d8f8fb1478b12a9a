"""The same music at another sample rate, or fed in other pieces, is heard the same."""

from __future__ import annotations

import math
from itertools import pairwise

import librosa
import numpy as np
import pytest
import synth

from emohost._core import Listener, heard_dtype


def music(seconds: float = 12.0, sample_rate: int = 44100) -> synth.Float32:
    """A progression with a melody, a bass and noise bursts on the beat."""
    rng = np.random.default_rng(8)
    beat, events = 0.45, []
    roots = [45, 50, 52, 45, 41, 43, 48, 52]
    for i in range(int(seconds / beat)):
        root = roots[i // 4 % len(roots)]
        events.append((i * beat, synth.tone(root - 12, beat, sample_rate, partials=6)))
        for step in (0, 3 if root in (45, 50, 52) else 4, 7):
            events.append((i * beat, synth.tone(root + 12 + step, beat * 0.6, sample_rate, phase=step)))
        events.append((i * beat + 0.22, synth.tone(root + 24 + (0, 7, 12, 15)[i % 4], 0.2, sample_rate)))
        burst = 0.05 * rng.normal(0, 1, sample_rate // 20) * np.linspace(1, 0, sample_rate // 20) ** 2
        events.append((i * beat, burst.astype(np.float32)))
    lead_in = 0.1  # or the resampler of the test hears a step at its first sample
    return synth.mix([(start + lead_in, sound) for start, sound in events], seconds, sample_rate)


@pytest.fixture(scope="module")
def at_44100() -> synth.Float32:
    return music()


@pytest.mark.parametrize("sample_rate", [48000, 96000])
def test_features_agree_between_sample_rates(at_44100: synth.Float32, sample_rate: int) -> None:
    """Every emohost1 feature within 0.01 at every hop; key, chord and onsets the same."""
    resampled = librosa.resample(at_44100, orig_sr=44100, target_sr=sample_rate, res_type="soxr_vhq")
    one, other = Listener(44100), Listener(sample_rate)
    a, b = one.process(at_44100), other.process(resampled.astype(np.float32))
    hops = min(len(a), len(b))
    assert hops >= 599
    assert np.abs(a["features"][:hops] - b["features"][:hops]).max() < 0.01
    for field in ("tonic", "minor", "chord", "sounding"):
        assert np.mean(a[field][:hops] != b[field][:hops]) < 0.005, field
    onsets_a, onsets_b = one.onsets() / 44100, other.onsets() / sample_rate
    assert len(onsets_a) == len(onsets_b) > 20
    np.testing.assert_allclose(onsets_a, onsets_b, atol=0.006)


@pytest.mark.parametrize("layout", ["emohost1", "mel128"])
def test_feeding_in_any_pieces_gives_the_same_bits(at_44100: synth.Float32, layout: str) -> None:
    audio = at_44100[: 44100 * 4]
    whole = Listener(44100, layout=layout)
    expected, onsets = whole.process(audio), whole.onsets()
    rng = np.random.default_rng(9)
    for size in (32, 441, 4096, 0):
        listener = Listener(44100, layout=layout)
        cuts = np.arange(0, len(audio), size) if size else np.sort(rng.integers(0, len(audio), 300))
        pieces = [listener.process(audio[a:b]) for a, b in pairwise([0, *cuts, len(audio)])]
        got = np.concatenate(pieces)
        for field in heard_dtype.names or ():
            assert got[field].tobytes() == expected[field].tobytes(), field
        assert listener.onsets().tolist() == onsets.tolist()


def test_hops_end_where_they_should() -> None:
    rows = Listener(44100, hop_s=0.0173).process(np.zeros(44100, np.float32))
    assert rows["frame"].tolist() == [math.floor(k * 0.0173 * 44100 + 0.5) for k in range(1, len(rows) + 1)]
    assert rows["hops"].tolist() == list(range(1, len(rows) + 1))
