"""The sound that a project has in it: the very file, or where DAWs might read another length or place, its samples."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import soundfile

from emohost.audio.sound_file import SoundFile
from emohost.errors import OutputError
from emohost.files import printable

_PIECE = 1 << 16  # frames
_KEPT_FORMATS = {"WAV": ".wav", "WAVEX": ".wav", "AIFF": ".aiff", "FLAC": ".flac"}
_KEPT_SAMPLES = ("PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
_NOT_IN_NAMES = '\\/:*?"<>|'


@dataclass(frozen=True)
class Sound:
    """What was read from `source`, as it is in a project: `file` has the bytes, `frames` of `channels` at `sample_rate`
    Hz, and a name that ends in `suffix`. `remark`: how the source differs from what its header promises, or nothing."""

    source: Path
    file: Path
    suffix: str
    sample_rate: int
    channels: int
    frames: int
    remark: str

    @property
    def seconds(self) -> Fraction:
        return Fraction(self.frames, self.sample_rate)

    @property
    def name(self) -> str:
        """As it is shown."""
        return printable(self.source.stem)

    @property
    def place(self) -> str:
        """Its path in the project: a name that every system allows."""
        allowed = (each if each.isprintable() and each not in _NOT_IN_NAMES else "_" for each in self.name)
        return f"audio/{''.join(allowed)}{self.suffix}"


def sound_of(path: Path, folder: Path) -> Sound:
    """Reads all of `path`. WAV, AIFF and FLAC that keep what their headers promise stay as they are; anything else
    becomes a WAV file of 32-bit floats in `folder`, with the samples that the host hears. Raises AudioError, naming
    the file, and OutputError."""
    with SoundFile(path) as file:
        frames = sum(map(len, file.chunks(_PIECE)))
        rate, channels, remark = file.sample_rate, file.channels, file.remark
    if not remark and (suffix := _kept_as(path, frames)):
        return Sound(path, path, suffix, rate, channels, frames, remark)
    return Sound(path, _decoded(path, folder, rate, channels), ".wav", rate, channels, frames, remark)


def _kept_as(path: Path, frames: int) -> str:
    """The ending of its format, if any program finds so many frames in it."""
    try:
        info = soundfile.info(str(path))
    except (soundfile.LibsndfileError, TypeError, ValueError):
        return ""
    if info.frames != frames or info.subtype not in _KEPT_SAMPLES:
        return ""
    return _KEPT_FORMATS.get(info.format, "")


def _decoded(path: Path, folder: Path, rate: int, channels: int) -> Path:
    wave = folder / "sound.wav"
    try:
        with (
            SoundFile(path) as file,
            soundfile.SoundFile(wave, "w", rate, channels, subtype="FLOAT", format="WAV") as out,
        ):
            for chunk in file.chunks(_PIECE):
                out.write(chunk)
    except (soundfile.LibsndfileError, OSError) as error:
        raise OutputError(f"{wave}: {path} cannot be decoded into it: {error}") from None
    return wave
