"""Standard MIDI Files (MIDI Association, RP-001): what a run or a render leaves.

Type 1: a conductor track (tempo, time signature), then a track per MIDI channel that was used, named
after its part. The same calls give the same bytes.
"""

from __future__ import annotations

import copy
import math
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido

from emohost.config.music import PARTS, Music
from emohost.errors import OutputError
from emohost.files import write_whole

TICKS_PER_BEAT = 960
CONTROLS = "controls"
"""The track of control changes on a channel where no part plays."""
_FIRST_SYSTEM_MESSAGE = 0xF0
_LONGEST_BEAT_US = 2**24 - 1
_LEAST_ROOM = 0.3  # beats before the first bar line: for less no bar is made up

_Timed = tuple[int, bytes]  # tick, message


class SmfFile:
    """A MIDI file in memory. Times are seconds from its start. Not thread-safe.

    Tempo changes and signatures may come in any order, also before or after the messages around them, up to
    the time that `settle` was last given; what is earlier counts as that time.
    """

    def __init__(self, tempo: float, names: Mapping[int, str] | None = None, beats_per_bar: int = 4) -> None:
        """tempo: beats (quarter notes) per minute from time 0. names: track name by MIDI channel (0-15); others are
        called 'channel 7'. Raises ValueError as set_tempo does."""
        self._names = dict(names or {})
        self._settled_s = 0.0
        self._segment = _Segment(0.0, 0.0, 0, beat_us(tempo))  # in force at _settled_s
        self._changes: dict[float, int] = {}  # microseconds per beat from a time on, not settled
        self._conductor, self._channels = _Track(), dict[int, _Track]()
        self._conductor.append(0, _tempo_message(self._segment.beat_us))
        self.set_time_signature(0.0, beats_per_bar)
        self._beats = beats_per_bar

    def add(self, time_s: float, data: bytes) -> None:
        """One channel message (2 or 3 bytes); a time before the channel's last one counts as that. System messages
        (active sensing, clock ...) have no place in a file: left out. Raises ValueError for anything else."""
        if not belongs(data):
            return
        channel = data[0] & 0x0F
        if channel not in self._channels:
            name = self._names.get(channel, f"channel {channel + 1}")
            self._channels[channel] = _Track()
            self._channels[channel].append(0, bytes(mido.MetaMessage("track_name", name=name).bytes()))
        self._channels[channel].wait(time_s, data, in_order=True)

    def set_tempo(self, time_s: float, tempo: float) -> None:
        """From `time_s` on the beats are those of `tempo` (beats per minute, 3.6 to 1e6); seconds stay what they are.
        Raises ValueError for a tempo that no file can hold."""
        self._changes[max(time_s, self._settled_s)] = beat_us(tempo)

    def set_time_signature(self, time_s: float, beats: int, unit: int = 4) -> None:
        """`beats` (1-255) of a `unit`-th note (a power of 2) to a bar from `time_s` on. Raises ValueError."""
        self._conductor.wait(time_s, time_signature(beats, unit))

    def begin_bars(self, time_s: float, tempo: float, beats: int) -> None:
        """A bar of `beats` quarter notes begins at `time_s`, and others follow at this tempo. What comes before is told
        as whole bars, or as one bar of so many beats as there is room for, at the tempo that makes them end there.
        Where something of it is settled, or there is hardly any, only a bar line is set. Raises ValueError as set_tempo
        does."""
        room = time_s * tempo / 60  # beats
        if self._settled_s > 0 or self._changes or room < _LEAST_ROOM:
            self._begin_bar(time_s, beats)
        elif bars := round(room / beats):
            self._begin_bar(0.0, beats)
            self.set_tempo(0.0, bars * beats * 60 / time_s)
        else:
            short = max(1, round(room))
            self._begin_bar(0.0, short)
            self._begin_bar(time_s, beats)
            self.set_tempo(0.0, short * 60 / time_s)
        self.set_tempo(time_s, tempo)

    def _begin_bar(self, time_s: float, beats: int) -> None:
        """There is one of so many beats from the start on: that is not said twice."""
        if time_s > 0 or beats != self._beats:
            self.set_time_signature(time_s, beats)
        self._beats = beats

    def set_key(self, time_s: float, key: str) -> None:
        """As MIDI files name keys: 'C', 'F#m'. Raises ValueError."""
        self._conductor.wait(time_s, bytes(mido.MetaMessage("key_signature", key=key).bytes()))

    def add_marker(self, time_s: float, text: str) -> None:
        """Latin-1 text. Raises ValueError."""
        self._conductor.wait(time_s, bytes(mido.MetaMessage("marker", text=text).bytes()))

    def add_text(self, time_s: float, text: str) -> None:
        """Latin-1 text. Raises ValueError."""
        self._conductor.wait(time_s, bytes(mido.MetaMessage("text", text=text).bytes()))

    def settle(self, time_s: float) -> None:
        """All that lies before `time_s` is there: it is encoded once and for all, so that `encode` need not do it at
        every call."""
        if time_s <= self._settled_s:
            return
        segments = self._segments()
        self._conductor.settle(segments, time_s, _tempo_messages(segments, time_s))
        for track in self._channels.values():
            track.settle(segments, time_s)
        self._settled_s, self._segment = time_s, _segment_at(segments, time_s)
        self._changes = {at: us for at, us in self._changes.items() if at > time_s}

    def encode(self) -> bytes:
        """The file as it stands."""
        segments = self._segments()
        chunks = [self._conductor.chunk(segments, _tempo_messages(segments, math.inf))]
        chunks += [track.chunk(segments) for _, track in sorted(self._channels.items())]
        header = struct.pack(">4sLHHH", b"MThd", 6, 1, len(chunks), TICKS_PER_BEAT)
        return b"".join([header, *chunks])

    def _segments(self) -> list[_Segment]:
        """Stretches of one tempo, from the last settled one on; what changes nothing is left out."""
        segments = [self._segment]
        for time_s, us in sorted(self._changes.items()):
            if us != segments[-1].beat_us:
                segments.append(segments[-1].then(time_s, us))
        return segments


def time_signature(beats: int, unit: int) -> bytes:
    """The meta event. Raises ValueError."""
    return bytes(mido.MetaMessage("time_signature", numerator=beats, denominator=unit).bytes())


def beat_us(tempo: float) -> int:
    """Microseconds per beat. Raises ValueError for what no file can hold."""
    us = round(6e7 / tempo) if math.isfinite(tempo) and tempo > 0 else 0
    if not 0 < us <= _LONGEST_BEAT_US:
        raise ValueError(f"tempo: found {tempo}; expected 3.6 to 1e6 beats per minute")
    return us


def belongs(data: bytes) -> bool:
    """Whether a MIDI message has a place in a file: channel messages have, system messages have not. Raises ValueError
    for what is no message."""
    if data and data[0] >= _FIRST_SYSTEM_MESSAGE:
        return False
    if not data or len(data) != _message_length(data[0]) or any(byte > 127 for byte in data[1:]):
        raise ValueError(f"found {data.hex(' ') or 'nothing'}; expected a MIDI channel message")
    return True


def write_events(
    path: Path,
    events: Iterable[tuple[int, bytes, int]],
    sample_rate: float,
    tempo: float,
    names: Mapping[int, str] | None = None,
    beats_per_bar: int = 4,
    conductor: Iterable[tuple[int, str, tuple[Any, ...]]] = (),
) -> None:
    """Writes what a render gave, (frame, MIDI bytes, part) in order of time, as the file `path`, in one step.

    sample_rate in Hz; conductor: what `Conductor.of` says; the rest as SmfFile's. Any thread. Raises OutputError.
    """
    file = SmfFile(tempo, names, beats_per_bar)
    for frame, method, arguments in conductor:
        getattr(file, method)(frame / sample_rate, *arguments)
    for frame, data, _ in events:
        file.add(frame / sample_rate, data)
    with named(path):
        write_whole(path, file.encode())


def channel_names(music: Music) -> dict[int, str]:
    """Track names by MIDI channel (0-15): the parts', and 'controls' where no part plays."""
    names = {control.channel - 1: CONTROLS for control in music.controls}
    return names | {getattr(music.parts, part).channel - 1: part for part in PARTS}


@contextmanager
def named(path: Path) -> Iterator[None]:
    """An OSError within becomes an OutputError that names the file."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot write the MIDI file: {error.strerror or error}") from error


@dataclass(frozen=True)
class _Segment:
    """One tempo. The file's own time, `file_s` at `tick`, is off from `start_s` by half a tick at most: it is kept, so
    that many changes do not add up what each rounds off."""

    start_s: float
    file_s: float
    tick: int
    beat_us: int

    def ticks(self, time_s: float) -> int:
        """The tick of a time at or after the start."""
        return self.tick + max(0, round((time_s - self.file_s) * 1e6 / self.beat_us * TICKS_PER_BEAT))

    def then(self, time_s: float, beat_us: int) -> _Segment:
        tick = self.ticks(time_s)
        file_s = self.file_s + (tick - self.tick) * self.beat_us * 1e-6 / TICKS_PER_BEAT
        return _Segment(time_s, file_s, tick, beat_us)


def _start(segment: _Segment) -> float:
    return segment.start_s


def _segment_at(segments: list[_Segment], time_s: float) -> _Segment:
    return segments[max(0, bisect_right(segments, time_s, key=_start) - 1)]


class _Track:
    """One track: bytes that are settled, and messages that wait for the tempo of their time to be known."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._tick = 0
        self._waiting: list[tuple[float, bytes]] = []

    def append(self, tick: int, message: bytes) -> None:
        """A tick before the last one counts as that."""
        delta = max(0, tick - self._tick)
        self._tick += delta
        self._bytes += _variable_length(delta) + message

    def wait(self, time_s: float, message: bytes, in_order: bool = False) -> None:
        """`in_order`: a time before that of the last one counts as that."""
        if in_order and self._waiting:
            time_s = max(time_s, self._waiting[-1][0])
        self._waiting.append((time_s, message))

    def settle(self, segments: list[_Segment], until_s: float, first: Sequence[_Timed] = ()) -> None:
        """`first`: what comes before messages of the same tick."""
        found = [*first]
        found += [
            (_segment_at(segments, at).ticks(at), message) for at, message in self._waiting if at <= until_s
        ]
        for tick, message in sorted(found, key=_tick):
            self.append(tick, message)
        self._waiting = [each for each in self._waiting if each[0] > until_s]

    def chunk(self, segments: list[_Segment], first: Sequence[_Timed] = ()) -> bytes:
        """The whole track; what waits stays waiting."""
        whole = copy.copy(self)
        whole._bytes = bytearray(self._bytes)
        whole.settle(segments, math.inf, first)
        end = b"\x00" + bytes(mido.MetaMessage("end_of_track").bytes())
        return struct.pack(">4sL", b"MTrk", len(whole._bytes) + len(end)) + whole._bytes + end


def _tick(timed: _Timed) -> int:
    return timed[0]


def _tempo_messages(segments: list[_Segment], until_s: float) -> list[_Timed]:
    """All but the first, which is there."""
    return [(each.tick, _tempo_message(each.beat_us)) for each in segments[1:] if each.start_s <= until_s]


def _tempo_message(us: int) -> bytes:
    return bytes(mido.MetaMessage("set_tempo", tempo=us).bytes())


def _message_length(status: int) -> int:
    """Length of a channel message by its status byte: 2 for program change and channel pressure; 0: none."""
    if status < 0x80:
        return 0
    return 2 if status & 0xF0 in (0xC0, 0xD0) else 3


def _variable_length(value: int) -> bytes:
    """Seven bits a byte, most significant first, the top bit on all but the last."""
    encoded = [value & 0x7F]
    while value := value >> 7:
        encoded.append(value & 0x7F | 0x80)
    return bytes(reversed(encoded))
