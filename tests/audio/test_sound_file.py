"""Sound files: the samples of any that can be read; one clear AudioError for any that cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from emohost.audio.sound_file import SoundFile
from emohost.errors import AudioError

DEMO = Path(__file__).resolve().parents[2] / "configs" / "demo.flac"


@pytest.mark.parametrize(("suffix", "subtype"), [("wav", "PCM_16"), ("wav", "FLOAT"), ("flac", "PCM_24")])
def test_chunks_are_the_samples(tmp_path: Path, suffix: str, subtype: str) -> None:
    """Whatever the chunk's size, the pieces joined are the file."""
    rng = np.random.default_rng(1)
    samples = np.round(rng.uniform(-1, 1, (1000, 2)) * 2**14) / 2**15
    soundfile.write(tmp_path / f"x.{suffix}", samples, 44100, subtype=subtype)
    for size in (1, 333, 1000, 5000):
        with SoundFile(tmp_path / f"x.{suffix}") as file:
            assert (file.sample_rate, file.channels, file.frames) == (44100, 2, 1000)
            chunks = list(file.chunks(size))
        assert all(chunk.dtype == np.float32 and chunk.flags.c_contiguous for chunk in chunks)
        np.testing.assert_array_equal(np.concatenate(chunks), samples.astype(np.float32))


def test_playing_from_any_frame(tmp_path: Path) -> None:
    """seek() makes the next read begin at that frame."""
    soundfile.write(tmp_path / "x.flac", np.arange(1000) / 2**15, 8000, subtype="PCM_16")
    with SoundFile(tmp_path / "x.flac") as file:
        for frame in (0, 999, 17, 1000):
            file.seek(frame)
            assert file.read(10)[:1, 0] * 2**15 == pytest.approx([frame] if frame < 1000 else [])


def bad_files(folder: Path) -> dict[Path, str]:
    """Files that are bad in different ways, and what must be said of each."""
    demo = bytearray(DEMO.read_bytes())
    demo[800_000:801_000] = b"\xff" * 1000
    (folder / "corrupt.flac").write_bytes(demo)
    (folder / "undecodable.flac").write_bytes(DEMO.read_bytes()[:3000] + b"junkjunk")
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("this is no music\n" * 50)
    soundfile.write(folder / "none.wav", np.zeros((0, 1)), 48000)
    soundfile.write(folder / "slow.wav", np.zeros((100, 1)), 4000)
    (folder / "folder.wav").mkdir()
    return {
        folder / "corrupt.flac": "its FLAC data is damaged there",
        folder / "undecodable.flac": "found no audio in it that can be decoded",
        folder / "empty.wav": "cannot be read as audio",
        folder / "text.wav": "cannot be read as audio",
        folder / "none.wav": "no audio in it",
        folder / "slow.wav": "found 4000 Hz; expected 8000 to 192000 Hz",
        folder / "folder.wav": "found a folder",
        folder / "missing.wav": "found no such file",
    }


def test_a_bad_file_is_one_clear_error(tmp_path: Path) -> None:
    """One line that begins with the file and says what is wrong with it."""
    for path, said in bad_files(tmp_path).items():
        with pytest.raises(AudioError) as error, SoundFile(path) as file:
            for _ in file.chunks(4096):
                pass
        assert str(error.value).startswith(f"{path}: ")
        assert said in str(error.value)
        assert "\n" not in str(error.value)


def test_a_damaged_file_is_played_from_anywhere_before_the_damage(tmp_path: Path) -> None:
    """Whether or not its decoder finds the place: the words of a library are nobody's to read."""
    demo = bytearray(DEMO.read_bytes())
    demo[800_000:] = bytes(3000)
    (tmp_path / "x.flac").write_bytes(demo)
    with SoundFile(DEMO) as file:
        whole = np.concatenate(list(file.chunks(1 << 16)))
    for frame in (0, 5000, 200_000):
        with SoundFile(tmp_path / "x.flac") as file:
            file.seek(frame)
            np.testing.assert_array_equal(file.read(1000), whole[frame : frame + 1000])
    with SoundFile(tmp_path / "x.flac") as file:
        file.seek(len(whole) - 1000)
        assert not len(file.read(1000))
