"""What is no music is heard as none, and music as music: every kind of sound in small, made here, loud and soft."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from synth import Float32, cadence, chords, hz, mix, tone

from emohost._core import Listener
from emohost.vocabulary import SOUNDS

RATE = 32_000
SECONDS = 12.0
SIZE = round(SECONDS * RATE)
NAMES = [sound.name for sound in SOUNDS]
TIME = np.arange(SIZE) / RATE


def levelled(sound: np.ndarray, level_db: float = -20.0) -> Float32:
    return np.asarray(sound / np.sqrt(np.mean(sound**2)) * 10 ** (level_db / 20), dtype=np.float32)


def judged(sound: np.ndarray) -> np.ndarray:
    """Names of what was heard at each hop; 'nothing' until it is sure."""
    hops = Listener(RATE).process(np.clip(sound, -1, 1).astype(np.float32))
    return np.array(NAMES)[hops["sound"]]


def mains_hum() -> np.ndarray:
    return sum(np.sin(2 * np.pi * 50 * k * TIME + k) / k for k in range(1, 12)) + 0.02 * noise()


def noise() -> np.ndarray:
    return np.random.default_rng(3).normal(size=SIZE)


def brown() -> np.ndarray:
    spectrum = np.fft.rfft(noise()) / np.maximum(np.fft.rfftfreq(SIZE, 1 / RATE), 30)
    return np.fft.irfft(spectrum, SIZE)


def struck(at_s: np.ndarray, length_s: float, seed: int) -> np.ndarray:
    """Bursts of noise at these times."""
    random = np.random.default_rng(seed)
    out = np.zeros(SIZE)
    for start in (at_s[(at_s >= 0) & (at_s < SECONDS - 0.2)] * RATE).astype(int).tolist():
        burst = random.normal(size=round(5 * length_s * RATE)) * np.exp(
            -np.arange(round(5 * length_s * RATE)) / (length_s * RATE)
        )
        out[start : start + len(burst)] += burst
    return out


def applause() -> np.ndarray:
    random = np.random.default_rng(5)
    out = np.zeros(SIZE)
    for hand, rate in enumerate(random.uniform(2.5, 5, 60)):
        at_s = np.arange(random.uniform(0, 0.4), SECONDS, 1 / rate)
        out += random.uniform(0.1, 1) * struck(at_s + random.normal(0, 0.03, len(at_s)), 0.008, hand)
    return out


def crowd() -> np.ndarray:
    """Voices without words: pulses whose pitch glides, through resonances that change, with pauses."""
    random = np.random.default_rng(7)
    out = np.zeros(SIZE)
    for _ in range(9):
        points = random.normal(size=40)
        pitch = random.uniform(90, 240) * 2 ** (0.25 * np.interp(TIME, np.linspace(0, SECONDS, 40), points))
        pulses = np.flatnonzero(np.diff(np.floor(np.cumsum(pitch) / RATE)))
        ring = np.arange(RATE // 50) / RATE
        for start in pulses[random.random(len(pulses)) < 0.98].tolist():
            vowel = (start // 5000 * 7) % 5
            room = out[start : start + len(ring)]
            room += (np.exp(-350 * ring) * np.sin(2 * np.pi * (350 + 120 * vowel) * ring))[: len(room)]
    return out * (1 + 0.3 * np.sin(2 * np.pi * 0.7 * TIME)) + 0.5 * noise()


def metronome() -> np.ndarray:
    return struck(np.arange(0.3, SECONDS, 0.5), 0.002, 1)


def claps() -> np.ndarray:
    random = np.random.default_rng(2)
    hands = [
        struck(np.arange(0.2, SECONDS, 0.6) + random.normal(0, 0.01, 20), 0.01, hand) for hand in range(4)
    ]
    return np.sum(hands, axis=0)


def drums() -> np.ndarray:
    """Kick, snare and hat at 100 beats a minute."""
    beat = np.arange(0.2, SECONDS, 0.6)
    kick = np.zeros(SIZE)
    sound = np.sin(2 * np.pi * (50 * TIME[:8000] + 3 * (1 - np.exp(-TIME[:8000] / 0.03)))) * np.exp(
        -TIME[:8000] / 0.09
    )
    for start in (beat[::2] * RATE).astype(int).tolist():
        kick[start : start + 8000] += 4 * sound[: SIZE - start]
    return kick + 1.5 * struck(beat[1::2], 0.06, 3) + 0.5 * struck(np.arange(0.2, SECONDS, 0.3), 0.015, 4)


def held_tone() -> np.ndarray:
    return sum(np.sin(2 * np.pi * hz(62) * k * TIME) / k**1.5 for k in range(1, 8))


def song() -> np.ndarray:
    """Chords, and a tune above them, at 100 beats a minute."""
    below = chords((cadence(55, False) * 3)[: round(SECONDS / 1.2)], 1.2, RATE)
    tune = [67, 71, 74, 71, 72, 76, 79, 76, 74, 78, 81, 74, 71, 74, 79, 71]
    above = mix([(0.6 * k, tone(tune[k % 16], 0.6, RATE)) for k in range(int(SECONDS / 0.6))], SECONDS, RATE)
    out = above.copy()
    out[: len(below)] += below
    return out


def spoken(voice: str) -> np.ndarray:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed")
    text = "The committee met on a Tuesday, and nobody could remember who had called it, or why. " * 3
    done = subprocess.run(["espeak-ng", "-v", voice, "--stdout", text], capture_output=True, check=True)
    sound, rate = soundfile.read(io.BytesIO(done.stdout))
    return np.interp(TIME, np.arange(len(sound)) / rate, sound)


NO_MUSIC: dict[str, Callable[[], np.ndarray]] = {
    "hum": mains_hum,
    "white noise": noise,
    "brown noise": brown,
    "applause": applause,
    "crowd": crowd,
    "a man": lambda: spoken("en-us+m2"),
    "a woman": lambda: spoken("de+f2"),
}


@pytest.mark.parametrize("level_db", [-50.0, -20.0])
@pytest.mark.parametrize("name", NO_MUSIC)
def test_what_is_no_music_is_never_taken_for_it(name: str, level_db: float) -> None:
    heard = judged(levelled(NO_MUSIC[name](), level_db))
    assert not np.isin(heard, ["music", "rhythm", "tone"]).any(), f"heard {np.unique(heard)}"


@pytest.mark.parametrize("make", [metronome, claps, drums])
def test_rhythm_is_heard_without_pitch(make: Callable[[], np.ndarray]) -> None:
    heard = judged(levelled(make()))
    assert "music" not in heard
    assert set(heard[len(heard) // 2 :]) - {"nothing"} == {"rhythm"}  # nothing: between two beats


def test_a_single_tone_is_no_music() -> None:
    heard = judged(levelled(held_tone()))
    assert "music" not in heard
    assert (heard[len(heard) // 2 :] == "tone").mean() > 0.95


@pytest.mark.parametrize("level_db", [-50.0, -20.0])
def test_music_is_known_within_five_seconds_and_stays(level_db: float) -> None:
    heard = judged(levelled(song(), level_db))
    first = int(np.argmax(heard == "music"))
    assert heard[first] == "music"
    assert first * 0.02 < 5
    assert (heard[first:] == "music").all()


@pytest.mark.parametrize("other", [noise, crowd, applause])
def test_music_under_something_as_loud_stays_music(other: Callable[[], np.ndarray]) -> None:
    alone, over = levelled(song()), levelled(other())
    over[: 5 * RATE] = 0
    heard = judged(alone + over)
    assert (heard[5 * 50 :] == "music").mean() > 0.99


def test_a_rest_ends_no_music_and_long_silence_does() -> None:
    music = levelled(song())
    rest, silence = np.zeros(4 * RATE, np.float32), np.zeros(14 * RATE, np.float32)
    hops = Listener(RATE).process(np.concatenate([music, rest, music, silence, music[: RATE // 4]]))
    heard, lately = np.array(NAMES)[hops["sound"]], np.array(NAMES)[hops["lately"]]
    in_rest = slice(13 * 50, int(15.9 * 50))
    assert (heard[in_rest] == "nothing").all()
    assert (lately[in_rest] == "music").all()
    after = heard[16 * 50 + 5 : 27 * 50]
    assert (after == "music").mean() > 0.99
    assert heard[-1] == "nothing"
    assert lately[-1] == "nothing"


def test_confidence_is_a_share_and_grows_with_the_sound() -> None:
    hops = Listener(RATE).process(levelled(song()))
    assert ((hops["sound_confidence"] >= 0) & (hops["sound_confidence"] <= 1)).all()
    assert hops["sound_confidence"][-1] > 0.9


def test_a_gain_hardly_changes_the_judgement() -> None:
    loud, soft = judged(levelled(song(), -8)), judged(levelled(song(), -40))
    assert (loud == soft).mean() > 0.9
