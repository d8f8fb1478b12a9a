"""Onsets: found soon, found for soft instruments, and not where nothing begins."""

from __future__ import annotations

import numpy as np
import pytest
import synth

from emohost._core import Listener

RATE = 48000
STARTS = np.arange(0.5, 10, 0.25)
STEPS = (60, 62, 64, 65, 67, 69, 71, 72)

INSTRUMENTS: dict[str, dict[str, float]] = {
    "plucked": {},
    "organ": {"decay_s": 99, "attack_s": 0.01, "release_s": 0.02},
    "flute": {"partials": 3, "rolloff_db": 12, "attack_s": 0.05, "decay_s": 99, "release_s": 0.05},
    "soft strings": {"partials": 4, "rolloff_db": 9, "attack_s": 0.04, "decay_s": 9},
}


def onsets(audio: np.ndarray) -> np.ndarray:
    listener = Listener(RATE)
    listener.process(np.asarray(audio, dtype=np.float32))
    return listener.onsets() / RATE


def matched(heard: np.ndarray, starts: np.ndarray, within_s: float) -> tuple[list[float], int]:
    """Latency of each start that was found, and how many onsets belong to none."""
    free = list(heard)
    latencies = []
    for start in starts:
        near = [onset for onset in free if -0.003 <= onset - start <= within_s]
        if near:
            free.remove(near[0])
            latencies.append(near[0] - start)
    return latencies, len(free)


@pytest.mark.parametrize("hiss_db", [None, -50])
@pytest.mark.parametrize("gain_db", [0, -26])
@pytest.mark.parametrize("name", INSTRUMENTS)
def test_notes_are_found(name: str, gain_db: float, hiss_db: float | None) -> None:
    """Legato scales in sixteenths at 60 bpm: at least 90 % within 50 ms and at most one false alarm; with hiss 50 dB
    below full scale under the louder ones (36 dB below the notes) at least 85 %."""
    notes = [(s, synth.tone(STEPS[i % 8], 0.25, RATE, **INSTRUMENTS[name])) for i, s in enumerate(STARTS)]
    audio = synth.mix(notes, 10.5, RATE) * 10 ** (gain_db / 20)
    if hiss_db is not None:
        audio = audio + np.random.default_rng(1).normal(0, 10 ** ((hiss_db + gain_db) / 20), len(audio))
    latencies, false = matched(onsets(audio), STARTS, 0.05)
    assert len(latencies) >= (0.9 if hiss_db is None else 0.85) * len(STARTS)
    assert false <= (1 if hiss_db is None else 2)


def test_a_note_out_of_silence_is_found_within_two_ticks() -> None:
    """10 ms, wherever the note begins between two ticks."""
    starts = np.arange(0.5, 12, 0.4) + np.linspace(0, 0.005, 29)
    audio = synth.mix([(s, synth.tone(64, 0.2, RATE, attack_s=0.002)) for s in starts], 12.5, RATE)
    latencies, false = matched(onsets(audio), starts, 0.0101)
    assert len(latencies) == len(starts)
    assert false == 0


def test_drums_are_found_within_two_ticks() -> None:
    rng = np.random.default_rng(2)
    starts = np.arange(0.5, 10, 0.21)
    hit = rng.normal(0, 0.2, RATE // 5) * np.exp(-np.arange(RATE // 5) / (0.03 * RATE))
    audio = synth.mix([(s, hit.astype(np.float32)) for s in starts], 10.5, RATE)
    latencies, false = matched(onsets(audio), starts, 0.0101)
    assert len(latencies) == len(starts)
    assert false <= 1


T = np.arange(RATE * 10) / RATE
WHITE = np.random.default_rng(4).normal(0, 1, len(T))
STEADY = {
    "sine": 0.3 * np.sin(2 * np.pi * 440 * T),
    "low sine": 0.3 * np.sin(2 * np.pi * 55 * T),
    "sawtooth": 0.2 * (2 * ((110 * T) % 1) - 1),
    "white noise": 0.1 * WHITE,
    "noise floor": 0.002 * WHITE,
    "brown noise": 0.02 * np.convolve(WHITE, np.exp(-np.arange(400) / 50), "same"),
    "vibrato": 0.3 * np.sin(2 * np.pi * 440 * T + 8 * np.sin(2 * np.pi * 5.5 * T)),
    "tremolo": 0.2 * (1 + 0.5 * np.sin(2 * np.pi * 5 * T)) * np.sin(2 * np.pi * 330 * T),
    "semitone": 0.2 * np.sin(2 * np.pi * 440 * T) + 0.2 * np.sin(2 * np.pi * 466.16 * T),
    "chord": sum(synth.tone(note, 10, RATE, decay_s=99, phase=0.3 * note) for note in (48, 52, 55, 60)),
}


@pytest.mark.parametrize("name", STEADY)
def test_steady_sound_has_no_onsets(name: str) -> None:
    """None after the first 0.3 s, in 10 s."""
    heard = onsets(STEADY[name] * np.minimum(1, T / 0.01))
    assert heard[heard > 0.3].tolist() == []


def test_onset_density_counts_notes_per_second() -> None:
    rows = Listener(RATE).process(
        synth.mix([(s, synth.tone(60, 0.2, RATE)) for s in np.arange(0, 12, 0.25)], 12, RATE)
    )
    assert rows["onset_density"][-200:].mean() == pytest.approx(4, abs=0.5)
