"""Things are chosen by name: exact first, else by a unique part; else the candidates are listed."""

from __future__ import annotations

import pytest

from emohost.errors import MidiError
from emohost.names import choose

NAMES = ["Synth", "Synth 2", "Grand Piano"]


@pytest.mark.parametrize(
    ("wanted", "found"), [("Synth", "Synth"), ("piano", "Grand Piano"), ("2", "Synth 2")]
)
def test_exact_or_unique_part(wanted: str, found: str) -> None:
    assert choose(wanted, NAMES, "port", MidiError) == found


def test_ambiguity_lists_the_candidates() -> None:
    with pytest.raises(MidiError, match=r"^port 'synt' is ambiguous: 'Synth', 'Synth 2'$"):
        choose("synt", NAMES, "port", MidiError)


def test_absence_lists_what_there_is_and_a_hint() -> None:
    with pytest.raises(MidiError, match=r"^there is no port 'organ'; there is: .*'Grand Piano'\. Buy one$"):
        choose("organ", NAMES, "port", MidiError, "Buy one")
    with pytest.raises(MidiError, match="none at all"):
        choose("organ", [], "port", MidiError)
