"""The file of a project: a ZIP archive of project.xml, metadata.xml and the sound. Same inputs, same bytes."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from emohost.errors import AudioError, OutputError
from emohost.export.controls import ControlNames, usual_names
from emohost.export.project import Placed, metadata_xml, project_xml
from emohost.export.song import Song, read_song
from emohost.export.sound import Sound, sound_of
from emohost.files import printable, replacing

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that the format knows
_MODE, _UNIX = 0o644 << 16, 3  # on every system


@dataclass(frozen=True)
class Export:
    """What became of an export. `sound` is None where none was asked for."""

    song: Song
    sound: Sound | None


def export(
    midi: Path,
    out: Path,
    audio: Path | None = None,
    audio_at: Fraction = Fraction(0),
    names: ControlNames | None = None,
) -> Export:
    """Writes `midi`, and the sound that begins `audio_at` seconds after it, as the project `out`, in one step; folders
    are made. names: what controllers follow; None: what they do in a rig that does not say. Any thread. Raises
    MidiFileError, AudioError and OutputError, naming the file."""
    song = read_song(midi)
    if names is None:
        names = usual_names(song)
    with _named(out), tempfile.TemporaryDirectory(prefix="emohost-") as folder:
        sound = None if audio is None else sound_of(audio, Path(folder))
        if sound is not None:
            _check_place(sound, audio_at)
        placed = None if sound is None else Placed(sound, audio_at)
        texts = {
            "metadata.xml": metadata_xml(printable(midi.stem)),
            "project.xml": project_xml(song, names, placed),
        }
        out.parent.mkdir(parents=True, exist_ok=True)
        with replacing(out) as temporary:
            _write(temporary, texts, sound)
    return Export(song, sound)


def _check_place(sound: Sound, at: Fraction) -> None:
    if at + sound.seconds <= 0:
        length = float(sound.seconds)
        raise AudioError(
            f"{sound.source}: found {length:g} s of audio, which would end before the MIDI file begins;"
            f" expected it to begin after {-length:g} s"
        )


def _write(path: Path, texts: Mapping[str, bytes], sound: Sound | None) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in texts.items():
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED, len(data)), data)
        if sound is not None:
            entry = _entry(sound.place, zipfile.ZIP_STORED, sound.file.stat().st_size)
            with sound.file.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target)


def _entry(name: str, compression: int, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type, entry.external_attr, entry.create_system = compression, _MODE, _UNIX
    entry.file_size = size  # above 4 GB the archive needs other headers
    return entry


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """An OSError within becomes an OutputError that names the file."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot write the project: {error.strerror or error}") from error
