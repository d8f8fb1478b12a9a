"""A MIDI file as a song: parts with their notes and controls, tempi, time signatures and marks, all at their ticks.

It reads what `recording.smf` writes, and Standard MIDI Files of other programs.
"""

from __future__ import annotations

import io
import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal

import mido

from emohost.errors import MidiFileError

DEFAULT_BEAT_US: Final = 500_000
DEFAULT_SIGNATURE: Final = (4, 4)
_LONGEST_UNIT: Final = 2**15  # of a time signature; no project can hold all that a MIDI file can
_LAST_TICK: Final = 2**40  # as beats in double precision such ticks are still told apart
_BEND_CENTRE, _BEND_RANGE = 2**13, 2**14

MarkKind = Literal["marker", "text", "cue", "key"]
_MARKS: Final[dict[str, MarkKind]] = {"marker": "marker", "text": "text", "cue_marker": "cue"}
Expression = Literal[
    "channelController", "pitchBend", "channelPressure", "polyPressure", "programChange"
]  # as the format calls them


@dataclass(frozen=True)
class Note:
    """Times in ticks. `release` is the velocity of its end, None where it has none."""

    tick: int
    ticks: int
    key: int
    velocity: int
    release: int | None


@dataclass(frozen=True)
class Target:
    """What a lane of control moves; `controller` and `key` where the expression has them."""

    expression: Expression
    controller: int | None = None
    key: int | None = None


@dataclass(frozen=True)
class Mark:
    """A text at a tick."""

    tick: int
    kind: MarkKind
    text: str


@dataclass
class Part:
    """What one track has on one channel (0-15). Values of lanes are 0 to 1, in order of their ticks."""

    name: str
    channel: int
    notes: list[Note] = field(default_factory=list)
    lanes: dict[Target, list[tuple[int, float]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Song:
    """`ticks_per_beat` ticks are a quarter note. `tempi` are (tick, microseconds per beat), `signatures` (tick, beats,
    unit); both begin at tick 0, and have one entry a tick. `left_out` counts messages that no project can hold."""

    ticks_per_beat: int
    end: int
    tempi: Sequence[tuple[int, int]]
    signatures: Sequence[tuple[int, int, int]]
    marks: Sequence[Mark]
    parts: Sequence[Part]
    left_out: int

    def beat_at(self, seconds: Fraction) -> Fraction:
        """The beat that is reached so many seconds (at least 0) after the beginning."""
        at, since_us = 0, seconds * 1_000_000
        us = DEFAULT_BEAT_US
        for tick, following in self.tempi:
            length_us = Fraction(tick - at, self.ticks_per_beat) * us
            if length_us > since_us:
                break
            at, since_us, us = tick, since_us - length_us, following
        return Fraction(at, self.ticks_per_beat) + since_us / us


def read_song(path: Path) -> Song:
    """Raises MidiFileError, naming the file and the place, for what is no MIDI file of beats."""
    return _song(path, _read(path))


def _read(path: Path) -> mido.MidiFile:
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MidiFileError(f"{path}: cannot be read: {reason}; expected a MIDI file") from None
    if not data.startswith(b"MThd"):
        found = "nothing" if not data else f"{data[:4].hex(' ')}"
        raise MidiFileError(f"{path}: byte 0: found {found}; expected a MIDI file, which begins with MThd")
    stream = io.BytesIO(data)
    try:
        return mido.MidiFile(file=stream, clip=True)
    except EOFError:
        raise MidiFileError(
            f"{path}: byte {len(data)}: found the end of the file; expected the rest of a MIDI file"
        ) from None
    except (OSError, ValueError, LookupError, TypeError, struct.error, mido.KeySignatureError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise MidiFileError(f"{path}: before byte {stream.tell()}: not as MIDI files are: {reason}") from None


def _song(path: Path, file: mido.MidiFile) -> Song:
    if file.type not in (0, 1):
        raise MidiFileError(f"{path}: found a MIDI file of type {file.type}; expected type 0 or 1")
    if file.ticks_per_beat <= 0:
        raise MidiFileError(f"{path}: found times in frames per second; expected ticks per beat")
    if not file.tracks:
        raise MidiFileError(f"{path}: found no track in it; expected one at least")
    reader = _Reader(path, file.ticks_per_beat)
    for number, track in enumerate(file.tracks):
        reader.take(number, track)
    return reader.song()


class _Reader:
    """Collects a song, track by track."""

    def __init__(self, path: Path, ticks_per_beat: int) -> None:
        self._path, self._ticks_per_beat = path, ticks_per_beat
        self._tempi = {0: DEFAULT_BEAT_US}
        self._signatures = {0: DEFAULT_SIGNATURE}
        self._marks: dict[Mark, None] = {}  # many programs say the key in every track
        self._parts: list[Part] = []
        self._end, self._left_out = 0, 0

    def take(self, number: int, track: mido.MidiTrack) -> None:
        parts: dict[int, _PartReader] = {}
        tick, name = 0, ""
        for message in track:
            tick += message.time
            if tick > _LAST_TICK:
                raise MidiFileError(
                    f"{self._path}: track {number}: found tick {tick:.3g}; expected at most {_LAST_TICK}"
                )
            if message.type == "track_name":
                name = name or message.name
            elif message.is_meta:
                self._take_meta(number, tick, message)
            elif hasattr(message, "channel"):
                parts.setdefault(message.channel, _PartReader(message.channel)).take(tick, message)
            else:
                self._left_out += 1
        self._end = max(self._end, tick)
        self._parts += [part.done(tick, name, len(parts) == 1) for part in parts.values()]

    def song(self) -> Song:
        marks = sorted(self._marks, key=lambda mark: mark.tick)
        signatures = [(tick, *signature) for tick, signature in sorted(self._signatures.items())]
        tempi = sorted(self._tempi.items())
        return Song(self._ticks_per_beat, self._end, tempi, signatures, marks, self._parts, self._left_out)

    def _take_meta(self, number: int, tick: int, message: Any) -> None:
        if message.type == "set_tempo":
            self._tempi[tick] = message.tempo
        elif message.type == "time_signature":
            self._signatures[tick] = (message.numerator, message.denominator)
        elif message.type == "key_signature":
            self._marks[Mark(tick, "key", message.key)] = None
        elif message.type in _MARKS:
            self._marks[Mark(tick, _MARKS[message.type], message.text)] = None
        if wrong := _wrong(message):
            beat = tick / self._ticks_per_beat
            raise MidiFileError(f"{self._path}: track {number}, beat {beat:g}: {wrong}")


def _wrong(message: Any) -> str:
    """What no project can be made of."""
    if message.type == "set_tempo" and message.tempo == 0:
        return "found 0 microseconds per beat; expected a tempo"
    if message.type == "time_signature" and not (message.numerator and message.denominator <= _LONGEST_UNIT):
        found = f"{message.numerator}/{message.denominator:.3g}"
        return f"found a time signature of {found}; expected 1/1 to 255/{_LONGEST_UNIT}"
    if message.type == "unknown_meta":  # mido loses the time before it, and what follows would be early
        return f"found a meta event of type 0x{message.type_byte:02x}; expected those of the standard"
    return ""


class _PartReader:
    """One channel of one track."""

    def __init__(self, channel: int) -> None:
        self._part = Part("", channel)
        self._on: dict[
            int, deque[tuple[int, int]]
        ] = {}  # by key: (tick, velocity) of what sounds, the oldest first

    def take(self, tick: int, message: Any) -> None:
        if message.type == "note_on" and message.velocity > 0:
            self._on.setdefault(message.note, deque()).append((tick, message.velocity))
        elif message.type in ("note_on", "note_off"):
            if begun := self._on.get(message.note):
                release = message.velocity if message.type == "note_off" else None
                self._end_note(tick, message.note, *begun.popleft(), release)
        else:
            target, value = _moved(message)
            self._part.lanes.setdefault(target, []).append((tick, value))

    def done(self, tick: int, name: str, alone: bool) -> Part:
        """`tick`: the track's end, at which ends what still sounds. alone: no other channel has that name."""
        for key, begun in self._on.items():
            for note in begun:
                self._end_note(tick, key, *note, None)
        self._part.notes.sort(key=lambda note: (note.tick, note.key))
        channel = f"channel {self._part.channel + 1}"
        self._part.name = name if name and alone else ", ".join(filter(None, (name, channel)))
        return self._part

    def _end_note(self, tick: int, key: int, since: int, velocity: int, release: int | None) -> None:
        self._part.notes.append(Note(since, tick - since, key, velocity, release))


def _moved(message: Any) -> tuple[Target, float]:
    """What a channel message that is no note moves, and where to: 0 to 1. The middle of the wheel is 0.5."""
    if message.type == "control_change":
        return Target("channelController", controller=message.control), message.value / 127
    if message.type == "pitchwheel":
        return Target("pitchBend"), (message.pitch + _BEND_CENTRE) / _BEND_RANGE
    if message.type == "program_change":
        return Target("programChange"), message.program / 127
    if message.type == "polytouch":
        return Target("polyPressure", key=message.note), message.value / 127
    return Target("channelPressure"), message.value / 127
