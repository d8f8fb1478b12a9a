"""An engine that takes another's place goes on with the next step, in the key and on the chord in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from host_runs import RATE, music

from emohost._core import Engine, monotonic_ns
from emohost.config.audio import Dummy
from emohost.config.schema import Rig
from emohost.offline.engine import build_engine

BLOCK = 480
STEP = round(RATE * 60 / 100 / 4)


def engine(**section: Any) -> Engine:
    rig = Rig(audio=Dummy(backend="dummy"), music={"humanise": 0, "clock": {"source": "internal"}, **section})
    return build_engine(rig, Path.cwd(), RATE, 1, BLOCK).engine


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    samples, _ = soundfile.read(music(tmp_path_factory.mktemp("music") / "music.wav", 12), dtype="float32")
    return np.ascontiguousarray(samples[:, None])


def first_notes(events: list[tuple[int, bytes, int]]) -> dict[int, int]:
    """Frame of the first note-on of each part."""
    first: dict[int, int] = {}
    for frame, data, part in events:
        if data[0] & 0xF0 == 0x90 and data[2]:
            first.setdefault(part, frame)
    return first


def continuation_at(audio: np.ndarray, frames: int) -> dict[str, Any]:
    """What an engine that has heard so much says, its next step counted from there."""
    before = engine()
    before.render(audio[:frames], BLOCK)
    where = before.shared.continuation()
    assert where is not None
    return {**where, "step_ns": 0, "step_frame": where["step_frame"] - frames}


def test_the_next_step_is_played_and_not_the_first_of_a_new_beginning(audio: np.ndarray) -> None:
    frames = 6 * RATE + 7 * BLOCK
    where = continuation_at(audio, frames)
    assert 0 <= where["step_frame"] <= 1.5 * STEP
    assert where["tonic"] >= 0
    assert where["sounding"]
    anew, on = engine(), engine()
    on.resume(where)
    fresh, went_on = (each.render(audio[frames:], BLOCK) for each in (anew, on))
    chords = 1
    assert first_notes(went_on)[chords] == pytest.approx(where["step_frame"], abs=STEP / 4)
    assert (
        first_notes(fresh)[chords] > first_notes(went_on)[chords] + STEP / 2
    )  # it has to find the key first
    reports = on.take_reports()
    assert int(reports[0]["chord_played"]) == where["chord"]
    assert int(reports[0]["step_in_bar"]) == where["step_in_bar"]


def test_steps_lie_where_they_would_have_lain(audio: np.ndarray) -> None:
    """On the monotonic clock, also when some have passed meanwhile; bars go on."""
    where = continuation_at(audio, 6 * RATE)
    for missed in (0, 1, 5, 40):
        started = monotonic_ns()
        ahead_ns = 50_000_000
        late_ns = round(missed * STEP / RATE * 1e9)
        on = engine()
        on.resume({**where, "step_ns": monotonic_ns() + ahead_ns - late_ns})
        building_ns = monotonic_ns() - started
        on.process(audio[:BLOCK])
        now = on.shared.continuation()
        assert now is not None
        steps = now["bar"] * 16 + now["step_in_bar"] - where["bar"] * 16 - where["step_in_bar"]
        assert missed <= steps <= missed + building_ns / 1e9 * RATE / STEP + 1
        moved_s = (now["step_ns"] - (started + ahead_ns - late_ns)) / 1e9 - steps * STEP / RATE
        assert abs(moved_s) < building_ns / 1e9 + 0.001


def test_tempo_and_a_stopped_transport_are_kept(audio: np.ndarray) -> None:
    where = continuation_at(audio, RATE)
    on = engine()
    on.resume({**where, "tempo": 77.0, "running": False})
    assert not first_notes(on.render(audio, BLOCK))
    assert float(on.take_reports()[-1]["tempo"]) == 77


def test_silence_stays_silence(audio: np.ndarray) -> None:
    """An old chord does not begin when sound comes back later."""
    where = continuation_at(audio, 6 * RATE)
    on = engine()
    on.resume({**where, "sounding": False})
    assert not first_notes(on.render(np.zeros((2 * RATE, 1), np.float32), BLOCK))
    assert {int(report["chord_played"]) for report in on.take_reports()} <= {-1, where["chord"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [("tempo", 0.0), ("tempo", float("nan")), ("reference_db", float("inf")), ("tonic", 12), ("chord", 76)],
)
def test_what_no_engine_says_is_refused(audio: np.ndarray, name: str, value: float) -> None:
    where = continuation_at(audio, RATE)
    with pytest.raises(ValueError, match="continuation"):
        engine().resume({**where, name: value})


@pytest.mark.parametrize("chord", [0, 60, 63, 64, 75])
def test_whatever_chord_was_played_an_engine_goes_on(audio: np.ndarray, chord: int) -> None:
    """A fifth alone, too, as one held tone makes it: an engine that refused would never come back."""
    engine().resume({**continuation_at(audio, RATE), "chord": chord})
