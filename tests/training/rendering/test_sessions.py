"""Rendered sessions: exact lengths, labels at the right hops, levels that follow loudness, rooms that keep a level."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from emohost.training.data_sets.notes import NOTE
from emohost.training.data_sets.pop909.scores import Piece
from emohost.training.emotion.data import (
    HELD_OUT_PROGRAMS,
    QUIET_EMOTION,
    TRAIN_PROGRAMS,
    Line,
    Quiet,
    random_line,
    sound,
)
from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT
from emohost.training.rendering.listening import HOP_S
from emohost.training.rendering.passages import Mood, Passage, perform
from emohost.training.rendering.render import RATE, brightness, level_db, render
from emohost.training.rendering.rooms import noise, through_a_room

needs_fluidsynth = pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not TRAIN_SOUNDFONT.exists(),
    reason="rendering needs fluidsynth and fluid-soundfont-gm",
)


def performance(velocity: float, seconds: float = 3.0) -> Passage:
    rows = [(beat / 2, 0.5, 60 + (0, 4, 7)[beat % 3], 80, 2) for beat in range(64)]
    mood = Mood(False, False, 100, 0, 0, velocity, 0.8, "piano", (0, 0, 0, 32))
    played = perform(
        Piece("arpeggio", np.array(rows, dtype=NOTE), 32), 0, seconds, mood, (), np.random.default_rng(1)
    )
    assert played is not None
    return played


@needs_fluidsynth
def test_each_performance_is_cut_to_its_length_and_sounds() -> None:
    sounds = render([performance(60, 2.0), performance(110, 3.5)], TRAIN_SOUNDFONT)
    assert [len(sound) for sound in sounds] == [2 * RATE, 3.5 * RATE]
    assert all(np.abs(sound[: RATE // 2]).max() > 1e-3 for sound in sounds)
    assert level_db(sounds[1]) > level_db(sounds[0]) + 3


@needs_fluidsynth
def test_labels_change_where_the_music_does() -> None:
    session: list[Passage | Quiet] = [performance(60), Quiet(2.0, -80.0), performance(110)]
    line = Line(6.0, 0.0, False, 0.0)
    (heard_as,) = sound([session], [line], TRAIN_SOUNDFONT, np.random.default_rng(1))
    arrays = heard_as.heard(line.gain_db, line.reference_db)
    assert arrays["features"].shape == (8 / HOP_S, 128)
    np.testing.assert_array_equal(np.flatnonzero(np.diff(arrays["section"])) + 1, [3 / HOP_S, 5 / HOP_S])
    np.testing.assert_allclose(
        arrays["labels"][arrays["section"] == 1], np.tile(QUIET_EMOTION, (100, 1)), rtol=1e-6
    )
    assert arrays["since"][-1] == pytest.approx(3.0)
    assert arrays["labels"][-1, 1] > arrays["labels"][0, 1]


def test_a_room_keeps_the_length_and_about_the_level() -> None:
    signal = noise(2 * RATE, np.random.default_rng(0)) * np.float32(0.1)
    for seed in range(12):
        heard_there = through_a_room(signal, np.random.default_rng(seed))
        assert heard_there.shape == signal.shape
        assert np.isfinite(heard_there).all()
        assert level_db(heard_there) == pytest.approx(level_db(signal), abs=5)  # less where it clips


def test_brightness_rises_with_the_spectrum() -> None:
    time = np.arange(RATE) / RATE
    dull, bright = (np.sin(2 * np.pi * hertz * time).astype(np.float32) for hertz in (400, 3000))
    assert 0 <= brightness(dull) < brightness(bright) <= 1


def test_held_out_instruments_are_not_trained_on() -> None:
    assert not set(HELD_OUT_PROGRAMS) & set(TRAIN_PROGRAMS)


def test_references_are_in_the_listeners_range() -> None:
    random = np.random.default_rng(2)
    lines = [random_line(random) for _ in range(500)]
    assert all(-80 <= line.reference_db <= 0 for line in lines)
    assert 0.3 < np.mean([line.reference_db == 0 for line in lines]) < 0.8
