"""A chord and a key that are held on MIDI inputs: in the engine, at their frames, whatever the blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_engine import FEATURES, make_networks, notes_left_on

from emohost import _core
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.labels import chord_label

RATE = 48000
CHORDS, KEYS = 0, 1
RIG = {
    "audio": {"backend": "dummy"},
    "music": {"clock": {"source": "internal"}, "play": "always", "tempo": 120, "key": "C major"},
    "midi": {"inputs": [{"port": "chords", "use": ["chord"]}, {"port": "keys", "use": ["control", "key"]}]},
}
STEP = RATE // 8  # a sixteenth


def settings(**music: Any) -> dict[str, Any]:
    rig = Rig.model_validate({**RIG, "music": {**RIG["music"], **music}})  # type: ignore[dict-item]
    form = AudioFormat(RATE, 4096, 1, waits=True)
    return engine_settings(EngineRequest.of(rig, Path()), form, FEATURES)


def press(engine: _core.Engine, frame: int, *notes: int, source: int = CHORDS) -> None:
    for note in notes:
        assert engine.shared.push_input(frame, bytes([0x90, note, 90]), source)


def lift(engine: _core.Engine, frame: int, *notes: int, source: int = CHORDS) -> None:
    for note in notes:
        assert engine.shared.push_input(frame, bytes([0x80, note, 0]), source)


def played(block_size: int) -> tuple[list[tuple[int, bytes, int]], np.ndarray]:
    engine = _core.Engine(settings(), make_networks())
    press(engine, 70_001, 57, 60, 64)
    press(engine, 70_002, 57, source=KEYS)
    engine.shared.push_input(100_003, bytes([0xB0, 64, 127]), CHORDS)
    lift(engine, 110_004, 57, 60, 64)
    press(engine, 200_005, 53, 57, 60)
    engine.shared.push_input(260_006, bytes([0xB0, 64, 0]), CHORDS)
    lift(engine, 260_007, 53, 57, 60)
    events = engine.render(np.zeros((8 * RATE, 1), np.float32), block_size)
    return events + engine.finish(), engine.take_reports()


def test_what_is_held_falls_on_its_frame_whatever_the_blocks() -> None:
    first, _ = played(64)
    assert len(first) > 100
    assert not notes_left_on(first)
    for block_size in (255, 1024, 4096):
        assert played(block_size)[0] == first


def test_the_chord_is_played_from_the_next_step_on_and_the_pedal_keeps_it() -> None:
    _, reports = played(64)

    def at(frame: int) -> tuple[str, str]:
        report = reports[np.searchsorted(reports["frame"], frame)]
        return chord_label(int(report["chord_heard"])), chord_label(int(report["chord_played"]))

    assert at(70_001 + STEP) == ("A:min", "A:min")
    assert at(199_000) == ("A:min", "A:min")  # keys up, pedal down
    assert at(200_005 + STEP) == ("F:maj", "F:maj")
    assert at(280_000) == ("F:maj", "F:maj")  # for a beat after the hand was lifted
    keys = {(int(each["tonic"]), bool(each["minor"])) for each in reports if each["frame"] > 80_000}
    assert keys == {(9, False)}  # nothing is heard that would say minor


@pytest.mark.parametrize("notes", [(48, 52, 55), (50, 53, 57, 60), (55, 59, 62, 65)])
def test_the_chords_are_of_the_tones_that_are_held(notes: tuple[int, ...]) -> None:
    engine = _core.Engine(settings(style="pop"), make_networks())  # which adds no sevenths
    press(engine, 1, *notes)
    events = engine.render(np.zeros((8 * RATE, 1), np.float32), 256)
    held = {note % 12 for note in notes}
    heard = [data[1] % 12 for frame, data, _ in events if data[0] == 0x91 and data[2] and frame > RATE]
    assert len(heard) > 20
    assert set(heard) <= held


def test_the_rigs_own_key_is_back_when_the_key_is_lifted() -> None:
    engine = _core.Engine(settings(), make_networks())
    press(engine, RATE, 64, source=KEYS)
    lift(engine, 2 * RATE, 64, source=KEYS)
    engine.render(np.zeros((4 * RATE, 1), np.float32), 256, keep_steps=True)
    tonics = {int(step["frame"]) // RATE: int(step["tonic"]) for step in engine.take_steps()}
    assert [tonics[second] for second in range(4)] == [0, 4, 0, 0]


def test_an_input_without_a_musical_use_moves_nothing() -> None:
    def events(source: int | None) -> list[tuple[int, bytes, int]]:
        engine = _core.Engine(settings(), make_networks())
        if source is not None:
            press(engine, 1000, 54, 58, 61, source=source)
        return engine.render(np.zeros((2 * RATE, 1), np.float32), 256)

    assert events(5) == events(None)
    assert events(CHORDS) != events(None)
