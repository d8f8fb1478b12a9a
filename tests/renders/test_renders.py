"""The same input, seed and rig give the same MIDI as they did. Who means to change the music runs `make renders`, looks
at what it says, and commits what it wrote."""

from __future__ import annotations

import pytest
from golden_inputs import Input, inputs
from golden_renders import PRECISIONS, difference, digest, events, kept, kept_events


@pytest.mark.parametrize("given", inputs(), ids=lambda given: given.name)
def test_the_music_is_what_it_was(given: Input) -> None:
    found = [difference(given, precision, events(given, precision), kept()) for precision in PRECISIONS]
    assert not any(found), "\n".join(each for each in found if each) + "\nif that is meant: make renders"


@pytest.mark.parametrize("name", [given.name for given in inputs()])
def test_the_events_that_are_kept_are_those_of_the_table(name: str) -> None:
    assert digest(kept_events(name)) == kept()[name]["float32"]
