"""Each style through the whole engine: it keeps the rules of form, in its own metre, calm and lively."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from band_form import Bars, bass_bars, drum_bars

from emohost.offline.audition import RATE, audition
from emohost.styles.load import SHIPPED, shipped

BARS, SECTION = 16, 8
MELODY, CHORDS, BASS, DRUMS = range(4)
LOOP = "C | Am | F | G"
ROOTS = (0, 9, 5, 7)
pytestmark = pytest.mark.slow
STYLES = pytest.mark.parametrize("name", SHIPPED)
LIVELY = pytest.mark.parametrize("arousal", [-0.4, 0.4], ids=["calm", "lively"])


@cache
def played(name: str, arousal: float) -> tuple[dict[int, Bars], list[tuple[int, bytes, int]]]:
    """The parts on the bars' sixteenths, as if nothing swung, and all events."""
    found = audition(name, Path.cwd(), chords=LOOP, bars=BARS, arousal=arousal, music={"humanise": 0})
    feel, steps = shipped(name).feel, 4 * found.music.beats_per_bar
    pair_s = 60 / found.music.tempo / (1 if feel.of == "eighths" else 2)
    pair_steps = 4 if feel.of == "eighths" else 2

    def place(frame: int) -> float:
        pair, within = divmod(frame / RATE / pair_s + 0.12, 1)  # groove may be early
        even = np.interp(within - 0.12, [-0.12, 0, feel.swing, 1], [-0.12, 0, 0.5, 1])
        return (pair + even) * pair_steps / steps

    parts = {}
    for part in (CHORDS, BASS, DRUMS):
        notes = [(place(f), d[1]) for f, d, of in found.events if of == part and d[0] & 0xF0 == 0x90 and d[2]]
        at, pitch = np.array([n[0] for n in notes]), np.array([n[1] for n in notes], dtype=np.int64)
        parts[part] = Bars.of(at, pitch, BARS, steps)
    return parts, found.events


@STYLES
@LIVELY
def test_drums_keep_their_bar_fill_and_mark_sections(name: str, arousal: float) -> None:
    parts, events = played(name, arousal)
    scores = drum_bars(parts[DRUMS], list(range(0, BARS, SECTION)))
    assert scores["drum bar equals the one before"] >= 0.6
    fills = scores["snares and toms, last beat of a section : others"]
    assert np.isnan(fills) or fills >= 2  # NaN: there are none elsewhere
    drums = parts[DRUMS]
    for bar in range(SECTION - 1, BARS, SECTION):
        last = {pitch for step, pitch in drums.hits(bar) if step >= drums.steps - 4}
        assert last & {38, 39, 41, 45, 48}, f"no fill in bar {bar + 1}"
    assert scores["sections that begin with a crash"] == 1
    assert scores["other bars with a crash"] == 0
    levels = {d[2] for _, d, part in events if part == DRUMS and d[0] & 0xF0 == 0x90 and d[2]}
    assert len(levels) >= 5


@STYLES
@LIVELY
def test_the_bass_keeps_its_pattern_and_leads_to_the_next_root(name: str, arousal: float) -> None:
    parts, _ = played(name, arousal)
    roots = [(float(bar), ROOTS[bar % 4]) for bar in range(BARS)]
    scores = bass_bars(parts[BASS], roots)
    bass = parts[BASS]
    again = [
        bass.rhythm(bar) in (bass.rhythm(bar - 1), bass.rhythm(bar - 2)) for bar in range(2, BARS)
    ]  # styles may take two bars
    assert np.mean(again) >= 0.5
    assert scores["bass approaches the next root"] >= 0.6


@STYLES
def test_liveliness_adds_and_does_not_change_the_bar(name: str) -> None:
    calm, lively = played(name, -0.4)[0], played(name, 0.4)[0]
    notes = {part: (len(calm[part].pitch), len(lively[part].pitch)) for part in calm}
    assert sum(many for _, many in notes.values()) > 1.15 * sum(few for few, _ in notes.values())
    kept = [len(a & b) / len(a) for a, b in zip(kicks(calm[DRUMS]), kicks(lively[DRUMS]), strict=True) if a]
    assert not kept or np.mean(kept) >= 0.9


def kicks(drums: Bars) -> list[set[int]]:
    """Of the bars that are no fills."""
    return [
        {step for step, pitch in drums.hits(bar) if pitch == 36}
        for bar in range(BARS)
        if bar % SECTION != SECTION - 1
    ]


@STYLES
@LIVELY
def test_chords_lie_as_the_style_says(name: str, arousal: float) -> None:
    parts, _ = played(name, arousal)
    style = shipped(name)
    chords = parts[CHORDS]
    assert len(chords.pitch)
    low, high = max(48, style.chords.range[0]), min(76, style.chords.range[1])
    assert chords.pitch.min() >= low - 12  # a tone that the melody would cover goes an octave down
    assert chords.pitch.max() <= high
    sizes = [
        len({pitch for at, pitch in chords.hits(bar) if at == step})
        for bar in range(BARS)
        for step in chords.rhythm(bar)
    ]
    assert max(sizes) <= style.chords.voices[1]
    for bar in range(BARS):  # every bar has its chord
        assert not chords.silent(bar) or name == "ambient"


@STYLES
@LIVELY
def test_every_note_ends(name: str, arousal: float) -> None:
    on: set[tuple[int, int]] = set()
    for _, data, _ in played(name, arousal)[1]:
        key = (data[0] & 15, data[1])
        if data[0] & 0xF0 == 0x90 and data[2]:
            assert key not in on
            on.add(key)
        elif data[0] & 0xF0 in (0x80, 0x90):
            on.discard(key)
    assert not on


def test_swing_is_heard_in_the_ride() -> None:
    found = audition("swing", Path.cwd(), chords=LOOP, bars=8, music={"humanise": 0})
    beat = 60 / found.music.tempo * RATE
    rides = [f for f, d, of in found.events if of == DRUMS and d[0] & 0xF0 == 0x90 and d[1] == 51 and d[2]]
    places = np.array([frame / beat % 1 for frame in rides])
    off = places[(places > 0.3) & (places < 0.9)]
    assert len(off) > 8
    assert 0.55 < float(np.median(off)) < 0.75
    assert all(b > a for a, b in pairwise(rides))
