"""Sound files as a stream of blocks, through soundfile; every way in which one can be bad is one AudioError."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np
import soundfile
from numpy.typing import NDArray

from emohost.errors import AudioError

Float32: TypeAlias = NDArray[np.float32]

MIN_RATE, MAX_RATE = 8000, 192000  # Hz, as the configuration allows devices
MAX_CHANNELS = 64


class SoundFile:
    """An open WAV, FLAC or other file that libsndfile reads. One thread at a time; a context manager.

    `sample_rate` in Hz, `channels`, and `frames` as the header says (what is read counts). Raises AudioError,
    naming the file, if it is missing, not audio, empty, or of a rate or width that the host cannot play.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            raise AudioError(f"{self.path}: found a folder; expected a WAV or FLAC file")
        if not self.path.exists():
            raise AudioError(f"{self.path}: found no such file; expected a WAV or FLAC file")
        try:
            self._file = soundfile.SoundFile(self.path)
        except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
            raise AudioError(f"{self.path}: cannot be read as audio: {_reason(error)}") from None
        self.sample_rate = int(self._file.samplerate)
        self.channels = int(self._file.channels)
        self.frames = int(self._file.frames)
        self._position = 0
        try:
            self._check()
        except AudioError:
            self._file.close()
            raise

    @property
    def duration_s(self) -> float:
        return self.frames / self.sample_rate

    def read(self, frames: int) -> Float32:
        """The next frames, float32 (n, channels), C-contiguous; n < frames only at the end. Raises AudioError if
        the file is broken there, or ends before the length that its header states."""
        try:
            chunk = np.asarray(self._file.read(frames, dtype="float32", always_2d=True))
        except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
            raise AudioError(f"{self.path}: broken after {self._second()}: {_reason(error)}") from None
        self._position += len(chunk)
        if len(chunk) < frames and self._position < self.frames:
            raise AudioError(
                f"{self.path}: found {self._second()} of audio; expected {self.duration_s:.1f} s by its header"
            )
        return chunk

    def chunks(self, frames: int) -> Iterator[Float32]:
        """What is left, in pieces of `frames` frames (the last may be shorter)."""
        while len(chunk := self.read(frames)):
            yield chunk

    def seek(self, frame: int) -> None:
        """The next `read` begins at `frame`, at most `frames`. Raises AudioError if the file is broken there."""
        try:
            self._position = int(self._file.seek(frame))
        except (soundfile.LibsndfileError, OSError, RuntimeError) as error:
            raise AudioError(f"{self.path}: cannot be played from frame {frame}: {_reason(error)}") from None

    def close(self) -> None:
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

    def _second(self) -> str:
        return f"{self._position / self.sample_rate:.1f} s"

    def _check(self) -> None:
        if not MIN_RATE <= self.sample_rate <= MAX_RATE:
            raise AudioError(
                f"{self.path}: found {self.sample_rate} Hz; expected {MIN_RATE} to {MAX_RATE} Hz"
            )
        if self.channels > MAX_CHANNELS:
            raise AudioError(f"{self.path}: found {self.channels} channels; expected at most {MAX_CHANNELS}")
        if self.frames <= 0:
            raise AudioError(f"{self.path}: found no audio in it")


def _reason(error: Exception) -> str:
    """libsndfile's own words, without the file name that soundfile puts before them."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
    return text.removeprefix("Error : ").strip().rstrip(".")
