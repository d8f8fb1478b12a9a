"""What an engine's run is made of can be kept, and played again to the very same events, block for block."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost import _core
from emohost.audio.backend import AudioFormat
from emohost.config.load import parse_rig
from emohost.emotion import encode
from emohost.engine.build import build_engine, features_of
from emohost.engine.request import EngineRequest
from emohost.networks import load_set

RATE = 16000
RIG = parse_rig("audio: {backend: dummy}\nmusic: {play: always, tempo: 200, clock: {source: internal}}\n")
REQUEST = EngineRequest.of(RIG, Path())
Happening = tuple[str, float]


def engine(channels: int = 1, heard: tuple[int, ...] = (), replays: bool = False) -> _core.Engine:
    networks = load_set(REQUEST.networks.files, Path(), "float32")
    form = AudioFormat(RATE, 0, channels, heard, waits=True)
    assert features_of(networks)
    return build_engine(REQUEST, form, networks, between_ticks=not replays, replays=replays)


def memory(size: int = 1 << 22) -> _core.RecordMemory:
    return _core.RecordMemory(mmap.mmap(-1, size), create=True)


def happen(played: _core.Engine, what: str, value: float) -> None:
    shared = played.shared
    ahead = played.frame + int(value * 3000)
    if what == "density":
        shared.set_parameter("density", value, ahead if value > 0.5 else 0)
    elif what == "tempo":
        shared.set_parameter("tempo", 80 + 120 * value)
    elif what == "feel":
        shared.write_emotion(encode(2 * value - 1, 1 - value), weight=value, ttl_s=0.1 + value)
    elif what == "note":
        shared.push_input(ahead, bytes([0x90, 40 + int(40 * value), 90]), 0)
    else:
        shared.command(what)


def replayed(
    blocks: np.ndarray, samples: np.ndarray, messages: list[_core.RecordedMessage], channels: int = 1
) -> list[tuple[int, bytes, int]]:
    again, events, frame = engine(channels, replays=True), [], 0
    for number, block in enumerate(blocks):
        for at, kind, payload in messages:
            if at == number:
                assert again.give(kind, payload)
        end = frame + int(block["frames"])
        events += again.replay(blocks[number : number + 1], samples[frame:end])
        frame = end
    return events


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.lists(st.integers(1, 3000), min_size=5, max_size=40),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["density", "tempo", "feel", "note", "panic", "tap", "transport_stop", "transport_start"]
            ),
            st.floats(0, 1),
        ),
        max_size=20,
    ),
)
def test_what_was_recorded_plays_the_same_events(
    seed: int, lengths: list[int], happenings: list[Happening]
) -> None:
    """Whatever came in, whatever the blocks; also where blocks came without input or with what is no number."""
    random = np.random.default_rng(seed)
    played, kept, handed_out = engine(), memory(), []
    played.record(kept)
    for number, length in enumerate(lengths):
        for what, value in happenings[number : number + 1]:
            happen(played, what, value)
        block = random.normal(0, 0.2, (length, 1)).astype(np.float32)
        if number % 7 == 3:
            block[random.integers(length)] = np.nan
        played.process(None if number % 5 == 4 else block, length)
        handed_out += played.shared.pop_events()
    blocks, samples, messages, events = kept.read(1)
    assert kept.lost == 0
    assert blocks["frames"].tolist() == lengths
    assert events == handed_out
    assert replayed(blocks, samples, messages) == handed_out


def test_of_several_channels_those_that_are_listened_to_are_kept() -> None:
    played, kept = engine(3, (0, 2)), memory()
    played.record(kept)
    audio = np.random.default_rng(1).normal(0, 0.2, (5000, 3)).astype(np.float32)
    for start in range(0, 5000, 1000):
        played.process(audio[start : start + 1000])
    blocks, samples, messages, _ = kept.read(2)
    assert np.array_equal(samples, audio[:, [0, 2]])
    assert replayed(blocks, samples, messages, 2) == played.shared.pop_events()


def test_a_reader_that_is_behind_loses_whole_blocks_which_are_counted() -> None:
    played, kept = engine(), memory(1 << 16)
    played.record(kept)
    block = np.full((1000, 1), 0.1, np.float32)
    for _ in range(40):
        played.process(block)
    blocks, samples, _, _ = kept.read(1)
    assert 0 < len(blocks) < 40
    assert len(blocks) + kept.lost == 40
    assert np.array_equal(samples, np.full((1000 * len(blocks), 1), 0.1, np.float32))
    played.process(block)  # there is room again
    blocks, samples, _, _ = kept.read(1)
    assert blocks["frame"].tolist() == [40000]
    assert len(samples) == 1000


def test_after_stop_nothing_more_is_written_and_nothing_is_lost() -> None:
    played, kept = engine(), memory()
    played.record(kept)
    kept.stop()
    played.process(np.zeros((100, 1), np.float32))
    assert not len(kept.read(1)[0])
    assert kept.lost == 0


def test_memory_that_holds_no_recording_is_refused() -> None:
    with pytest.raises(ValueError, match="recording memory"):
        _core.RecordMemory(mmap.mmap(-1, 1 << 16))
    with pytest.raises(ValueError, match="recording memory"):
        _core.RecordMemory(mmap.mmap(-1, 64), create=True)


@pytest.mark.parametrize(("kind", "payload"), [("command", b""), ("emotion", b"1234"), ("nothing", b"")])
def test_what_is_no_recorded_message_is_refused(kind: str, payload: bytes) -> None:
    with pytest.raises(ValueError, match="no"):
        engine(replays=True).give(kind, payload)
