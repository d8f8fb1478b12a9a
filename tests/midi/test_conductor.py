"""A sequencer that opens a run's MIDI file has the band's bars and beats, its keys, chords and sections."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import pytest

from emohost._core import report_dtype
from emohost.recording.conductor import Conductor
from emohost.recording.smf import TICKS_PER_BEAT, write_events

RATE, BLOCK = 48000, 256
ON, OFF = bytes([0x90, 60, 90]), bytes([0x80, 60, 0])


def run(beats: np.ndarray, first_bar: int, per_bar: int = 4) -> np.ndarray:
    """Reports of a band whose beats fall on these seconds and which comes in on beat `first_bar`."""
    blocks = np.zeros(int(beats[-1] * RATE) // BLOCK, report_dtype)
    ends = BLOCK * (1 + np.arange(len(blocks))) / RATE
    beat = np.searchsorted(beats, ends + 0.05, side="right") - 1  # planned ahead
    planned = blocks["planned_beat"]
    known = beat >= 0
    beat = np.clip(beat, 0, len(beats) - 2)
    planned["frame"] = np.where(known, np.round(beats[beat] * RATE), 0)
    planned["tempo"] = 60 / np.diff(beats)[beat]
    planned["beat"], planned["beats_per_bar"] = (beat - first_bar) % per_bar, per_bar
    planned["plays"] = beat >= first_bar
    planned["chord"] = planned["tonic"] = -1
    return blocks


def rubato(count: int, seed: int) -> np.ndarray:
    """Seconds of beats between 80 and 130 a minute, no two alike."""
    random = np.random.default_rng(seed)
    return 0.7 + np.concatenate(
        [[0], np.cumsum(60 / np.clip(100 + random.normal(size=count).cumsum(), 80, 130))]
    )


def written(path: Path, reports: np.ndarray, seconds: np.ndarray, pieces: int = 1) -> mido.MidiFile:
    """Reports taken in so many pieces, and a note on each of these seconds."""
    conductor = Conductor()
    calls = [call for part in np.array_split(reports, pieces) for call in conductor.of(part, RATE)]
    events = [(round(at * RATE) + late, data, 0) for at in seconds for late, data in ((0, ON), (999, OFF))]
    write_events(path, events, RATE, 100, conductor=calls)
    return mido.MidiFile(path)


def told(file: mido.MidiFile, kind: str, track: int = 0) -> list[tuple[int, mido.Message]]:
    tick, found = 0, []
    for message in file.tracks[track]:
        tick += message.time
        if message.type == kind:
            found.append((tick, message))
    return found


@pytest.mark.parametrize("per_bar", [3, 4])
@pytest.mark.parametrize("pieces", [1, 40])
def test_what_falls_on_a_beat_lies_on_a_beat(tmp_path: Path, per_bar: int, pieces: int) -> None:
    """However the tempo wanders; and where the band came in a bar begins, in as many bars as the time before holds."""
    beats, first = rubato(60, 1), 9
    file = written(tmp_path / "run.mid", run(beats, first, per_bar), beats[first:-1], pieces)
    ticks = [tick for tick, _ in told(file, "note_on", 1)]
    assert len(ticks) == len(beats) - 1 - first
    assert ticks[0] % (per_bar * TICKS_PER_BEAT) == 0
    assert ticks[0] > 0
    assert np.abs(np.diff(ticks) - TICKS_PER_BEAT).max() <= 2
    seconds = np.cumsum([message.time for message in file])[
        [m.type == "note_on" and m.velocity > 0 for m in file]
    ]
    np.testing.assert_allclose(seconds, beats[first:-1], atol=2e-3)


def test_a_bar_that_begins_elsewhere_is_told_as_a_new_signature(tmp_path: Path) -> None:
    """The player's one turned out to be the third beat."""
    beats = 0.5 * np.arange(41) + 0.5
    before, after = run(beats, 4), run(beats, 6)
    change = int(10.1 * RATE) // BLOCK
    reports = np.concatenate([before[:change], after[change:]])
    file = written(tmp_path / "run.mid", reports, beats[8:-1])
    signatures = [tick for tick, _ in told(file, "time_signature")]
    assert signatures == [0, signatures[-1]]
    ticks = [tick for tick, _ in told(file, "note_on", 1)]
    assert min(abs(tick - signatures[-1]) for tick in ticks) <= 2
    assert np.abs(np.diff(ticks) - TICKS_PER_BEAT).max() <= 2


def test_keys_chords_and_sections_stand_where_they_begin(tmp_path: Path) -> None:
    beats = 0.5 * np.arange(33) + 0.5
    reports = run(beats, 4)
    planned = reports["planned_beat"]
    late = planned["frame"] > 8 * RATE
    planned["tonic"], planned["minor"] = np.where(late, 9, 0), late
    planned["chord"] = np.where(late, 46, 0)
    planned["section"], planned["material"] = late, np.where(late, 1, 0)
    file = written(tmp_path / "run.mid", reports, beats[4:-1])
    assert [message.key for _, message in told(file, "key_signature")] == ["C", "Am"]
    assert [message.text for _, message in told(file, "marker")] == ["A", "B"]
    assert [message.text for _, message in told(file, "text")] == ["C:maj", "A:min"]
    at = told(file, "marker")[1][0] / TICKS_PER_BEAT
    assert at == pytest.approx(told(file, "key_signature")[1][0] / TICKS_PER_BEAT, abs=0.02)


def test_a_run_in_which_nobody_comes_in_has_no_bars_of_its_own(tmp_path: Path) -> None:
    reports = run(rubato(30, 2), 10**6)
    assert Conductor().of(reports, RATE) == []
