"""MIDI files: what goes in comes out, at its time; same events, same bytes."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.recording.smf import TICKS_PER_BEAT, SmfFile, write_events

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


@given(
    changes=st.lists(st.tuples(st.floats(0, 600), st.floats(20, 300)), max_size=60),
    times=st.lists(st.floats(0, 600), min_size=1, max_size=60),
    settled=st.lists(st.floats(0, 600), max_size=5),
)
def test_seconds_stay_what_they_are_however_often_the_tempo_changes(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[float, float]],
    times: list[float],
    settled: list[float],
) -> None:
    """Each event is within a tick of its time, whatever was settled in between; nothing adds up over many changes."""
    file, path = SmfFile(120), tmp_path_factory.getbasetemp() / "tempi.mid"
    calls = [("change", at, tempo) for at, tempo in changes] + [("note", at, 0.0) for at in times]
    for number, (what, at, tempo) in enumerate(sorted(calls, key=lambda call: call[1])):
        if what == "change":
            file.set_tempo(at, tempo)
        else:
            file.add(at, bytes([0x90, 60, 90]))
        if number < len(settled):
            file.settle(at)
    path.write_bytes(file.encode())
    tick_s = 60 / 20 / TICKS_PER_BEAT
    assert [at for at, _ in read_back(path)] == pytest.approx(sorted(times), abs=tick_s)


def test_a_thousand_small_changes_of_tempo_add_nothing_up(tmp_path: Path) -> None:
    """As of a beat that is followed: one at every beat of ten minutes."""
    file, path, now = SmfFile(100), tmp_path / "many.mid", 0.0
    for beat in range(1000):
        tempo = 100 + 7 * (beat * 0.37 % 1)
        file.set_tempo(now, tempo)
        file.add(now, bytes([0x90, 60, 90]))
        file.settle(now - 2)
        now += 60 / tempo
    file.add(now, bytes([0x90, 60, 90]))
    path.write_bytes(file.encode())
    assert read_back(path)[-1][0] == pytest.approx(now, abs=60 / 100 / TICKS_PER_BEAT)
    beats = [message.time for message in mido.MidiFile(path).tracks[1] if not message.is_meta][1:]
    assert beats == pytest.approx([TICKS_PER_BEAT] * 1000, abs=1)


def test_a_change_of_tempo_may_come_after_the_notes_around_it(tmp_path: Path) -> None:
    """The host hears of it some blocks later: same bytes, until the time is settled."""
    files = SmfFile(120), SmfFile(120)
    files[0].set_tempo(1.0, 60)
    for file in files:
        for second in range(4):
            file.add(float(second), bytes([0x90, 60, 90]))
    files[1].set_tempo(1.0, 60)
    assert files[0].encode() == files[1].encode()
    files[1].settle(3.0)
    assert files[0].encode() == files[1].encode()


def test_time_signatures_stand_at_their_beats(tmp_path: Path) -> None:
    """In the conductor's track, where sequencers look for them."""
    file, path = SmfFile(60, beats_per_bar=3), tmp_path / "signs.mid"
    file.set_time_signature(3.0, 7, 8)
    path.write_bytes(file.encode())
    at, found = 0, []
    for message in mido.MidiFile(path).tracks[0]:
        at += message.time
        found.append((at / TICKS_PER_BEAT, message))
    signatures = [(at, message) for at, message in found if message.type == "time_signature"]
    assert [(at, each.numerator, each.denominator) for at, each in signatures] == [(0, 3, 4), (3, 7, 8)]


@pytest.mark.parametrize("tempo", [0, -1, float("nan"), float("inf"), 3.0, 1e9])
def test_a_tempo_that_no_file_can_hold_is_refused(tempo: float) -> None:
    with pytest.raises(ValueError, match="tempo: found"):
        SmfFile(120).set_tempo(0, tempo)


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
