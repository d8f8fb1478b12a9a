"""The input of a run as FLAC, and what 24 bits cannot hold of it beside that, so that it can be read back to the very
bits that the engine was given.

FLAC holds whole numbers. A converter's samples are such numbers, and nothing is beside them. Where a sample is none (of
another program, above full scale, no number at all), `input.rest` has what its bits differ by.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from emohost.errors import SessionError
from emohost.sessions.layout import Growing

REST: Final = "input.rest"
MOST_CHANNELS: Final = 8  # of a FLAC file
FLAC_BLOCK: Final = 4096
_SCALE: Final = float(1 << 23)
_HEAD: Final = struct.Struct("<QII")  # first frame, frames, bytes that follow

Samples = NDArray[np.float32]


def flac_names(channels: int) -> list[tuple[str, slice]]:
    """Each file and its channels."""
    if channels <= MOST_CHANNELS:
        return [("input.flac", slice(0, channels))]
    starts = range(0, channels, MOST_CHANNELS)
    return [
        (f"input-{number}.flac", slice(start, min(start + MOST_CHANNELS, channels)))
        for number, start in enumerate(starts, 1)
    ]


class _Sink:
    """What libsndfile writes into: errors of the disk are kept, and raised where they can be heard."""

    def __init__(self, path: Path) -> None:
        self.file: BinaryIO = path.open("xb", buffering=0)
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        view = memoryview(data)
        length = len(view)
        try:
            while view and self.failure is None:
                view = view[self.file.write(view) :]
        except OSError as error:
            self.failure = error
        return length

    def read(self, count: int) -> bytes:
        """It is written only; soundfile looks for the method."""
        raise io.UnsupportedOperation("read")

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()


class SoundKeeper:
    """Writes. One thread. Raises OSError."""

    def __init__(self, folder: Path, rate: float, channels: int) -> None:
        self._frames = 0
        self._rest = Growing(folder / REST)
        self._parts = []
        for name, some in flac_names(channels):
            sink = _Sink(folder / name)
            try:
                file = soundfile.SoundFile(
                    sink, "w", round(rate), some.stop - some.start, "PCM_24", format="FLAC"
                )
            except soundfile.LibsndfileError as error:
                raise OSError(f"{rate:g} Hz: {error}") from None
            self._parts.append((some, sink, file))

    def write(self, samples: Samples) -> None:
        """(frames, channels)."""
        if not len(samples):
            return
        whole = _whole_numbers(samples)
        differ = samples.view(np.uint32) ^ _as_floats(whole).view(np.uint32)
        if differ.any():
            self._keep_rest(differ)
        self._frames += len(samples)
        for some, sink, file in self._parts:
            file.write(np.ascontiguousarray(whole[:, some] << 8))
            _raise_if_failed(sink)

    def sync(self) -> None:
        self._rest.sync()
        for _, sink, _ in self._parts:
            os.fsync(sink.file.fileno())

    def close(self) -> None:
        """Completes the FLAC files."""
        for _, sink, file in self._parts:
            file.close()
            sink.file.close()
            _raise_if_failed(sink)
        self._rest.close()

    def _keep_rest(self, differ: NDArray[np.uint32]) -> None:
        """Byte by byte of the samples: the highest ones are mostly zero."""
        planes = np.ascontiguousarray(differ.reshape(-1).view(np.uint8).reshape(-1, 4).T)
        packed = zlib.compress(planes.tobytes(), 1)
        self._rest.append(_HEAD.pack(self._frames, len(differ), len(packed)) + packed)


class SoundReader:
    """Reads one engine's input from its start, as far as it goes: a file whose writer was killed has no end. One
    thread. Raises SessionError."""

    def __init__(self, folder: Path, channels: int) -> None:
        try:
            paths = [folder / name for name, _ in flac_names(channels)]
            self._ended = any(path.stat().st_size == 0 for path in paths)  # nothing came
            self._files = [] if self._ended else [soundfile.SoundFile(str(path)) for path in paths]
        except (OSError, soundfile.LibsndfileError) as error:
            raise SessionError(f"{folder}: the input cannot be read: {error}") from None
        self._rest = _rests(folder / REST, channels)
        self._differ = next(self._rest, None)
        self._at = 0
        self._ahead: Samples = np.zeros((0, channels), np.float32)

    def read(self, frames: int) -> Samples:
        """(frames, channels); fewer at the end."""
        while len(self._ahead) < frames and not self._ended:
            self._ahead = np.concatenate([self._ahead, self._piece()])
        taken, self._ahead = self._ahead[:frames], self._ahead[frames:]
        return np.ascontiguousarray(taken)

    def close(self) -> None:
        for file in self._files:
            file.close()

    def _piece(self) -> Samples:
        parts = [_block(file) for file in self._files]
        length = min(map(len, parts))
        self._ended = length < FLAC_BLOCK
        samples = _as_floats(np.concatenate([part[:length] for part in parts], axis=1) >> 8)
        bits = samples.view(np.uint32)
        end = self._at + length
        while self._differ is not None and self._differ[0] < end:
            first, differ = self._differ
            start, stop = max(first, self._at), min(first + len(differ), end)
            bits[start - self._at : stop - self._at] ^= differ[start - first : stop - first]
            if first + len(differ) > end:
                break
            self._differ = next(self._rest, None)
        self._at = end
        return samples


def _block(file: soundfile.SoundFile) -> NDArray[np.int32]:
    try:
        found: NDArray[np.int32] = file.read(FLAC_BLOCK, dtype="int32", always_2d=True)
    except soundfile.LibsndfileError:  # where a killed writer's file breaks off
        return np.zeros((0, file.channels), np.int32)
    return found


def _rests(path: Path, channels: int) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """(first frame, what the bits differ by), in order, as far as they are whole."""
    try:
        with path.open("rb") as file:
            while len(head := file.read(_HEAD.size)) == _HEAD.size:
                first, frames, length = _HEAD.unpack(head)
                packed = file.read(length)
                if len(packed) < length:
                    return
                planes = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(4, -1)
                yield first, np.ascontiguousarray(planes.T).view(np.uint32).reshape(frames, channels)
    except (OSError, ValueError, zlib.error) as error:
        raise SessionError(f"{path}: damaged: {error}") from None


def _whole_numbers(samples: Samples) -> NDArray[np.int32]:
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0).astype(np.float64)
    return np.clip(np.rint(finite * _SCALE), -_SCALE, _SCALE - 1).astype(np.int32)


def _as_floats(whole: NDArray[np.int32]) -> Samples:
    return (whole / _SCALE).astype(np.float32)


def _raise_if_failed(sink: _Sink) -> None:
    if sink.failure is not None:
        raise sink.failure
