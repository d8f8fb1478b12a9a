"""Keys and pedals at the inputs: whoever comes later is told all that is down, and nothing stays down for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emohost.midi.held import HeldInputs

MESSAGES = st.lists(
    st.tuples(
        st.sampled_from([0x90, 0x80, 0xB0]),
        st.integers(0, 1),  # channel
        st.sampled_from([60, 64, 67, 120, 121, 123]),
        st.sampled_from([0, 1, 63, 64, 127]),
        st.integers(0, 2),  # input
    ),
    max_size=30,
)


def told(messages: list[tuple[bytes, int]]) -> HeldInputs:
    held = HeldInputs([0, 1])
    for data, source in messages:
        held.take(data, source)
    return held


@given(messages=MESSAGES)
def test_whoever_is_told_knows_the_same(messages: list[tuple[int, int, int, int, int]]) -> None:
    came = [
        (bytes([kind | channel, first, second]), source) for kind, channel, first, second, source in messages
    ]
    held = told(came)
    assert set(told(held.messages()).messages()) == set(held.messages())
    assert all(source in (0, 1) for _, source in held.messages())
    release = held.release()
    assert held.messages() == []
    assert told([*came, *release]).messages() == []


def test_what_is_down_is_told() -> None:
    held = told([(b"\x90\x3c\x50", 0), (b"\x90\x40\x50", 1), (b"\x80\x3c\x00", 0), (b"\xb1\x40\x7f", 1)])
    assert held.messages() == [(b"\xb1\x40\x7f", 1), (b"\x90\x40\x40", 1)]


def test_other_inputs_are_none_of_its_business() -> None:
    assert told([(b"\x90\x3c\x50", 2)]).messages() == []
