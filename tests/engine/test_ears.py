"""Notes of a MIDI input in place of audio: the whole ear hears them, and silence where none is played."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import build_engine
from emohost.engine.request import EngineRequest
from emohost.labels import SOUNDS, chord_label
from emohost.networks import load_set

RATE, BEAT = 48000, 27_692  # 104 beats a minute
CHORDS = ((48, 60, 64, 67), (53, 60, 65, 69), (55, 59, 62, 67), (45, 60, 64, 69))
NAMES = ("C:maj", "F:maj", "G:maj", "A:min")


def heard(velocity: int, *, beats: int = 64, source: int = 0, block_size: int = 256) -> np.ndarray:
    """Reports of an engine that hears a keyboard alone: a chord on each beat, another with each bar; noise outside."""
    rig = Rig.model_validate(
        {
            "audio": {"backend": "dummy"},
            "music": {"play": "when_music"},
            "midi": {"inputs": [{"port": "keyboard", "use": ["ears"]}]},
        }
    )
    request = EngineRequest.of(rig, Path())
    networks = load_set(request.networks.files, None, "float32")
    engine = build_engine(request, AudioFormat(RATE, 4096, 1, waits=True), networks)
    noise = np.random.default_rng(1).normal(0, 0.1, (BEAT, 1)).astype(np.float32)
    reports = []
    for beat in range(beats):
        start = beat * BEAT + 1
        for note in CHORDS[beat // 4 % 4]:
            engine.shared.push_input(start, bytes([0x90, note, velocity]), source)
            engine.shared.push_input(start + BEAT * 4 // 5, bytes([0x80, note, 0]), source)
        engine.render(noise, block_size)
        reports.append(engine.take_reports())
    return np.concatenate(reports)


@pytest.fixture(scope="module")
def loud() -> np.ndarray:
    return heard(110)


def test_chord_key_beat_and_kind_are_heard(loud: np.ndarray) -> None:
    later = loud[len(loud) // 2 :]
    assert {SOUNDS[int(sound)] for sound in later["sound"]} == {"music"}
    assert (int(later["tonic"][-1]), bool(later["minor"][-1])) == (0, False)
    assert later["tempo"][-1] == pytest.approx(104, abs=2)
    beats = later["frame"] / BEAT
    settled = later[beats % 4 > 1]  # once the ear has had its time
    named = [
        chord_label(int(each["chord_heard"])) == NAMES[int(each["frame"] // BEAT) // 4 % 4]
        for each in settled
    ]
    assert np.mean(named) > 0.95
    assert int(later["notes"][-1]) > 100  # the band plays along


def test_force_is_heard_as_level_and_arousal(loud: np.ndarray) -> None:
    soft = heard(40)
    assert np.median(loud["level_db"]) > np.median(soft["level_db"]) + 10
    half = len(soft) // 2
    assert loud["audio_arousal"][half:].mean() > soft["audio_arousal"][half:].mean() + 0.3


def test_the_audio_itself_is_not_heard() -> None:
    reports = heard(110, beats=12, source=3)
    assert set(reports["notes"]) == {0}
    assert reports["level_db"].max() < -100


def test_notes_fall_on_their_frames_whatever_the_blocks() -> None:
    def told(block_size: int) -> list[float]:
        reports = heard(90, beats=8, block_size=block_size)
        return [float(reports[name][-1]) for name in ("valence", "arousal", "level_db", "notes", "onsets")]

    assert told(64) == told(4096) == told(997)
