"""MIDI files: what goes in comes out, at its time; same events, same bytes; a crash loses little."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.errors import MidiError
from emohost.midi.smf import TICKS_PER_BEAT, SmfFile, SmfWriter, write_events

channel_messages = st.one_of(
    st.tuples(st.integers(0x80, 0xBF) | st.integers(0xE0, 0xEF), st.integers(0, 127), st.integers(0, 127)),
    st.tuples(st.integers(0xC0, 0xDF), st.integers(0, 127)),
).map(bytes)
timed_messages = st.lists(st.tuples(st.integers(0, 48000 * 3600), channel_messages), max_size=40).map(
    lambda events: sorted(events, key=lambda event: event[0])
)


def read_back(path: Path) -> list[tuple[float, bytes]]:
    """(seconds, message) of a file, by mido's own clock."""
    now, found = 0.0, []
    for message in mido.MidiFile(path):
        now += message.time
        if not message.is_meta:
            found.append((now, bytes(message.bytes())))
    return found


@given(events=timed_messages, tempo=st.floats(20, 300))
def test_every_message_comes_back_at_its_time(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[int, bytes]], tempo: float
) -> None:
    """Any channel messages at any times, within a tick of where they were put, in order within a channel."""
    path = tmp_path_factory.getbasetemp() / "any.mid"
    write_events(path, [(frame, data, 0) for frame, data in events], 48000, tempo)
    back = read_back(path)
    tick_s = 60 / tempo / TICKS_PER_BEAT
    for channel in range(16):
        put = [(frame / 48000, data) for frame, data in events if data[0] & 15 == channel]
        got = [(seconds, data) for seconds, data in back if data[0] & 15 == channel]
        assert [data for _, data in got] == [data for _, data in put]
        # mido rounds the tempo to whole microseconds per beat, which adds up over an hour
        for (want, _), (have, _) in zip(put, got, strict=True):
            assert have == pytest.approx(want, abs=tick_s, rel=3e-6)


def test_tracks_are_named_after_their_parts(tmp_path: Path) -> None:
    """A conductor, then one track per channel used, by channel; unnamed channels say their number."""
    path = tmp_path / "named.mid"
    events = [(0, bytes([0x92, 40, 90]), 2), (0, bytes([0x90, 60, 90]), 0), (9, bytes([0xBF, 20, 5]), 5)]
    write_events(path, events, 48000, 100, {0: "melody", 2: "bass"})
    midi = mido.MidiFile(path)
    assert midi.type == 1
    assert midi.ticks_per_beat == TICKS_PER_BEAT
    assert [track.name for track in midi.tracks] == ["", "melody", "bass", "channel 16"]


def test_the_same_events_give_the_same_bytes() -> None:
    """No clock, no random name in the file."""
    first, second = SmfFile(100, {0: "melody"}), SmfFile(100, {0: "melody"})
    for file in (first, second):
        file.add(0.5, bytes([0x90, 60, 90]))
        file.add(1.0, bytes([0x80, 60, 0]))
    assert first.encode() == second.encode()


def test_a_change_of_tempo_moves_beats_not_seconds(tmp_path: Path) -> None:
    """Events after a tempo change are at their second, and on the new tempo's beats."""
    file = SmfFile(120)
    for second in range(8):
        if second == 4:
            file.set_tempo(4.0, 60)
        file.add(float(second), bytes([0x90, 60, 90]))
    (tmp_path / "tempo.mid").write_bytes(file.encode())
    assert [seconds for seconds, _ in read_back(tmp_path / "tempo.mid")] == pytest.approx(list(range(8)))
    ticks = [
        message.time for message in mido.MidiFile(tmp_path / "tempo.mid").tracks[1] if not message.is_meta
    ]
    assert ticks == [0, *[2 * TICKS_PER_BEAT] * 4, *[TICKS_PER_BEAT] * 3]


@pytest.mark.parametrize("data", [b"", b"\x40", b"\x90\x3c", b"\x90\x3c\xff", b"\xc0\x00\x00"])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    """A wrong length or a data byte above 127 would make the file unreadable."""
    with pytest.raises(ValueError, match="expected a MIDI channel message"):
        SmfFile(100).add(0, data)


def test_system_messages_are_left_out() -> None:
    """Active sensing is for cables, not for files."""
    file = SmfFile(100)
    empty = file.encode()
    file.add(1.0, b"\xfe")
    assert file.encode() == empty


def test_a_folder_is_made_and_one_that_cannot_be_is_told_at_once(tmp_path: Path) -> None:
    """Not after an hour of playing."""
    SmfWriter(tmp_path / "out" / "today" / "run.mid", 100).close()
    assert (tmp_path / "out" / "today" / "run.mid").exists()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(MidiError, match="cannot write the MIDI file"):
        SmfWriter(tmp_path / "file" / "run.mid", 100)


def test_close_writes_all_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """The last message is in the file; no temporary file stays."""
    with SmfWriter(tmp_path / "run.mid", 100) as writer:
        writer.add(0.0, bytes([0x90, 60, 90]))
        writer.add(0.5, bytes([0x80, 60, 0]))
    assert len(read_back(tmp_path / "run.mid")) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run.mid"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_after_a_kill_what_was_saved_can_be_read(tmp_path: Path) -> None:
    """A process killed with -9 while it plays leaves a complete file of what it had saved by then."""
    program = """
        import sys, time
        from pathlib import Path
        from emohost.midi.smf import SmfWriter
        writer = SmfWriter(Path(sys.argv[1]), 100, autosave_s=0.05)
        for number in range(10**6):
            writer.add(number / 100, bytes([0x90, number % 128, 90]))
            time.sleep(0.001)
    """
    path = tmp_path / "killed.mid"
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), path])
    try:
        deadline = time.monotonic() + 30
        while not path.exists() or path.stat().st_size < 500:
            assert time.monotonic() < deadline, "nothing was saved within 30 s"
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    notes = [data[1] for _, data in read_back(path)]
    assert len(notes) > 50
    assert notes == [number % 128 for number in range(len(notes))]
