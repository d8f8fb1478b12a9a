"""Sound files as a stream of blocks; every way in which one can be bad is one AudioError."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from emohost.audio.pipes import STANDARD_INPUT, all_of, is_pipe
from emohost.audio.readers import Damaged, open_reader
from emohost.errors import AudioError

Float32: TypeAlias = NDArray[np.float32]

MIN_RATE, MAX_RATE = 8000, 192000  # Hz, as the configuration allows devices
MAX_CHANNELS = 64
EXPECTED = "expected a sound file (WAV, FLAC, Ogg, MP3, AIFF, CAF, AU, W64 and others)"


class SoundFile:
    """An open sound file of any format that libsndfile knows, and MP3. One thread at a time; a context manager.

    `sample_rate` in Hz, `channels`, and `frames` as far as is known before it was read: what is read counts, to the end
    of the data, whatever a header says. Raises AudioError, naming the file, if it is missing, not audio, empty, or of a
    rate or width that the host cannot play.
    """

    def __init__(self, path: str | Path, pipes: bool = False) -> None:
        """`pipes`: '-' is the standard input, and a named pipe may be read; either is read to its end first."""
        self.path = Path(path)
        self.name = "standard input" if pipes and self.path == STANDARD_INPUT else str(self.path)
        file = self._open(pipes)
        try:
            self._reader = open_reader(file)
        except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
            file.close()
            raise AudioError(f"{self.name}: cannot be read as audio: {_reason(error)}; {EXPECTED}") from None
        self._file = file
        self.sample_rate, self.channels = self._reader.sample_rate, self._reader.channels
        self.frames = self._reader.frames
        self.remark = ""
        """Once all of it was read: where it differs from what its header promises, as a line; or nothing."""
        self._position = 0
        try:
            self._check()
        except AudioError:
            self.close()
            raise

    @property
    def duration_s(self) -> float:
        """As far as is known before it was read."""
        return self.frames / self.sample_rate

    def read(self, frames: int) -> Float32:
        """The next frames, float32 (n, channels), C-contiguous; n < frames only at the end. Raises AudioError if
        the file is damaged there, also where nothing of it can be decoded."""
        try:
            chunk = self._reader.read(frames)
        except (Damaged, soundfile.LibsndfileError, OSError, RuntimeError) as error:
            raise AudioError(f"{self.name}: broken after {self._second()}: {_reason(error)}") from None
        self._position += len(chunk)
        if not self._position and frames:
            raise AudioError(f"{self.name}: found no audio in it that can be decoded")
        if len(chunk) < frames:
            remark = self._reader.remark(self._position)
            self.remark = remark and f"{self.name}: {remark}"
        return np.ascontiguousarray(chunk)

    def chunks(self, frames: int) -> Iterator[Float32]:
        """What is left, in pieces of `frames` frames (the last may be shorter)."""
        while len(chunk := self.read(frames)):
            yield chunk

    def seek(self, frame: int) -> None:
        """The next `read` begins at `frame`, or at the end. Raises AudioError if the file is broken there."""
        try:
            if frame != self._position:
                self._reader.seek(frame)
        except (Damaged, soundfile.LibsndfileError, OSError, RuntimeError):
            second = f"{frame / self.sample_rate:.1f} s"
            raise AudioError(f"{self.name}: cannot be played from {second} on: its data is damaged") from None
        self._position = frame

    def close(self) -> None:
        self._reader.close()
        self._file.close()

    def __enter__(self) -> SoundFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, pipes: bool) -> IO[bytes]:
        path = self.path
        try:
            if pipes and is_pipe(path):
                return all_of(path)
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode):
                found = "a folder" if stat.S_ISDIR(mode) else "a pipe" if stat.S_ISFIFO(mode) else "no file"
                raise AudioError(f"{path}: found {found}; {EXPECTED}")
            return path.open("rb")
        except FileNotFoundError:
            raise AudioError(f"{path}: found no such file; {EXPECTED}") from None
        except (OSError, ValueError) as error:
            raise AudioError(f"{path}: cannot be read: {_reason(error)}; {EXPECTED}") from None

    def _second(self) -> str:
        return f"{self._position / self.sample_rate:.1f} s"

    def _check(self) -> None:
        if not MIN_RATE <= self.sample_rate <= MAX_RATE:
            raise AudioError(
                f"{self.name}: found {self.sample_rate} Hz; expected {MIN_RATE} to {MAX_RATE} Hz"
            )
        if self.channels > MAX_CHANNELS:
            raise AudioError(f"{self.name}: found {self.channels} channels; expected at most {MAX_CHANNELS}")
        if self._is_empty():
            raise AudioError(f"{self.name}: found no audio in it")

    def _is_empty(self) -> bool:
        """Whatever a header says."""
        if self.frames > 0:
            return False
        try:
            empty = not len(self._reader.read(1))
            self._reader.seek(0)
        except Damaged:
            return True
        return empty


def _reason(error: Exception) -> str:
    """libsndfile's own words, without the file name that soundfile puts before them."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return text.removeprefix("Error : ").strip().rstrip(".")


def heard_channels(chosen: Sequence[int] | None, file: SoundFile) -> tuple[int, ...]:
    """Those that `audio.channels` chooses, from 0; none if it does not. Raises AudioError if one is not there."""
    if chosen and max(chosen) > file.channels:
        raise AudioError(
            f"{file.name}: found {file.channels} channels; expected {max(chosen)}, which audio.channels asks for"
        )
    return tuple(channel - 1 for channel in chosen or ())
