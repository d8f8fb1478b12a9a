"""What a style says of where its lines are from: a line that names a drummer's take is in that take."""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from emohost.styles import notation
from emohost.styles.compiled import PAIRS
from emohost.styles.load import SHIPPED, shipped
from emohost.styles.schema import Fill, Line, Style
from emohost.training.data_sets.drummers import DrumPerformance, performances
from emohost.training.drum_patterns.played import VOICES, Feel, Float64, played

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("EMOHOST_DATA", ROOT.parent / "shared" / "data"))
STEPS = 16
MINED = [name for name in SHIPPED if "Groove MIDI" in shipped(name).source]
with_data = pytest.mark.skipif(
    not (DATA / "groove-midi").is_dir(), reason=f"no Groove MIDI in {DATA} (set EMOHOST_DATA)"
)


@cache
def training_takes() -> dict[str, DrumPerformance]:
    return {take.name: take for take in performances(DATA, lambda *_: None, "train")}


def bars_of(style: Style, take: str) -> Float64:
    """(bars, voices, 16) velocities."""
    feel = Feel(style.feel.swing, PAIRS[style.feel.of])
    return played(training_takes()[take], feel).velocity


def strokes(voice: str, line: Line, marks: str = "Xxo") -> list[tuple[int, int]]:
    steps = notation.read(line.steps, notation.DRUMS)
    return [(VOICES.index(voice), step) for step, mark in enumerate(steps) if mark in marks]


def sourced(style: Style) -> list[tuple[str, Line]]:
    return [(voice, line) for voice, lines in style.drums for line in lines if line.source]


def in_one_bar(bars: Float64, hits: list[tuple[int, int]], first: int = 0) -> bool:
    return any(all(bar[voice, first + step] > 0 for voice, step in hits) for bar in bars)


def in_force(line: Line, activity: float) -> bool:
    return line.from_ <= activity < line.to


def fills_of(style: Style) -> list[Fill]:
    return [fill for fill in style.fills if fill.source]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_style_names_takes_where_it_credits_the_drummers_and_only_there(name: str) -> None:
    style = shipped(name)
    takes = [line.source for _, line in sourced(style)] + [fill.source for fill in fills_of(style)]
    assert bool(takes) == (name in MINED)
    if takes:
        assert "Gillick et al. 2019" in style.source
        assert "CC BY 4.0" in style.source


@pytest.mark.slow
@with_data
@pytest.mark.parametrize("name", MINED)
def test_lines_of_a_take_that_play_together_are_one_bar_of_it(name: str) -> None:
    style = shipped(name)
    lines = sourced(style)
    bounds = sorted({0.0, 1.0} | {at for _, line in lines for at in (line.from_, line.to)})
    for activity in [(a + b) / 2 for a, b in pairwise(bounds)]:
        by_take = defaultdict(list)
        for voice, line in lines:
            if in_force(line, activity):
                by_take[line.source].extend(strokes(voice, line))
        for take, hits in by_take.items():
            assert take is not None
            assert in_one_bar(bars_of(style, take), hits), f"{take} has no bar with all of this at {activity}"


@pytest.mark.slow
@with_data
@pytest.mark.parametrize("name", MINED)
def test_what_a_drummer_adds_now_and_then_is_played_now_and_then(name: str) -> None:
    style = shipped(name)
    for voice, line in sourced(style):
        for hit in strokes(voice, line, "?"):
            bars = bars_of(style, line.source or "")
            share = float(np.mean([bar[hit] > 0 for bar in bars]))
            assert 0.02 < share < 0.9, f"{line.source}: {voice} at {hit[1]} in {share:.0%} of the bars"


@pytest.mark.slow
@with_data
@pytest.mark.parametrize("name", MINED)
def test_a_fill_of_a_take_ends_a_bar_of_it(name: str) -> None:
    style = shipped(name)
    for fill in fills_of(style):
        (length,) = fill.length
        hits = [hit for voice, lines in fill.lines for line in lines for hit in strokes(voice, line)]
        assert in_one_bar(bars_of(style, fill.source or ""), hits, STEPS - length), fill.source
