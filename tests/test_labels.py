"""Labels of keys and chords, as mir_eval reads them, and the stretches of time they hold for."""

from __future__ import annotations

import numpy as np
import pytest

from emohost.labels import CHORD_CLASSES, Segment, chord_label, chord_segments, key_label, segments

mir_eval = pytest.importorskip("mir_eval", reason="mir_eval is not installed")

# Semitones above the root, by quality (ext/core/theory/chords.h).
TONES = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10))


def test_every_chord_class_is_read_by_mir_eval_as_its_own_tones() -> None:
    """All 64: the pitch classes that mir_eval makes of the label are those of the class."""
    for chord in range(CHORD_CLASSES):
        root, bitmap, _ = mir_eval.chord.encode(chord_label(chord))
        heard = {(int(root) + interval) % 12 for interval in np.flatnonzero(bitmap)}
        if chord < 60:
            meant = {(chord // 5 + tone) % 12 for tone in TONES[chord % 5]}
        else:
            meant = {(chord - 61 + tone) % 12 for tone in (0, 3, 6, 9)} if chord > 60 else set()
        assert heard == meant, chord_label(chord)


def test_unknown_is_n() -> None:
    """-1, 'not heard yet', is no chord and no key."""
    assert chord_label(-1) == "N"
    assert key_label(-1, False) == "N"


@pytest.mark.parametrize("chord", [-2, 64])
def test_a_class_that_is_none_is_an_error(chord: int) -> None:
    """It would be another chord's label otherwise."""
    with pytest.raises(ValueError, match="expected"):
        chord_label(chord)


def test_keys() -> None:
    """Major and minor on the tonic's name."""
    assert [key_label(0, False), key_label(9, True), key_label(6, False)] == ["C:maj", "A:min", "F#:maj"]


def test_equal_neighbours_are_one_stretch() -> None:
    """Stretches join without gaps from the first start to the end, and neighbours differ."""
    starts = np.array([0.0, 0.5, 1.0, 2.0])
    assert segments(starts, 3.0, ["N", "N", "C:maj", "N"]) == [
        Segment(0.0, 1.0, "N"),
        Segment(1.0, 2.0, "C:maj"),
        Segment(2.0, 3.0, "N"),
    ]
    assert chord_segments(np.array([]), 3.0, np.array([], dtype=np.int8)) == []
