"""Fourteen bytes hold a state to a step's rounding; anything else is no message, and never an exception."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emohost.bridge.field.message import BYTES, SEQUENCES, State, pack, unpack

AXIS = st.floats(-1, 1)
STATES = st.builds(State, AXIS, AXIS, st.floats(0, 1))


@given(st.integers(0, SEQUENCES - 1), STATES)
def test_what_is_packed_comes_back(sequence: int, state: State) -> None:
    data = pack(sequence, state)
    assert len(data) == BYTES
    message = unpack(data)
    assert message is not None
    assert message.sequence == sequence
    assert message.state == pytest.approx(state, abs=2e-5)


def test_the_layout_stays_as_it_is() -> None:
    """Rigs of another release understand it, or refuse it by its version."""
    assert pack(0x01020304, State(1.0, -1.0, 0.5)).hex() == "4546010004030201ff7f01800080"


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_out_of_range_is_clamped_to_the_range(valence: float, arousal: float, weight: float) -> None:
    message = unpack(pack(0, State(valence, arousal, weight)))
    assert message is not None
    assert abs(message.state.valence) <= 1
    assert abs(message.state.arousal) <= 1
    assert 0 <= message.state.weight <= 1


def test_nan_is_refused_before_it_leaves() -> None:
    with pytest.raises(ValueError, match="NaN"):
        pack(0, State(math.nan, 0.0, 1.0))


@given(st.binary(max_size=64) | st.binary(min_size=BYTES, max_size=BYTES))
@example(b"EF\x02\x00" + bytes(10))  # another version
@example(b"EF\x01\x01" + bytes(10))  # a bit that means nothing yet
@example(b"EF\x01\x00" + bytes(4) + b"\x00\x80" + bytes(4))  # -32768 / 32767 is below -1
@example(b"EF\x01\x00" + bytes(11))
def test_any_bytes_are_a_message_in_range_or_none(data: bytes) -> None:
    message = unpack(data)
    if message is not None:
        assert pack(*message) == data


@given(st.integers(0, BYTES - 1), st.integers(0, 255))
def test_a_flipped_byte_is_refused_or_in_range(place: int, value: int) -> None:
    data = bytearray(pack(7, State(0.25, -0.5, 1.0)))
    data[place] = value
    message = unpack(bytes(data))
    assert message is None or (abs(message.state.valence) <= 1 and abs(message.state.arousal) <= 1)
    if place < 4 and value != pack(7, State(0.25, -0.5, 1.0))[place]:
        assert message is None
