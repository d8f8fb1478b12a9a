"""Form, told from the notes: what repeats, what fills, where cymbals crash, how a line moves.

All is counted on the sixteenths of bars. A `Bars` is a part's notes with the bar and the sixteenth on which each
begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FILLING = (37, 38, 39, 40, 41, 43, 45, 47, 48, 50, 58)  # snares and toms, General MIDI and Groove MIDI
CRASHES = (49, 52, 55, 57, 53)  # crash, China, splash, the ride's bell
SECTION = 8
APPROACHES = (1, 2, 5, 7, 10, 11)  # semitones, within the octave: steps, chromatic or of the scale, fifths
LEAP = 5  # semitones, from which on a melody leaps


@dataclass(frozen=True)
class Bars:
    """Notes of one part, in order of time; all arrays (n,)."""

    bar: NDArray[np.int64]
    step: NDArray[np.int64]
    pitch: NDArray[np.int64]
    count: int
    """Bars there are."""
    steps: int = 16
    """Sixteenths of a bar."""

    @classmethod
    def of(cls, places: NDArray[np.float64], pitches: NDArray[np.int64], count: int, steps: int = 16) -> Bars:
        """places: in bars from the first bar line, as played."""
        at = np.round(np.asarray(places, dtype=np.float64) * steps).astype(np.int64)
        order = np.lexsort((pitches, at))
        at, pitch = at[order], np.asarray(pitches, dtype=np.int64)[order]
        inside = (at >= 0) & (at < count * steps)
        return cls(at[inside] // steps, at[inside] % steps, pitch[inside], count, steps)

    def hits(self, bar: int) -> frozenset[tuple[int, int]]:
        chosen = self.bar == bar
        return frozenset(zip(self.step[chosen].tolist(), self.pitch[chosen].tolist(), strict=True))

    def rhythm(self, bar: int) -> frozenset[int]:
        return frozenset(self.step[self.bar == bar].tolist())

    def silent(self, bar: int) -> bool:
        return not bool((self.bar == bar).any())


def share(found: list[bool]) -> float:
    return float(np.mean(found)) if found else float("nan")


def drum_bars(drums: Bars, section_at: list[int]) -> dict[str, float]:
    """section_at: bars in which a section begins. The crash of a section's first bar is no other pattern."""
    plain = [frozenset(hit for hit in drums.hits(bar) if hit[1] not in CRASHES) for bar in range(drums.count)]
    pairs = [(a, b) for a, b in pairwise(plain) if a and b]
    last = [bar - 1 for bar in section_at if bar > 0]
    last_beat = drums.step >= drums.steps - 4
    beat = np.array([((drums.bar == bar) & last_beat).sum() for bar in range(drums.count)])
    filling = np.isin(drums.pitch, FILLING) & last_beat
    fills = np.array([(filling & (drums.bar == bar)).sum() for bar in range(drums.count)])
    played = np.array([not drums.silent(bar) for bar in range(drums.count)])
    ends = np.zeros(drums.count, dtype=bool)
    ends[[bar for bar in last if bar < drums.count]] = True
    crash = {
        bar for bar in range(drums.count) if any(hit[1] in CRASHES and hit[0] < 2 for hit in drums.hits(bar))
    }
    starts = [bar for bar in section_at if bar < drums.count and not drums.silent(bar)]
    return {
        "drum bar equals the one before": share([a == b for a, b in pairs]),
        "drum rhythms per 100 bars": 100 * len({each for each in plain if each}) / max(1, int(played.sum())),
        "snares and toms, last beat of a section : others": ratio(
            fills[ends & played], fills[~ends & played]
        ),
        "all drums, last beat of a section : others": ratio(beat[ends & played], beat[~ends & played]),
        "sections that begin with a crash": share([bar in crash for bar in starts]),
        "other bars with a crash": share(
            [bar in crash for bar in np.flatnonzero(played) if bar not in starts]
        ),
    }


def ratio(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    return float(a.mean() / b.mean()) if len(a) and len(b) and b.mean() > 0 else float("nan")


def bass_bars(bass: Bars, roots: list[tuple[float, int]]) -> dict[str, float]:
    """roots: (place in bars, pitch class) of each chord, where the root changes. A pattern is a rhythm and how each
    note lies to the root in force."""
    at = np.array([place for place, _ in roots])
    pattern: list[frozenset[tuple[int, int]]] = []
    for bar in range(bass.count):
        found = []
        for step, pitch in bass.hits(bar):
            index = int(np.searchsorted(at, bar + step / bass.steps + 0.02, "right")) - 1
            found.append((step, (pitch - roots[index][1]) % 12 if index >= 0 else -1))
        pattern.append(frozenset(found))
    rhythm = [bass.rhythm(bar) for bar in range(bass.count)]
    approaches = []
    places = bass.bar + bass.step / bass.steps
    for place, _ in roots[1:]:
        after = np.flatnonzero((places >= place - 0.03) & (places < place + 0.26))
        before = np.flatnonzero((places < place - 0.03) & (places > place - 1.01))
        if len(after) and len(before):
            approaches.append((bass.pitch[after[0]] - bass.pitch[before[-1]]) % 12 in APPROACHES)
    return {
        "bass rhythm equals the bar before": share([a == b for a, b in pairwise(rhythm) if a and b]),
        "bass pattern repeats a bar of the last four": share(
            [pattern[bar] in pattern[max(0, bar - 4) : bar] for bar in range(1, bass.count) if pattern[bar]]
        ),
        "bass approaches the next root": share(approaches),
    }


def melody_line(melody: Bars) -> dict[str, float]:
    rhythm = [melody.rhythm(bar) for bar in range(melody.count)]
    hits = [melody.hits(bar) for bar in range(melody.count)]
    returns, eights = [], []
    for bar in range(4, melody.count):
        if rhythm[bar]:
            returns.append(rhythm[bar] == rhythm[bar - 4] or (bar >= 8 and rhythm[bar] == rhythm[bar - 8]))
    for bar in range(8, melody.count - 7):
        if any(hits[bar : bar + 8]):
            eights.append(
                any(
                    hits[bar : bar + 8] == hits[bar - lag : bar - lag + 8]
                    for lag in (8, 16, 24)
                    if bar >= lag
                )
            )
    place = melody.bar * melody.steps + melody.step
    interval = np.abs(np.diff(melody.pitch))[np.diff(place) <= melody.steps]
    leaps = np.flatnonzero(interval[:-1] >= LEAP)
    return {
        "melody rhythm returns after 4 or 8 bars": share(returns),
        "exactly the same eight bars": share(eights),
        "melody repeats the note": share(list(interval == 0)),
        "melody steps": share(list((interval == 1) | (interval == 2))),
        "melody leaps that a step follows": share(
            list((interval[leaps + 1] > 0) & (interval[leaps + 1] <= 2))
        ),
        "melody notes a bar": len(melody.pitch) / max(1, sum(bool(each) for each in rhythm)),
    }
