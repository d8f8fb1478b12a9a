"""Nodes that others name: stale ones fade and go, bad messages are counted, a flood is held to its rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost.bridge.field.message import State, pack
from emohost.bridge.field.nodes import (
    BUDGET,
    BURST,
    CHANGE_S,
    FADE_AFTER_S,
    GONE_AFTER,
    HEARTBEAT_S,
    RATE,
    Nodes,
    turn_s,
)

HAPPY, SAD = State(0.8, 0.4, 1.0), State(-0.8, -0.4, 1.0)


def test_a_node_counts_in_full_then_less_then_not_at_all() -> None:
    nodes = Nodes(most=4)
    nodes.take("a", pack(0, HAPPY), 100.0)

    def present(silent_s: float) -> float:
        return nodes.collective(100.0 + silent_s)[1]

    gone_s = FADE_AFTER_S * GONE_AFTER
    assert present(0.0) == present(FADE_AFTER_S) == 1.0
    faded = [present(silent) for silent in np.linspace(FADE_AFTER_S, gone_s - 1e-6, 50)]
    assert all(np.diff(faded) < 0)
    assert max(-np.diff(faded)) < 0.05  # without a jump
    assert faded[-1] == pytest.approx(0.0, abs=1e-3)
    assert len(nodes) == 1
    assert present(gone_s) == 0.0
    assert len(nodes) == 0


def test_one_that_comes_back_counts_at_once_in_full() -> None:
    nodes = Nodes(most=4)
    nodes.take("a", pack(0, HAPPY), 0.0)
    assert 0 < nodes.collective(4.0)[1] < 1
    nodes.take("a", pack(90, SAD), 4.0)
    felt, others = nodes.collective(4.0)
    assert others == 1.0
    assert felt.valence == pytest.approx(SAD.valence, abs=1e-4)
    assert nodes.counts.lost == 89


def test_leaving_forgets_at_once() -> None:
    nodes = Nodes(most=4)
    nodes.take("a", pack(0, HAPPY), 0.0)
    nodes.leave("a")
    nodes.leave("never heard of")
    assert nodes.collective(0.0)[0].nodes == 0
    assert not any(array.any() for array in (nodes._valence, nodes._arousal, nodes._weight))


def test_the_own_state_is_part_of_the_collective() -> None:
    nodes = Nodes(most=4)
    nodes.take("a", pack(0, HAPPY), 0.0)
    felt, others = nodes.collective(0.0, own=SAD)
    assert (felt.nodes, others) == (2, 1.0)
    assert felt.valence == pytest.approx(0.0, abs=1e-4)


def test_a_flood_is_listened_to_at_the_stated_rate_and_others_are_not_kept_from_speaking() -> None:
    nodes = Nodes(most=4)
    seconds, sent = 10, 0
    for step in range(seconds * 1000):
        sent += nodes.take("flood", pack(step, HAPPY), step / 1000)
        if step % 500 == 0:
            assert nodes.take("calm", pack(step, SAD), step / 1000)
    assert sent <= BURST + RATE * seconds
    assert nodes.counts.too_fast == seconds * 1000 - sent
    assert nodes.collective(seconds)[0].valence == pytest.approx(0.0, abs=1e-4)  # one voice, however loud


def test_what_piled_up_while_a_link_was_lost_is_taken_to_its_newest() -> None:
    nodes = Nodes(most=4)
    nodes.take("a", pack(0, HAPPY), 0.0)
    piled_up = int(2.0 / CHANGE_S)
    assert all(nodes.take("a", pack(1 + number, SAD), 2.0) for number in range(piled_up))


def test_late_and_repeated_messages_are_left_out() -> None:
    nodes = Nodes(most=4)
    first = 2**32 - 1
    nodes.take("a", pack(first, HAPPY), 0.0)
    assert nodes.take("a", pack(first + 1, SAD), 0.0)  # the number wraps
    assert not nodes.take("a", pack(first, HAPPY), 0.0)
    assert not nodes.take("a", pack(first + 1, HAPPY), 0.0)
    assert nodes.counts.old == 2
    assert nodes.counts.lost == 0
    assert nodes.collective(0.0)[0].valence == pytest.approx(SAD.valence, abs=1e-4)


def test_there_is_room_for_so_many_and_again_when_they_are_gone() -> None:
    nodes = Nodes(most=3)
    assert [nodes.take(f"{number}", pack(0, HAPPY), 0.0) for number in range(5)] == [True] * 3 + [False] * 2
    assert nodes.counts.no_room == 2
    nodes.collective(100.0)
    assert nodes.take("late", pack(0, HAPPY), 100.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.binary(max_size=20) | st.builds(pack, st.integers(0, 9), st.just(SAD))
        )
    )
)
def test_whatever_arrives_is_counted_once_and_nothing_is_raised(messages: list[tuple[str, bytes]]) -> None:
    nodes = Nodes(most=2)
    for number, (node, data) in enumerate(messages):
        nodes.take(node, data, number / 100)
    counts = nodes.counts
    assert counts.taken + counts.bad + counts.old + counts.too_fast + counts.no_room == len(messages)
    felt, _ = nodes.collective(len(messages) / 100)
    assert abs(felt.valence) <= 1
    assert abs(felt.arousal) <= 1


def test_all_together_keep_to_the_budget_however_many_they_are() -> None:
    assert turn_s(2, changed=True) == CHANGE_S
    assert turn_s(2, changed=False) == HEARTBEAT_S
    for nodes in (1000, 10_000, 1_000_000):
        assert nodes / turn_s(nodes, changed=True) <= BUDGET * (1 + 1e-12)


def test_in_a_large_field_silence_is_waited_for_longer() -> None:
    """Where each speaks every ten seconds, one that has not spoken for six is not gone."""
    nodes = Nodes(most=10_000)
    for number in range(10_000):
        nodes.take(f"{number}", pack(0, HAPPY), 0.0)
    assert nodes.collective(20.0)[1] == 10_000
    assert nodes.collective(100.0)[0].nodes == 0
