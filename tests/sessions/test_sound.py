"""What an engine was given comes back from a session's FLAC to the very bits, whatever it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost.errors import SessionError
from emohost.sessions.sound import REST, SoundKeeper, SoundReader, flac_names

Shape = tuple[str, int]
KINDS = ("silence", "16 bit", "24 bit", "floats", "loud", "no numbers", "tiny")


def samples(kind: str, frames: int, channels: int, random: np.random.Generator) -> np.ndarray:
    shape = (frames, channels)
    if kind == "silence":
        return np.zeros(shape, np.float32)
    if kind in ("16 bit", "24 bit"):
        half = 1 << (int(kind[:2]) - 1)
        return (random.integers(-half, half, shape) / half).astype(np.float32)
    if kind == "no numbers":
        return random.integers(0, 2**32, shape, np.uint32).view(np.float32)
    scale = {"floats": 0.3, "loud": 30.0, "tiny": 1e-9}[kind]
    return random.normal(0, scale, shape).astype(np.float32)


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    return np.array_equal(one.view(np.uint32), other.view(np.uint32))


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9000)), min_size=1, max_size=6),
    st.sampled_from([1, 2, 8, 9, 19]),
    st.integers(1, 7000),
)
def test_it_comes_back_to_the_very_bits(
    tmp_path_factory: pytest.TempPathFactory, seed: int, pieces: list[Shape], channels: int, piece: int
) -> None:
    folder = tmp_path_factory.mktemp("sound")
    random = np.random.default_rng(seed)
    keeper = SoundKeeper(folder, 48000, channels)
    given = [samples(kind, frames, channels, random) for kind, frames in pieces]
    for each in given:
        keeper.write(each)
    keeper.close()
    reader, found = SoundReader(folder, channels), []
    while len(part := reader.read(piece)):
        found.append(part)
    reader.close()
    whole = np.concatenate(given)
    assert same_bits(np.concatenate([*found, whole[:0]]), whole)


@pytest.mark.parametrize("rate", [8000, 44100, 384000])
def test_of_a_converter_nothing_is_kept_beside_and_any_player_plays_it(tmp_path: Path, rate: int) -> None:
    random = np.random.default_rng(1)
    keeper = SoundKeeper(tmp_path, rate, 2)
    given = samples("24 bit", 20000, 2, random)
    keeper.write(given)
    keeper.close()
    assert (tmp_path / REST).stat().st_size == 0
    audio, found_rate = soundfile.read(tmp_path / "input.flac", dtype="float32")
    assert found_rate == rate
    assert np.array_equal(audio, given)


def test_all_but_the_last_fifth_of_a_second_is_there_when_the_writer_is_gone(tmp_path: Path) -> None:
    given = samples("floats", 48000, 1, np.random.default_rng(1))
    keeper = SoundKeeper(tmp_path, 48000, 1)
    for start in range(0, 48000, 4800):
        keeper.write(given[start : start + 4800])
    found = SoundReader(tmp_path, 1).read(48000)  # never closed
    assert len(found) >= 48000 - 48000 // 5
    assert same_bits(found, given[: len(found)])


def test_channels_beyond_eight_lie_in_more_files() -> None:
    assert [name for name, _ in flac_names(8)] == ["input.flac"]
    assert [(some.start, some.stop) for _, some in flac_names(19)] == [(0, 8), (8, 16), (16, 19)]


def test_an_input_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="the input cannot be read"):
        SoundReader(tmp_path, 1)
