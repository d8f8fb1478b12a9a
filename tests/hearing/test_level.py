"""Level, gate and calibration; what silence and constants give; articulation, register, brightness."""

from __future__ import annotations

import numpy as np
import pytest
import synth

from emohost._core import Listener

RATE = 48000


def hear(audio: np.ndarray, **settings: object) -> np.ndarray:
    return Listener(RATE, **settings).process(np.asarray(audio, dtype=np.float32))


def noise(seconds: float, level_db: float) -> np.ndarray:
    return np.random.default_rng(1).normal(0, 10 ** (level_db / 20), round(seconds * RATE))


def sine(seconds: float, hz: float, amplitude: float) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


def melody(
    seconds: float, *, base: int = 60, length_s: float = 0.22, every_s: float = 0.25, **kw: float
) -> np.ndarray:
    starts = np.arange(0, seconds - every_s, every_s)
    steps = (0, 4, 7, 12, 7, 4, 2, 5, 9, 5, 2, -1)
    notes = [(s, synth.tone(base + steps[i % 12], length_s, RATE, **kw)) for i, s in enumerate(starts)]
    return synth.mix(notes, seconds, RATE)


@pytest.mark.parametrize("sound", [np.zeros(RATE * 2), np.full(RATE * 2, 1e-40), np.zeros(RATE * 2) - 0.0])
def test_silence_is_exactly_zero(sound: np.ndarray) -> None:
    """Zeros and denormals: no level, no notes, no onsets; bands at their floor."""
    listener = Listener(RATE)
    rows = listener.process(sound.astype(np.float32))
    assert (rows["level_db"] == -120).all()
    assert not rows["sounding"].any()
    assert (rows["tonic"] == -1).all()
    assert (rows["chord"] == -1).all()
    for field in (
        "chroma",
        "chroma_long",
        "level",
        "onset_density",
        "brightness",
        "flatness",
        "articulation",
    ):
        assert (rows[field] == 0).all(), field
    np.testing.assert_allclose(rows["features"][:, :64], -1, atol=1e-6)
    assert (rows["features"][:, 64:] == 0).all()
    assert listener.onsets().size == 0


def test_after_music_silence_settles_to_zero() -> None:
    rows = hear(np.concatenate([melody(4), np.zeros(RATE * 3)]))
    last = rows[-1]
    assert rows["sounding"][:150].mean() > 0.9
    assert not last["sounding"]
    assert last["chord"] == -1
    assert last["level_db"] == -120
    assert last["onset_strength"] == 0
    assert last["chroma"].sum() == pytest.approx(0, abs=1e-3)
    assert np.isfinite(rows["features"]).all()


@pytest.mark.parametrize(("amplitude", "hz"), [(0.5, 1000), (1.0, 440), (0.01, 5000)])
def test_level_is_rms_in_dbfs(amplitude: float, hz: float) -> None:
    rows = hear(sine(2, hz, amplitude))
    np.testing.assert_allclose(rows["level_db"][60:], 20 * np.log10(amplitude / np.sqrt(2)), atol=0.1)


def test_a_constant_offset_is_no_sound() -> None:
    """DC of half of full scale: the gate closes again, and music on top of it is heard as without."""
    rows = hear(np.full(RATE * 6, 0.5))
    assert not rows["sounding"][-1]
    song = melody(6)
    with_offset, without = hear(song * 0.5 + 0.3)[100:], hear(song * 0.5)[100:]
    assert np.abs(with_offset["level"] - without["level"]).max() < 0.05
    assert np.mean(with_offset["tonic"] == without["tonic"]) > 0.95


def test_the_gate_has_hysteresis_and_hold() -> None:
    """Opens above -60 dBFS, stays open at -63, closes within half a second below -66."""
    quiet, loud, between, below = noise(1, -75), noise(1, -50), noise(1.5, -63), noise(1.5, -72)
    rows = hear(np.concatenate([quiet, loud, between, below]), gate_db=-60)
    assert not rows["sounding"][10:50].any()
    assert rows["sounding"][52:175].all()
    assert rows["sounding"][175:185].all()
    assert not rows["sounding"][205:].any()


@pytest.mark.parametrize("gain_db", [-12, 12])
def test_a_gain_does_not_change_the_answer_for_long(gain_db: float) -> None:
    """Once the player is known (two minutes), a minute (a bit over three time constants) of another gain brings level
    and bands back within 0.06 of what they were; right after the change they are not: a player who gets louder is heard
    as louder."""
    song = np.tile(melody(3), 74) * 0.25
    changed = song.copy()
    change = 162 * RATE
    changed[change:] *= 10 ** (gain_db / 20)
    plain, other = hear(song), hear(changed)
    at = change // (RATE // 50)
    soon = np.abs(plain["level"] - other["level"])[at + 25 : at + 100].mean()
    late = np.abs(plain["level"] - other["level"])[-150:].mean()
    assert soon > 0.2
    assert late < 0.06
    bands = np.abs(plain["features"][-150:, :64] - other["features"][-150:, :64]).mean()
    assert bands < 0.06


def test_soft_music_stays_soft_while_it_lasts() -> None:
    """Calibration is slow: after 15 s of playing 6 dB below the usual, three quarters of that are still heard."""
    song = np.tile(melody(3), 15)
    song *= 10 ** (-20 / 20) / np.sqrt(np.mean(song**2))
    softer = song.copy()
    softer[30 * RATE :] *= 10 ** (-6 / 20)
    usual, heard = (hear(each)["level"][-150:].mean() for each in (song, softer))
    assert heard < usual - 0.75 * 6 / 40


def test_a_fixed_reference_is_kept() -> None:
    rows = hear(noise(30, -30), reference_db=-30.0)
    np.testing.assert_allclose(rows["level"][100:], 0.5, atol=0.05)
    louder = hear(noise(30, -20), reference_db=-30.0)
    np.testing.assert_allclose(louder["level"][-100:], 0.75, atol=0.05)


def test_articulation_tells_staccato_from_legato() -> None:
    legato = hear(melody(8, length_s=0.27))["articulation"][-100:].mean()
    organ = hear(melody(8, length_s=0.26, decay_s=50))["articulation"][-100:].mean()
    staccato = hear(melody(8, length_s=0.07))["articulation"][-100:].mean()
    assert organ < 0.1
    assert legato < 0.2
    assert staccato > legato + 0.3


def test_register_follows_the_octave() -> None:
    heights = [hear(melody(5, base=base))["pitch_register"][-100:].mean() for base in (36, 48, 60, 72, 84)]
    assert (np.diff(heights) > 0.05).all()


def test_brightness_and_flatness_tell_dull_from_bright_and_tone_from_noise() -> None:
    dull = hear(melody(4, rolloff_db=15))[-50:]
    bright = hear(melody(4, rolloff_db=2, partials=30))[-50:]
    hiss = hear(noise(4, -25))[-50:]
    assert dull["brightness"].mean() + 0.1 < bright["brightness"].mean() < hiss["brightness"].mean()
    assert dull["flatness"].mean() + 0.1 < bright["flatness"].mean() + 0.1 < hiss["flatness"].mean()


@pytest.mark.parametrize(
    "settings",
    [
        {"layout": "mel64"},
        {"hop_s": 0.0},
        {"window_s": 9.0},
        {"fmax_hz": 20.0},
        {"gate_db": 5.0},
        {"colour": 1},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Listener(RATE, **settings)


def test_sound_that_is_no_sound_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        Listener(RATE).process(np.array([0, np.nan], dtype=np.float32))
    with pytest.raises(ValueError, match="shape"):
        Listener(RATE).process(np.zeros((4, 2), dtype=np.float32))
