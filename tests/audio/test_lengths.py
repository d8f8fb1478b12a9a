"""What a header says of the length bounds nothing: a file is heard to the end of its data, in every format, and where
that differs from the promise it is said once."""

from __future__ import annotations

import contextlib
import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from emohost.audio.sound_file import SoundFile, heard_channels
from emohost.errors import AudioError

RATE, SECONDS = 44100, 6
FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "rf64": ("RF64", "PCM_16"),
    "aiff": ("AIFF", "PCM_16"),
    "au": ("AU", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
    "w64": ("W64", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


def sound(seconds: float = SECONDS) -> np.ndarray:
    time_s = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(1).standard_normal(len(time_s))
    return (0.3 * np.sin(2 * np.pi * 220 * time_s) + 0.02 * noise).astype(np.float32)


def encoded(ending: str, samples: np.ndarray | None = None, **options: object) -> bytes:
    kind, subtype = FORMATS[ending]
    file = io.BytesIO()
    audio = sound() if samples is None else samples
    soundfile.write(file, audio, RATE, format=kind, subtype=subtype, **options)
    return file.getvalue()


def heard(folder: Path, data: bytes) -> tuple[float, str]:
    """Seconds, and the remark without the file's name."""
    path = folder / "sound"
    path.write_bytes(data)
    with SoundFile(path) as file:
        frames = sum(len(chunk) for chunk in file.chunks(5000))
        return frames / file.sample_rate, file.remark.removeprefix(f"{path}: ")


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def first_frame(mp3: bytes) -> int:
    """Bytes of the frame that holds the encoder's tag."""
    following = mp3.find(mp3[:2], 4)
    assert 0 < following < 1500
    return following


@pytest.mark.parametrize("ending", FORMATS)
def test_a_good_file_is_what_libsndfile_decodes_and_nothing_is_said(tmp_path: Path, ending: str) -> None:
    """To the sample; an MP3 to half of a 16-bit step or so, by another decoder, at the same place."""
    data = encoded(ending)
    expected, _ = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    (tmp_path / "sound").write_bytes(data)
    with SoundFile(tmp_path / "sound") as file:
        found = np.concatenate(list(file.chunks(5000)))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 if ending == "mp3" else 0)
        assert file.remark == ""
        for frame in (100_000, 7, 0):
            file.seek(frame)
            there = expected[frame : frame + 3000]
            np.testing.assert_allclose(file.read(3000), there, rtol=0, atol=1e-4 if ending == "mp3" else 0)


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_that_was_cut_is_played_as_far_as_it_goes_and_it_is_said(tmp_path: Path, ending: str) -> None:
    data = encoded(ending)
    seconds, remark = heard(tmp_path, data[: len(data) // 2])
    assert SECONDS * 0.4 < seconds < SECONDS * 0.6
    assert f"found {seconds:.1f} s of audio" in remark
    assert "cut off" in remark if ending == "ogg" else f"its header promises {SECONDS:.1f} s" in remark


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_an_mp3_without_a_tag_is_heard_to_its_end(tmp_path: Path, mode: str) -> None:
    quiet_end = sound() * np.linspace(1, 0.05, SECONDS * RATE, dtype=np.float32)
    data = encoded("mp3", quiet_end, bitrate_mode=mode, compression_level=0.5)
    seconds, remark = heard(tmp_path, data[first_frame(data) :])
    assert seconds == pytest.approx(SECONDS, abs=0.1)
    assert remark == ""


@pytest.mark.parametrize("share", [0.1, 0.5, 3])
def test_an_mp3_whose_tag_is_wrong_is_heard_to_its_end_and_it_is_said(tmp_path: Path, share: float) -> None:
    data = encoded("mp3")
    at = max(data.find(b"Xing"), data.find(b"Info"))
    count = round(share * struct.unpack(">I", data[at + 8 : at + 12])[0])
    seconds, remark = heard(tmp_path, patched(data, at + 8, struct.pack(">I", count)))
    assert seconds == pytest.approx(SECONDS, abs=0.15)
    assert f"its header promises {count * 1152 / RATE:.1f} s" in remark


def test_a_tag_that_is_wrong_about_the_bytes_costs_nothing(tmp_path: Path) -> None:
    data = encoded("mp3")
    at = max(data.find(b"Xing"), data.find(b"Info"))
    size = struct.unpack(">I", data[at + 12 : at + 16])[0]
    assert heard(tmp_path, patched(data, at + 12, struct.pack(">I", size + 1024))) == (SECONDS, "")


@pytest.mark.parametrize(
    ("ending", "name", "behind", "form"),
    [
        ("wav", b"data", 4, "<I"),
        ("rf64", b"ds64", 16, "<Q"),
        ("aiff", b"SSND", 4, ">I"),
        ("au", b".snd", 8, ">I"),
        ("caf", b"data", 4, ">q"),
    ],
)
def test_a_length_in_a_header_that_is_too_short_or_open_hides_nothing(
    tmp_path: Path, ending: str, name: bytes, behind: int, form: str
) -> None:
    """A recorder that was killed, a program that wrote into a pipe."""
    data = encoded(ending)
    at = data.find(name) + behind
    short = patched(data, at, struct.pack(form, 200_000))
    seconds, remark = heard(tmp_path, short)
    assert seconds == pytest.approx(SECONDS, abs=0.001)
    assert f"its header promises {200_000 / 2 / RATE:.1f} s" in remark
    for unknown in (bytes(struct.calcsize(form)), b"\xff" * struct.calcsize(form)):
        seconds, remark = heard(tmp_path, patched(data, at, unknown))
        assert seconds == pytest.approx(SECONDS, abs=0.001)
        assert remark == ""


def test_what_stands_behind_the_samples_of_a_wav_is_not_heard(tmp_path: Path) -> None:
    """A chunk of text is no sound, and no reason to say anything."""
    data = encoded("wav") + b"LIST" + struct.pack("<I", 10) + b"INFOabcdef"
    assert heard(tmp_path, data) == (SECONDS, "")


@pytest.mark.parametrize("share", [0, 0.4, 2])
def test_a_flac_whose_header_states_no_length_or_a_wrong_one(tmp_path: Path, share: float) -> None:
    data = encoded("flac")
    field = int.from_bytes(data[21:26], "big")
    total = round(share * SECONDS * RATE)
    wrong = ((field >> 36 << 36) | total).to_bytes(5, "big")
    seconds, remark = heard(tmp_path, patched(data, 21, wrong))
    assert seconds == SECONDS
    assert remark == (
        f"found {SECONDS:.1f} s of audio; its header promises {share * SECONDS:.1f} s" if share else ""
    )


def test_ogg_streams_one_after_the_other_are_all_heard(tmp_path: Path) -> None:
    one, two = encoded("ogg"), encoded("ogg", sound(2))
    seconds, remark = heard(tmp_path, one + two)
    assert seconds == pytest.approx(SECONDS + 2)
    assert remark == ""
    with SoundFile(tmp_path / "sound") as file:
        whole = np.concatenate(list(file.chunks(5000)))
        for frame in (SECONDS * RATE + 1000, 1000):
            file.seek(frame)
            np.testing.assert_array_equal(file.read(100), whole[frame : frame + 100])


def test_every_way_to_cut_a_header_is_an_error_or_sound_never_a_crash(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    for ending in FORMATS:
        data = encoded(ending, sound(0.2))
        for _ in range(20):
            changed = bytearray(data[: rng.integers(1, len(data))])
            changed[int(rng.integers(0, min(len(changed), 200)))] = int(rng.integers(0, 256))
            with contextlib.suppress(AudioError):
                heard(tmp_path, bytes(changed))


@pytest.mark.parametrize("length", [1, 417, 3000, 50000])
@pytest.mark.parametrize("kind", ["zeros", "random", "text", "heads"])
def test_what_lies_before_the_first_frame_of_an_mp3_is_skipped(
    tmp_path: Path, kind: str, length: int
) -> None:
    """Also where it looks like heads of frames here and there, of another rate."""
    random = np.random.default_rng(length)
    junk = {
        "zeros": bytes(length),
        "random": random.integers(0, 256, length, dtype=np.uint8).tobytes(),
        "text": (b"HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\n" * (length // 40 + 1))[:length],
        "heads": (b"\xff\xe3\x18\xc4" * (length // 4 + 1))[:length],
    }[kind]
    data = encoded("mp3")
    expected, _ = heard(tmp_path, data)
    seconds, remark = heard(tmp_path, junk + data)
    assert seconds == pytest.approx(expected, abs=0.1)  # without its tag an encoder's padding counts
    assert remark == ""


def test_a_channel_that_a_file_lacks_is_an_error_with_its_count(tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(encoded("wav", np.zeros((1000, 3), np.float32)))
    with SoundFile(tmp_path / "sound") as file:
        assert heard_channels(None, file) == ()
        assert heard_channels([3, 1], file) == (2, 0)
        with pytest.raises(AudioError, match="found 3 channels; expected 4, which"):
            heard_channels([4], file)
