"""Readers of one sound file, by how its format keeps its samples. Each reads to the end of the data: what a header says
of the length is compared with what was found, and bounds nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO, Any, Protocol, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from emohost.audio import mpeg, ogg
from emohost.audio.byte_view import ByteView
from emohost.audio.containers import Samples, samples_of

Float32: TypeAlias = NDArray[np.float32]

_STREAMINFO_TOTAL = (
    21  # byte of a FLAC file at which the number of its samples stands: the low 36 bits of five bytes
)
_LOOKAHEAD = 16384  # bytes that a decoder may have read ahead
_PIECE = 1 << 16  # frames
_NO_END = 2**62  # libsndfile's answer for an unknown length is near 2**63
_MPEG_TOLERANCE_S = 0.1  # encoders pad


class Damaged(Exception):  # noqa: N818 - of a file, told as an AudioError
    """Its data cannot be decoded from here on."""


class Reader(Protocol):
    """One thread at a time."""

    sample_rate: int
    channels: int
    frames: int
    """As far as is known before it was read; 0 where that is not at all."""

    def read(self, frames: int) -> Float32:
        """(n, channels); n < frames only at the end. Raises Damaged, also for what libsndfile raises."""
        ...

    def seek(self, frame: int) -> None: ...
    def close(self) -> None: ...

    def remark(self, found: int) -> str:
        """Once the end was reached, after `found` frames: where that differs from the file's promise; or nothing."""
        ...


def open_reader(file: IO[bytes]) -> Reader:
    """Raises soundfile.LibsndfileError, OSError, TypeError or ValueError, if it is no sound file."""
    view = ByteView(file, 0, file.seek(0, 2))
    if view.at(0, 4) == ogg.PAGE and (streams := ogg.streams_of(view)).parts:
        return OggReader(file, streams)
    if view.at(0, 4) == b"fLaC":
        return FlacReader(file, view)
    samples = samples_of(view)
    try:
        reader = PcmReader(
            view if samples is None else ByteView(file, 0, view.size, samples.patches), samples
        )
    except soundfile.LibsndfileError:  # it looks for the first frame of an MP3 not far
        if samples is None and (form := mpeg.look(view)) is not None:
            return MpegReader(file, form)
        raise
    if reader.is_mpeg and (form := mpeg.look(view)) is not None:
        reader.close()
        return MpegReader(file, form)
    return reader


class PcmReader:
    """WAV and other formats that libsndfile reads, and that keep their samples in one piece."""

    def __init__(self, view: ByteView, samples: Samples | None) -> None:
        self._file = soundfile.SoundFile(view)
        self._samples = samples
        self.sample_rate, self.channels = int(self._file.samplerate), int(self._file.channels)
        self.frames = int(self._file.frames)
        self.is_mpeg = str(self._file.format).startswith("MP") or "MPEG" in str(self._file.subtype)

    def read(self, frames: int) -> Float32:
        return _read(self._file, frames)

    def seek(self, frame: int) -> None:
        _seek(self._file, min(frame, self.frames))

    def close(self) -> None:
        self._file.close()

    def remark(self, found: int) -> str:
        samples = self._samples
        if samples is None or samples.promised is None or not samples.there:
            return ""
        bytes_of_frame = max(1, samples.there // max(1, found))
        if abs(samples.promised - samples.there) < bytes_of_frame:
            return ""
        return _differs(found, found * samples.promised / samples.there, self.sample_rate)


class FlacReader:
    """FLAC, whose header may state no length, or a wrong one."""

    def __init__(self, file: IO[bytes], view: ByteView) -> None:
        self._view = view
        total = int.from_bytes(view.at(_STREAMINFO_TOTAL, 5), "big")
        self._promised = total & (1 << 36) - 1
        unknown = (total >> 36 << 36).to_bytes(5, "big")
        self._unbounded = ByteView(file, 0, view.size, {_STREAMINFO_TOTAL: unknown})
        self._file = soundfile.SoundFile(view)
        self.sample_rate, self.channels = int(self._file.samplerate), int(self._file.channels)
        self.frames = self._promised
        self._position = 0

    def read(self, frames: int) -> Float32:
        chunk = self._read(frames)
        if len(chunk) < frames and self._view is not self._unbounded and self._goes_on():
            self._view = self._unbounded
            self._file.close()
            self._file = soundfile.SoundFile(self._view)
            _seek(self._file, self._position)
            # what follows may be something else than FLAC
            with contextlib.suppress(Damaged):
                chunk = np.concatenate([chunk, self._read(frames - len(chunk))])
        return chunk

    def seek(self, frame: int) -> None:
        there = min(frame, self._promised) if self._promised else frame
        try:
            _seek(self._file, there)
        except (
            soundfile.LibsndfileError,
            OSError,
            RuntimeError,
        ):  # where data is damaged, libsndfile finds no place
            self._decode_up_to(there)
        self._position = frame

    def _decode_up_to(self, frame: int) -> None:
        """From the start, as far as it goes."""
        self._file.close()
        self._view.seek(0)
        self._view.reached = 0  # a search for a place looks everywhere
        self._file = soundfile.SoundFile(self._view)
        self._position = 0
        with contextlib.suppress(Damaged):
            while self._position < frame and len(self._read(min(frame - self._position, _PIECE))):
                pass

    def close(self) -> None:
        self._file.close()

    def remark(self, found: int) -> str:
        if not self._promised or found == self._promised:
            return ""
        return _differs(found, self._promised, self.sample_rate)

    def _read(self, frames: int) -> Float32:
        # Where the data breaks off libsndfile raises, and what it has decoded before lies in the buffer: FLAC holds
        # whole numbers, so what is not a number was not written.
        buffer = np.full((frames, self.channels), np.nan, np.float32)
        try:
            chunk: Float32 = self._file.read(frames, dtype="float32", always_2d=True, out=buffer)
        except (soundfile.LibsndfileError, OSError, RuntimeError):
            if self._view.reached < self._view.size:
                raise Damaged("its FLAC data is damaged there") from None
            chunk = buffer[: int(np.argmax(np.isnan(buffer).any(axis=1)))]
        self._position += len(chunk)
        return chunk

    def _goes_on(self) -> bool:
        return self._view.size - self._view.reached > _LOOKAHEAD


class OggReader:
    """Ogg Vorbis, Opus or FLAC: one stream, or several of the same rate and width one after the other."""

    def __init__(self, file: IO[bytes], streams: ogg.Streams) -> None:
        self._source, self._streams = file, streams
        self._lengths: list[int] = []
        self._number = 0
        form = None
        for begin, end in streams.parts:
            with soundfile.SoundFile(ByteView(file, begin, end)) as part:
                form = form or (int(part.samplerate), int(part.channels))
                if (part.samplerate, part.channels) != form:
                    raise ValueError(
                        f"found streams of {form[0]} Hz, {form[1]} channels and {part.samplerate} Hz, "
                        f"{part.channels} channels one after the other; expected them alike"
                    )
                self._lengths.append(int(part.frames) if part.frames < _NO_END else 0)
        assert form is not None
        self.sample_rate, self.channels = form
        self.frames = sum(self._lengths)
        self._file = self._open(0)

    def read(self, frames: int) -> Float32:
        chunk = _read(self._file, frames)
        while len(chunk) < frames and self._number + 1 < len(self._streams.parts):
            self._file.close()
            self._file = self._open(self._number + 1)
            chunk = np.concatenate([chunk, _read(self._file, frames - len(chunk))])
        return chunk

    def seek(self, frame: int) -> None:
        number = 0
        while frame >= self._lengths[number] and number + 1 < len(self._lengths):
            frame -= self._lengths[number]
            number += 1
        self._file.close()
        self._file = self._open(number)
        _seek(self._file, min(frame, self._lengths[number]) if self._lengths[number] else frame)

    def close(self) -> None:
        self._file.close()

    def remark(self, found: int) -> str:
        if not self._streams.ended:
            return f"found {_seconds(found, self.sample_rate)} of audio and no end of its Ogg stream: it was cut off"
        return _differs(found, self.frames, self.sample_rate) if self.frames and found != self.frames else ""

    def _open(self, number: int) -> Any:
        self._number = number
        return soundfile.SoundFile(ByteView(self._source, *self._streams.parts[number]))


class MpegReader:
    """MP3 and its relatives."""

    def __init__(self, file: IO[bytes], form: mpeg.Mpeg) -> None:
        self._file, self._form = file, form
        self.sample_rate, self.channels, self.frames = form.sample_rate, form.channels, form.frames
        self._left: Float32 = np.zeros((0, self.channels), np.float32)
        self.seek(0)

    def read(self, frames: int) -> Float32:
        while len(self._left) < frames:
            piece = self._next()
            if piece is None:
                break
            self._left = np.concatenate([self._left, piece])
        chunk, self._left = self._left[:frames], self._left[frames:]
        return np.ascontiguousarray(chunk)

    def seek(self, frame: int) -> None:
        form = self._form
        # a tag that promises too little would end the decoding; without it nothing is cut off at either end
        lie = form.promised is not None and form.promised < form.frames
        size = self._file.seek(0, 2)
        view = ByteView(self._file, form.begin, size, {form.tag_at - form.begin: bytes(4)} if lie else {})
        self._pieces: Iterator[Float32] = mpeg.decoded(view, form, frame)
        self._left = self._left[:0]

    def close(self) -> None:
        pass

    def remark(self, found: int) -> str:
        form = self._form
        if (
            form.promised is not None
            and abs(form.promised - form.frames) > _MPEG_TOLERANCE_S * self.sample_rate
        ):
            return _differs(found, form.promised, self.sample_rate)
        if form.broken:
            return f"found {_seconds(found, self.sample_rate)} of audio; its last frame was cut off"
        return ""

    def _next(self) -> Float32 | None:
        import miniaudio

        try:
            return next(self._pieces, None)
        except miniaudio.MiniaudioError:
            raise Damaged("its MPEG data is damaged there") from None


def _read(file: Any, frames: int) -> Float32:
    return np.asarray(file.read(frames, dtype="float32", always_2d=True))


def _seek(file: Any, frame: int) -> None:
    file.seek(frame)


def _differs(found: float, promised: float, rate: int) -> str:
    said = [_seconds(found, rate), _seconds(promised, rate)]
    if said[0] == said[1]:
        said = [f"{round(found)} frames", f"{round(promised)}"]
    return f"found {said[0]} of audio; its header promises {said[1]}"


def _seconds(frames: float, rate: int) -> str:
    return f"{frames / rate:.1f} s"
