"""Key, tuning, chroma and chords, from an additive synthesiser that runs on any machine."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import synth

from emohost._core import Listener

RATE = 16000
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def hear(audio: synth.Float32, sample_rate: int = RATE) -> np.ndarray:
    return Listener(sample_rate).process(audio)


def name(tonic: int, minor: bool) -> str:
    return f"{NOTES[tonic]} {'minor' if minor else 'major'}" if tonic >= 0 else "none"


@pytest.mark.parametrize("detune_cents", [-40, -20, 0, 20, 40])
@pytest.mark.parametrize("register", ["bass", "middle", "high"])
@pytest.mark.parametrize("what", ["cadence", "scale"])
def test_all_24_keys_are_right(what: str, register: str, detune_cents: float) -> None:
    """I IV V I in 4 s, or a scale up and down in 6 s, once: the key at its end, and the tuning within 6 cents."""
    base = {"bass": 33, "middle": 57, "high": 69}[register]
    wrong = []
    for step, minor in product(range(12), (False, True)):
        note = base + step
        notes = synth.cadence(note, minor) if what == "cadence" else synth.scale(note, minor)
        last = hear(synth.chords(notes, 1.0 if what == "cadence" else 0.4, RATE, detune_cents))[-1]
        key = name(int(last["tonic"]), bool(last["minor"]))
        if key != name(note % 12, minor) or abs(last["tuning_cents"] - detune_cents) > 6:
            wrong.append((name(note % 12, minor), key, round(float(last["tuning_cents"]))))
    assert wrong == []


@pytest.mark.parametrize("note", [33, 34, 40, 52, 64, 76, 88])
def test_a_single_note_is_its_own_pitch_class(note: int) -> None:
    """From A1 (55 Hz) up, with ten strong partials: most of the chroma is the note, not its fifth or third."""
    rows = hear(synth.tone(note, 3, RATE, decay_s=9, rolloff_db=3))
    chroma = rows["chroma"][75]
    assert chroma.sum() == pytest.approx(1, abs=1e-5)
    assert chroma.argmax() == note % 12
    assert chroma.max() > 0.6


def test_drums_do_not_hide_the_notes() -> None:
    """A cadence under noise bursts as loud as itself keeps its key."""
    rng = np.random.default_rng(11)
    audio = synth.chords(synth.cadence(57, True) * 2, 0.8, RATE).astype(np.float64)
    t = np.arange(len(audio)) / RATE
    drums = rng.normal(0, 0.25, len(audio)) * np.exp(-np.mod(t, 0.4) / 0.05)
    last = hear((audio + drums).astype(np.float32))[-1]
    assert name(int(last["tonic"]), bool(last["minor"])) == "A minor"
