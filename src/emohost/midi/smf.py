"""Standard MIDI Files (MIDI Association, RP-001): a sink for a live run, and the result of a render.

Type 1: a conductor track (tempo), then a track per MIDI channel that was used, named after its part. The same
events give the same bytes.
"""

from __future__ import annotations

import logging
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import mido

from emohost.config.schema import PARTS, Music
from emohost.errors import MidiError
from emohost.files import write_whole

TICKS_PER_BEAT = 960
AUTOSAVE_S = 5.0
_AUTOSAVE_SHARE = 0.02  # of the time at most, however long the recording gets
_FIRST_SYSTEM_MESSAGE = 0xF0

log = logging.getLogger(__name__)


class SmfFile:
    """A MIDI file in memory, growing at its end. Not thread-safe."""

    def __init__(self, tempo: float, names: Mapping[int, str] | None = None) -> None:
        """tempo: beats per minute from time 0. names: track name by MIDI channel (0-15); others are called
        'channel 7'."""
        self._names = dict(names or {})
        self._conductor = _Track()
        self._conductor.add(0, _tempo_message(tempo))
        self._channels: dict[int, _Track] = {}
        self._anchor_s, self._anchor_tick, self._tempo = 0.0, 0, tempo

    def __len__(self) -> int:
        """Size of all tracks, in bytes."""
        return len(self._conductor) + sum(map(len, self._channels.values()))

    def add(self, time_s: float, data: bytes) -> None:
        """One channel message (2 or 3 bytes) at `time_s` seconds from the start; a time before the track's
        last one counts as that. System messages (active sensing, clock ...) have no place in a file: left out.
        Raises ValueError for anything else."""
        if data and data[0] >= _FIRST_SYSTEM_MESSAGE:
            return
        if not data or len(data) != _message_length(data[0]) or any(byte > 127 for byte in data[1:]):
            raise ValueError(f"found {data.hex(' ') or 'nothing'}; expected a MIDI channel message")
        channel = data[0] & 0x0F
        if channel not in self._channels:
            name = self._names.get(channel, f"channel {channel + 1}")
            self._channels[channel] = _Track()
            self._channels[channel].add(0, bytes(mido.MetaMessage("track_name", name=name).bytes()))
        self._channels[channel].add(self._tick(time_s), data)

    def set_tempo(self, time_s: float, tempo: float) -> None:
        """From `time_s` on the beats are those of `tempo` (beats per minute); seconds stay what they are."""
        tick = self._tick(time_s)
        self._conductor.add(tick, _tempo_message(tempo))
        self._anchor_s, self._anchor_tick, self._tempo = time_s, tick, tempo

    def encode(self) -> bytes:
        """The file as it stands."""
        tracks = [self._conductor, *(track for _, track in sorted(self._channels.items()))]
        header = struct.pack(">4sLHHH", b"MThd", 6, 1, len(tracks), TICKS_PER_BEAT)
        return b"".join([header, *(track.chunk() for track in tracks)])

    def _tick(self, time_s: float) -> int:
        return round(self._anchor_tick + (time_s - self._anchor_s) * self._tempo / 60 * TICKS_PER_BEAT)


class SmfWriter:
    """The MIDI file of a live run. It is written anew every few seconds, each time complete and by rename, so
    that after a crash all but the last seconds can be read.

    `add` and `set_tempo` (as SmfFile's) may be called from the MIDI thread: they only append to memory. A
    thread of its own saves; `close` may be called from any thread. Raises MidiError, naming the file, when
    created and when closed if it cannot be written.
    """

    def __init__(
        self,
        path: Path,
        tempo: float,
        names: Mapping[int, str] | None = None,
        autosave_s: float = AUTOSAVE_S,
    ) -> None:
        """path: the file to (re)place, its folder is made; autosave_s: seconds between two savings, at least."""
        self._path = Path(path)
        with _told(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = SmfFile(tempo, names)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._save()
        self._saver = threading.Thread(
            target=self._autosave, args=(autosave_s,), name="smf-save", daemon=True
        )
        self._saver.start()

    def add(self, time_s: float, data: bytes) -> None:
        with self._lock:
            self._file.add(time_s, data)

    def set_tempo(self, time_s: float, tempo: float) -> None:
        with self._lock:
            self._file.set_tempo(time_s, tempo)

    def close(self) -> None:
        """Writes the file and ends the saving thread. More calls do nothing. Raises MidiError."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._saver.join()
        self._save()

    def __enter__(self) -> SmfWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _save(self) -> int:
        with self._lock:
            size, data = len(self._file), self._file.encode()
        _write(self._path, data)
        return size

    def _autosave(self, interval_s: float) -> None:
        saved, pause_s = -1, interval_s
        while not self._closing.wait(pause_s):
            if len(self._file) == saved:
                continue
            started = time.monotonic()
            try:
                saved = self._save()
            except MidiError as error:  # there may be room later; close() reports what remains
                log.warning("%s", error)
            pause_s = max(interval_s, (time.monotonic() - started) / _AUTOSAVE_SHARE)


def write_events(
    path: Path,
    events: Iterable[tuple[int, bytes, int]],
    sample_rate: float,
    tempo: float,
    names: Mapping[int, str] | None = None,
) -> None:
    """Writes what a render gave, (frame, MIDI bytes, part) in order of time, as the file `path`, in one step.

    sample_rate in Hz; tempo and names as SmfFile's. Any thread. Raises MidiError.
    """
    file = SmfFile(tempo, names)
    for frame, data, _ in events:
        file.add(frame / sample_rate, data)
    _write(path, file.encode())


def channel_names(music: Music) -> dict[int, str]:
    """Track names by MIDI channel (0-15): the parts', and 'controls' where no part plays."""
    names = {control.channel - 1: "controls" for control in music.controls}
    return names | {getattr(music.parts, part).channel - 1: part for part in PARTS}


class _Track:
    """The bytes of one track, encoded as they come."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._tick = 0

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, tick: int, message: bytes) -> None:
        delta = max(0, tick - self._tick)
        self._tick += delta
        self._bytes += _variable_length(delta)
        self._bytes += message

    def chunk(self) -> bytes:
        end = b"\x00" + bytes(mido.MetaMessage("end_of_track").bytes())
        return struct.pack(">4sL", b"MTrk", len(self._bytes) + len(end)) + self._bytes + end


def _write(path: Path, data: bytes) -> None:
    with _told(path):
        write_whole(path, data)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MidiError(f"{path}: cannot write the MIDI file: {error.strerror or error}") from error


def _tempo_message(tempo: float) -> bytes:
    return bytes(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo)).bytes())


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
