"""Tunes in the manner of dances and songs that are handed down: two parts of eight bars, each played twice, with a
rhythm of their metre, tones of the chord on the beats, and one chord or two to a bar. Made by chance: nobody's tune is
in them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emohost.training.beat.backing import Bar
from emohost.training.data_sets.notes import MELODY, NOTE, Notes, Random

BARS = 8  # of a part
UPBEAT = 0.4  # share of the tunes that begin with one
MAJOR, DORIAN, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 9, 10), (0, 2, 3, 5, 7, 8, 10)
LOWEST, HIGHEST = 55, 86  # of the melody


@dataclass(frozen=True)
class Dance:
    """A kind of tune: its metre, how a beat or a bar may go (lengths in beats), and how fast it is danced."""

    beats: int
    split: int  # parts of a beat
    figures: tuple[tuple[float, ...], ...]  # each fills one beat or more
    odds: tuple[float, ...]  # of the figures
    tempo: tuple[float, float]  # beats a minute


THIRD = 1 / 3
DANCES = {
    "reel": Dance(
        4, 2, ((0.5, 0.5), (1.0,), (0.5, 0.25, 0.25), (1.5, 0.5), (2.0,)), (0.6, 0.2, 0.05, 0.1, 0.05), (90, 200)
    ),
    "reel in two": Dance(2, 2, ((0.25,) * 4, (0.5, 0.5), (0.5, 0.25, 0.25), (1.0,)), (0.5, 0.25, 0.15, 0.1), (80, 125)),
    "polka": Dance(2, 2, ((0.5, 0.25, 0.25), (0.5, 0.5), (0.25,) * 4, (1.0,)), (0.35, 0.35, 0.15, 0.15), (90, 140)),
    "hornpipe": Dance(4, 3, ((2 * THIRD, THIRD), (1.0,), (THIRD,) * 3), (0.7, 0.2, 0.1), (90, 170)),
    "jig": Dance(2, 3, ((THIRD,) * 3, (2 * THIRD, THIRD), (1.0,)), (0.6, 0.28, 0.12), (80, 130)),
    "slip jig": Dance(3, 3, ((THIRD,) * 3, (2 * THIRD, THIRD), (1.0,)), (0.5, 0.35, 0.15), (90, 130)),
    "waltz": Dance(
        3, 2, ((1.0,), (0.5, 0.5), (1.5, 0.5), (2.0,), (3.0,)), (0.45, 0.25, 0.12, 0.13, 0.05), (90, 180)
    ),
    "song": Dance(
        4, 2, ((1.0,), (0.5, 0.5), (2.0,), (1.5, 0.5), (4.0,)), (0.45, 0.25, 0.15, 0.12, 0.03), (70, 150)
    ),
}  # fmt: skip


def folk_tune(least_beats: float, random: Random) -> tuple[str, list[Bar], Notes]:
    """The name of the dance, its bars, and the melody in beats; as often round as `least_beats` need."""
    kind = str(random.choice(list(DANCES)))
    dance = DANCES[kind]
    scale = (MAJOR, MAJOR, MAJOR, DORIAN, MINOR)[int(random.integers(5))]
    tonic = int(random.integers(-5, 7))
    parts = [_part(dance, scale, random) for _ in range(2)]
    order = [parts[0], parts[0], parts[1], parts[1]]
    rows: list[tuple[float, float, int, float, int]] = []
    bars: list[Bar] = []
    height = 62 + tonic + int(random.integers(0, 6))
    if random.random() < UPBEAT:
        rows.append((-1 / dance.split, 0.9 / dance.split, height, 80.0, MELODY))
    while len(bars) * dance.beats < least_beats:
        for melody, degrees in order:
            start = float(len(bars) * dance.beats)
            for at, length, step in melody:
                pitch = _pitch(step, scale, 62 + tonic)
                rows.append((start + at, 0.92 * length, pitch, 84.0, MELODY))
            for bar in range(BARS):
                chords = tuple(
                    _chord(degrees[bar][beat * len(degrees[bar]) // dance.beats], scale, tonic)
                    for beat in range(dance.beats)
                )
                bars.append(Bar(start + bar * dance.beats, dance.beats, dance.split, chords))
    return kind, bars, np.array(rows, dtype=NOTE)


def _part(
    dance: Dance, scale: tuple[int, ...], random: Random
) -> tuple[list[tuple[float, float, int]], list[tuple[int, ...]]]:
    """Melody (beat, length, step of the scale), and the degrees of each bar's chords. The second half begins as the
    first does."""
    usual = (0, 0, 3, 4, 0, 5, 1, 4) if scale is MAJOR else (0, 0, 6, 3, 0, 6, 4, 2)
    degrees: list[tuple[int, ...]] = []
    for bar in range(BARS):
        if bar in (4, 5) and random.random() < 0.8:
            degrees.append(degrees[bar - 4])
        elif bar == BARS - 1:
            degrees.append((0,))
        elif dance.beats != 3 and random.random() < 0.3:
            degrees.append((int(random.choice(usual)), int(random.choice(usual))))
        else:
            degrees.append((0,) if bar == 0 else (int(random.choice(usual)),))
    melody: list[tuple[float, float, int]] = []
    step = int(random.integers(0, 8))
    for bar in range(BARS):
        if bar in (4, 5) and degrees[bar] == degrees[bar - 4]:
            again = [row for row in melody if (bar - 4) * dance.beats <= row[0] < (bar - 3) * dance.beats]
            melody += [(at + 4 * dance.beats, length, each) for at, length, each in again]
            continue
        at, end = float(bar * dance.beats), float((bar + 1) * dance.beats)
        while at < end - 1e-6:
            figure = dance.figures[int(random.choice(len(dance.figures), p=dance.odds))]
            if bar == BARS - 1 and at > bar * dance.beats + 0.5:
                figure = (end - at,)
            if at + sum(figure) > end + 1e-6:
                continue
            for length in figure:
                on_beat = abs(at - round(at)) < 1e-6
                step += int(random.choice([-2, -1, -1, 0, 1, 1, 2, 3, -3]))
                step = int(np.clip(step, -3, 11))
                if on_beat:
                    place = int((at - bar * dance.beats) * len(degrees[bar]) / dance.beats + 1e-6)
                    step = _nearest(step, degrees[bar][min(place, len(degrees[bar]) - 1)])
                melody.append((at, length, step))
                at += length
    return melody, degrees


def _nearest(step: int, degree: int) -> int:
    """The tone of the chord on that degree nearest to it."""
    return min(
        range(step - 2, step + 3), key=lambda each: ((each - degree) % 7 not in (0, 2, 4), abs(each - step))
    )


def _pitch(step: int, scale: tuple[int, ...], tonic: int) -> int:
    return int(np.clip(tonic + 12 * (step // 7) + scale[step % 7], LOWEST, HIGHEST))


def _chord(degree: int, scale: tuple[int, ...], tonic: int) -> tuple[int, ...]:
    """Pitches from about middle C down, the root first."""
    root = 48 + (scale[degree % 7] + tonic) % 12
    tones = [(scale[(degree + k) % 7] - scale[degree % 7]) % 12 for k in (2, 4)]
    return (root, root + tones[0], root + tones[1])
