"""A line of the notation: what is read is what was written, and what is no mark is told at its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emohost.styles import notation
from emohost.styles.notation import BASS, CHORDS, DRUMS, NotationError, read, read_bars, written

PARTS = pytest.mark.parametrize("marks", [DRUMS, CHORDS, BASS], ids=["drums", "chords", "bass"])


@PARTS
@given(data=st.data())
def test_what_is_written_is_read_again(marks: dict[str, str], data: st.DataObject) -> None:
    beats = data.draw(st.integers(2, 7))
    bars = data.draw(st.integers(1, 2 if 2 * beats * notation.STEPS_PER_BEAT <= notation.MOST_STEPS else 1))
    size = bars * beats * notation.STEPS_PER_BEAT
    steps = "".join(data.draw(st.lists(st.sampled_from(sorted(marks)), min_size=size, max_size=size)))
    assert read_bars(written(steps, beats), marks, beats) == steps


@PARTS
@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused(marks: dict[str, str], text: str) -> None:
    try:
        steps = read(text, marks)
    except NotationError:
        assert not text.strip("| ") or set(text) - set(marks) - set("| ")
        return
    assert steps == text.replace("|", "").replace(" ", "")


def test_a_wrong_mark_is_told_with_its_place() -> None:
    with pytest.raises(NotationError, match=r"found 'q' as character 7 of '.*'; expected a character of X x"):
        read("X...|.q..", DRUMS)


@pytest.mark.parametrize("length", [1, 15, 17, 31, 33, 48])
def test_a_line_is_a_bar_or_two(length: int) -> None:
    with pytest.raises(NotationError, match=rf"found {length} sixteenths; expected 16 \(a bar"):
        read_bars("x" * length, DRUMS, 4)
