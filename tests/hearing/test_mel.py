"""mel128 is librosa's mel spectrogram, number for number, on a logarithmic scale."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import synth

from emohost._core import Listener

WINDOW_S, HOP_S, FMIN, FMAX = 0.04, 0.02, 30.0, 11025.0
FLOOR = 1e-11


def librosa_mel(audio: synth.Float32, sample_rate: int, fmax: float = FMAX) -> np.ndarray:
    """The recipe of hearing/listener.h: power per hertz, one row per hop."""
    window, hop = round(WINDOW_S * sample_rate), round(HOP_S * sample_rate)
    n_fft = 1 << (window - 1).bit_length()
    after = n_fft - window - (n_fft - window) // 2
    padded = np.concatenate([np.zeros(n_fft - after - hop), audio.astype(np.float64), np.zeros(after)])
    mel = librosa.feature.melspectrogram(
        y=padded, sr=sample_rate, n_fft=n_fft, win_length=window, hop_length=hop, window="hann", center=False,
        power=2.0, n_mels=128, fmin=FMIN, fmax=fmax, htk=False, norm="slaney",
    )  # fmt: skip
    scale = 2 / (n_fft * np.sum(librosa.filters.get_window("hann", window) ** 2))
    return np.asarray(scale * mel.T)


def sound(kind: str, sample_rate: int) -> synth.Float32:
    rng = np.random.default_rng(5)
    seconds = 2.0
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    if kind == "noise":
        return rng.normal(0, 0.1, len(t)).astype(np.float32)
    if kind == "tones":
        tones = [0.2 * np.sin(2 * np.pi * f * t) for f in (61.7, 440.0, 3520.0, 9000.0)]
        return np.sum(tones, axis=0).astype(np.float32)
    return synth.chords([*synth.cadence(57, True), *synth.scale(45, False)], seconds / 19, sample_rate, 13)


@pytest.mark.parametrize("sample_rate", [44100, 48000, 96000])
@pytest.mark.parametrize("kind", ["noise", "tones", "music"])
def test_mel_equals_librosa(kind: str, sample_rate: int) -> None:
    """Within 1e-4 relative in every band and hop above the documented floor; at the floor exactly below it."""
    audio = sound(kind, sample_rate)
    features = Listener(sample_rate, layout="mel128").process(audio)["features"]
    expected = librosa_mel(audio, sample_rate)[: len(features)]
    assert features.shape == expected.shape == (100, 128)
    heard = 10.0 ** features.astype(np.float64)
    above = expected > FLOOR * 1.001
    assert above.mean() > 0.2
    np.testing.assert_allclose(heard[above], expected[above], rtol=1e-4)
    np.testing.assert_allclose(features[expected < FLOOR * 0.999], np.log10(FLOOR), rtol=1e-6)


def test_white_noise_reads_the_same_at_any_rate() -> None:
    """The scale is power per hertz: noise of the same density reads the same, whatever the rate and transform size."""
    rng = np.random.default_rng(6)
    density = 1e-6
    means = []
    for sample_rate in (44100, 48000, 96000):
        noise = rng.normal(0, np.sqrt(density * sample_rate / 2), sample_rate * 4).astype(np.float32)
        features = Listener(sample_rate, layout="mel128").process(noise)["features"][5:]
        means.append(np.log10((10.0 ** features.astype(np.float64)).mean(axis=0)))
    assert np.abs(np.array(means) - np.log10(density)).max() < 0.08


def test_bands_above_half_the_rate_read_as_the_floor() -> None:
    rng = np.random.default_rng(7)
    features = Listener(16000, layout="mel128").process(rng.normal(0, 0.1, 16000).astype(np.float32))[
        "features"
    ]
    np.testing.assert_allclose(features[:, -10:], np.log10(FLOOR), rtol=1e-6)
    assert features[5:, :100].min() > np.log10(FLOOR) + 1
