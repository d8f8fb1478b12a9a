"""Reading an input: nothing in it makes it fail, and nothing of its content gets into a message."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.bridge.consent import SIGNALS
from emohost.bridge.signals import FIELDS, PARTS, take

CANARY = "kaninchen-7319"
values = st.recursive(
    st.sampled_from([CANARY, 7319.25, -1e308, float("nan"), float("inf"), None, True, b"7319", 10**400, 0.5]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["heart_rate", "tone", "valence", "type", CANARY, "hart_rate"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)
inputs = st.dictionaries(st.sampled_from([*PARTS, CANARY, "txt", 3]), values, max_size=6)


@given(inputs, st.sets(st.sampled_from(SIGNALS)))
def test_anything_can_be_read_and_no_message_repeats_it(parts: dict[Any, Any], allowed: set[str]) -> None:
    taken = take(parts, allowed)
    assert CANARY not in repr(taken.left_out)
    assert "7319" not in repr(taken.left_out)
    assert taken.denied <= taken.offered
    for name, value in taken.numbers.items():
        assert FIELDS[name].low <= value <= FIELDS[name].high
        assert FIELDS[name].scope in allowed
    assert taken.text is None or "text" in allowed


@pytest.mark.parametrize(
    ("parts", "name", "said"),
    [
        ({"biofeedback": {"heart_rate": 900}}, "heart_rate", "absurd: outside of 25 to 240"),
        ({"biofeedback": {"heart_rate": float("nan")}}, "heart_rate", "no number"),
        ({"biofeedback": {"heart_rate": "75"}}, "heart_rate", "no number"),
        ({"voice": [0.1]}, "voice", "found list; expected a mapping"),
        ({"text": 7}, "text", "found int; expected text"),
        ({"affect": {"valence": 1.5}}, "affect_valence", "absurd: outside of -1 to 1"),
        ({"biofedback": {}}, "unknown part 1", "was 'biofeedback' meant?"),
        ({"voice": {"intensty": 1}}, "voice.unknown part 1", "was 'voice.intensity' meant?"),
    ],
)
def test_what_cannot_be_used_is_named(parts: dict[str, Any], name: str, said: str) -> None:
    assert said in take(parts, SIGNALS).left_out[name]


def test_an_absent_value_is_no_signal() -> None:
    taken = take({"text": None, "voice": {"tone": None}, "biofeedback": None}, SIGNALS)
    assert (taken.offered, taken.left_out) == (0, {})
