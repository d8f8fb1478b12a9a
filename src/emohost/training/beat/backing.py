"""Accompaniments to chord symbols, and drums, as beginners' bands and pianists play them. Time is in beats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emohost.training.data_sets.notes import BASS, DRUMS, NOTE, PIANO, Notes, Random

STYLES = (
    "whole", "beats", "oompah", "arpeggio", "walking", "offbeat", "strum", "sixteenths", "broken", "pushed",
)  # fmt: skip
KICK, SNARE, STICK, CLOSED, RIDE, CRASH = 36, 38, 37, 42, 51, 49
Row = tuple[float, float, int, float, int]


@dataclass(frozen=True)
class Bar:
    """What a bar is played from."""

    onset: float
    beats: int
    split: int  # parts of a beat: 2, or 3 in a compound metre
    chords: tuple[tuple[int, ...], ...]  # pitches for each beat, the root first, from about middle C down


def backing(bars: list[Bar], style: str, with_bass: bool, random: Random) -> Notes:
    """Chords, and a bass of its own where asked for."""
    rows: list[Row] = []
    for bar in bars:
        rows += _PLAYED[style](bar, random)
        if with_bass and style != "walking":
            rows += _bass(bar, random)
    return np.array(rows, dtype=NOTE)


def drums(bars: list[Bar], random: Random) -> Notes:
    """A plain pattern, the same in each bar, with a fill at times."""
    kind = str(random.choice(["eighths", "quarters", "sparse", "ride", "four"]))
    rows: list[Row] = []
    for number, bar in enumerate(bars):
        fill = number % 4 == 3 and random.random() < 0.3
        rows += _drum_bar(bar, kind, random)
        if number % 8 == 0 and random.random() < 0.5:
            rows.append((bar.onset, 0.2, CRASH, 95.0, DRUMS))
        if fill:
            last = bar.onset + bar.beats - 1
            rows += [(last + k / 4, 0.1, int(random.choice([38, 45, 47, 50])), 85.0, DRUMS) for k in range(4)]
    return np.array(rows, dtype=NOTE)


def _drum_bar(bar: Bar, kind: str, random: Random) -> list[Row]:
    rows: list[Row] = []
    cymbal = RIDE if kind == "ride" else CLOSED
    per_beat = 1 if kind in ("quarters", "sparse") else bar.split
    if kind != "sparse":
        for k in range(bar.beats * per_beat):
            loud = 75.0 if k % per_beat == 0 else 58.0
            rows.append((bar.onset + k / per_beat, 0.1, cymbal, loud, DRUMS))
    for beat in range(bar.beats):
        at = bar.onset + beat
        back = beat % 2 == 1 if bar.beats in (2, 4) else beat > 0
        if kind == "four" or not back:
            rows.append((at, 0.1, KICK, 95.0, DRUMS))
        if back:
            rows.append((at, 0.1, SNARE if kind != "sparse" else STICK, 90.0, DRUMS))
        if not back and random.random() < 0.25:
            rows.append((at + (bar.split - 1) / bar.split, 0.1, KICK, 80.0, DRUMS))
    return rows


def _chord(at: float, length: float, pitches: tuple[int, ...], loud: float) -> list[Row]:
    return [(at, length, pitch, loud, PIANO) for pitch in pitches]


def _low(pitch: int) -> int:
    return 36 + pitch % 12


def _bass(bar: Bar, random: Random) -> list[Row]:
    rows: list[Row] = []
    for beat in range(bar.beats):
        new = beat == 0 or bar.chords[beat] != bar.chords[beat - 1]
        half = bar.beats == 4 and beat == 2
        if new or half:
            fifth = 7 if half and not new and random.random() < 0.6 else 0
            rows.append(
                (bar.onset + beat, 0.9, _low(bar.chords[beat][0]) + fifth - 12 * (fifth > 0), 82.0, BASS)
            )
    return rows


def _whole(bar: Bar, random: Random) -> list[Row]:
    rows: list[Row] = []
    for beat in range(bar.beats):
        if beat == 0 or bar.chords[beat] != bar.chords[beat - 1]:
            rows += _chord(bar.onset + beat, bar.beats - beat, bar.chords[beat], 70.0)
    return rows


def _beats(bar: Bar, random: Random) -> list[Row]:
    return [
        row
        for beat in range(bar.beats)
        for row in _chord(bar.onset + beat, 0.9, bar.chords[beat], 76.0 if beat == 0 else 66.0)
    ]


def _oompah(bar: Bar, random: Random) -> list[Row]:
    """The waltz, too; in a compound metre the chords come within the beat."""
    rows: list[Row] = []
    for beat in range(bar.beats):
        at, pitches = bar.onset + beat, bar.chords[beat]
        if bar.split == 3:
            rows.append((at, 0.6, _low(pitches[0]), 80.0, PIANO))
            rows += [row for k in (1, 2) for row in _chord(at + k / 3, 0.25, pitches, 60.0)]
        elif beat == 0 or (bar.beats == 4 and beat == 2):
            rows.append((at, 0.8, _low(pitches[0]) + (0 if beat == 0 else -5), 80.0, PIANO))
        else:
            rows += _chord(at, 0.5, pitches, 62.0)
    return rows


def _arpeggio(bar: Bar, random: Random) -> list[Row]:
    rows: list[Row] = []
    count = bar.beats * bar.split
    for k in range(count):
        pitches = (_low(bar.chords[k // bar.split][0]), *sorted(bar.chords[k // bar.split]))
        loud = 74.0 if k == 0 else 64.0 if k % bar.split == 0 else 58.0
        rows.append((bar.onset + k / bar.split, 1.0, pitches[_wave(k, len(pitches))], loud, PIANO))
    return rows


def _broken(bar: Bar, random: Random) -> list[Row]:
    """Sixteenths up and down, with the root held below."""
    rows: list[Row] = [(bar.onset, float(bar.beats), _low(bar.chords[0][0]), 76.0, PIANO)]
    for k in range(bar.beats * 2 * bar.split):
        pitches = tuple(sorted(bar.chords[k // (2 * bar.split)]))
        rows.append((bar.onset + k / (2 * bar.split), 0.5, pitches[_wave(k, len(pitches))], 60.0, PIANO))
    return rows


def _wave(k: int, count: int) -> int:
    k %= 2 * count - 2
    return k if k < count else 2 * count - 2 - k


def _walking(bar: Bar, random: Random) -> list[Row]:
    rows: list[Row] = []
    for beat in range(bar.beats):
        pitches = bar.chords[beat]
        tone = pitches[0] if beat == 0 else int(random.choice(pitches)) + int(random.choice([0, 0, 2, -1]))
        rows.append((bar.onset + beat, 0.9, _low(tone), 80.0, BASS))
        if random.random() < 0.3:
            rows += _chord(bar.onset + beat + (bar.split - 1) / bar.split, 0.3, pitches, 58.0)
    return rows


def _offbeat(bar: Bar, random: Random) -> list[Row]:
    rows: list[Row] = []
    for beat in range(bar.beats):
        pitches = bar.chords[beat]
        if beat % 2 == 0 or bar.beats == 3:
            rows.append((bar.onset + beat, 0.5, _low(pitches[0]), 78.0, PIANO))
        rows += _chord(bar.onset + beat + (bar.split - 1) / bar.split, 0.3, pitches, 64.0)
    return rows


def _strum(bar: Bar, random: Random) -> list[Row]:
    """Eighths on a guitar, some left out, the strings one after another."""
    rows: list[Row] = []
    for k in range(bar.beats * bar.split):
        on = k % bar.split == 0
        if k and random.random() < (0.1 if on else 0.3):
            continue
        pitches = bar.chords[k // bar.split]
        order = sorted((_low(pitches[0]) + 4, *pitches, pitches[0] + 12), reverse=not on)
        at = bar.onset + k / bar.split
        loud = 82.0 if k == 0 else 70.0 if on else 58.0
        rows += [(at + 0.012 * n, 0.5, pitch, loud, PIANO) for n, pitch in enumerate(order)]
    return rows


def _sixteenths(bar: Bar, random: Random) -> list[Row]:
    rows: list[Row] = []
    for k in range(bar.beats * 2 * bar.split):
        on = k % (2 * bar.split) == 0
        if not on and random.random() < 0.35:
            continue
        loud = 80.0 if on else 55.0
        rows += _chord(bar.onset + k / (2 * bar.split), 0.25, bar.chords[k // (2 * bar.split)], loud)
    return rows


def _pushed(bar: Bar, random: Random) -> list[Row]:
    """Chords ahead of the beat that follows, a bass on the first."""
    rows: list[Row] = [(bar.onset, 1.0, _low(bar.chords[0][0]), 80.0, BASS)]
    places = {2: (0.0, 1.5), 3: (0.0, 1.5, 2.5), 4: (0.0, 1.5, 2.5)}.get(bar.beats, (0.0,))
    for place in places if bar.split == 2 else (0.0, 2 / 3):
        rows += _chord(bar.onset + place, 0.8, bar.chords[min(int(place), bar.beats - 1)], 68.0)
    return rows


_PLAYED = {
    "whole": _whole,
    "beats": _beats,
    "oompah": _oompah,
    "arpeggio": _arpeggio,
    "walking": _walking,
    "offbeat": _offbeat,
    "strum": _strum,
    "sixteenths": _sixteenths,
    "broken": _broken,
    "pushed": _pushed,
}
