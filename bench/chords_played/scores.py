"""What was heard and played against what is true of a piece, sampled every 10 ms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import mir_eval
import numpy as np
from numpy.typing import NDArray
from pieces import Piece

from emohost.labels import CHORD_CLASSES, NO_CHORD, NOTHING, Segment, chord_label, key_label
from emohost.offline.performance import Performance
from emohost.training.data_sets.songs import chord_roots, chord_tones

SAMPLE_S = 0.01
LAGS_S = np.arange(0.0, 1.21, 0.05)
SETTLED_S = 10.0
FIRST_S = 0.6  # after a change, for roughness
THIRD_ROUND = 8  # bars, from 0
STEP_S = 0.15  # a sixteenth of the host's own tempo
MELODY_PART = 0

Classes = NDArray[np.int64]
LABELS = [chord_label(chord) for chord in range(-1, CHORD_CLASSES)]  # class + 1


@dataclass(frozen=True)
class Sampled:
    """Chord classes over time (-1: none), and the labels that are true then."""

    piece: Piece
    times: NDArray[np.float64]
    truth: list[str]
    true_index: Classes
    heard: Classes
    played: Classes
    copied: Classes  # what is heard as known half a sixteenth before each sixteenth

    @classmethod
    def of(cls, piece: Piece, performance: Performance) -> Sampled:
        times = np.arange(0.0, piece.seconds - SAMPLE_S, SAMPLE_S) + SAMPLE_S / 2
        truth = sorted({each.label for each in piece.chords} | {NOTHING})
        true_index = np.full(len(times), truth.index(NOTHING))
        for each in piece.chords:
            true_index[(times >= each.start) & (times < each.end)] = truth.index(each.label)
        hearing = performance.hearing
        ends = hearing.starts_s + hearing.hop_s
        steps = np.floor(times / STEP_S) * STEP_S
        return cls(
            piece,
            times,
            truth,
            true_index,
            in_force(times, ends, hearing.chord),
            in_force(times, *performance.chord_played),
            in_force(steps - STEP_S / 2, ends, hearing.chord),
        )

    def right(self, estimate: Classes, lag_s: float = 0.0) -> NDArray[np.float64]:
        """By sample: 1 right, 0 wrong, NaN where the truth is neither major, minor nor none."""
        moved = np.arange(len(self.times)) + round(lag_s / SAMPLE_S)
        inside = moved < len(self.times)
        table = compared(tuple(self.truth))
        result = np.full(len(self.times), np.nan)
        result[inside] = table[self.true_index[inside], estimate[moved[inside]] + 1]
        return result

    def share(self, estimate: Classes, lag_s: float = 0.0) -> float:
        return float(np.nanmean(self.right(estimate, lag_s)))

    def best(self, estimate: Classes) -> tuple[float, float]:
        """(share, lag): at the lag at which most is right."""
        return max((self.share(estimate, float(lag)), float(lag)) for lag in LAGS_S)


def in_force(
    times: NDArray[np.float64], changes: NDArray[np.float64], chords: NDArray[np.integer]
) -> Classes:
    row = np.searchsorted(changes, times, side="right") - 1
    found = np.where(row >= 0, chords[np.maximum(row, 0)], -1).astype(np.int64)
    return np.where(found == NO_CHORD, -1, found)


@lru_cache(maxsize=64)
def compared(truth: tuple[str, ...]) -> NDArray[np.float64]:
    """(labels, classes + 1): mir_eval's majmin of every pair, NaN where it leaves the truth out."""
    table = np.array([mir_eval.chord.majmin([label] * len(LABELS), LABELS) for label in truth])
    return np.where(table < 0, np.nan, table)


# Chords


def entered(performance: Performance) -> dict[str, float]:
    """Seconds until the first note; nothing where none is played."""
    notes = performance.notes
    return {"entered, s": min(note.start for note in notes)} if notes else {}


def chord_scores(sampled: Sampled) -> dict[str, float]:
    played, lag = sampled.best(sampled.played)
    heard, ear_lag = sampled.best(sampled.heard)
    return {
        "played": sampled.share(sampled.played),
        "played, best lag": played,
        "its lag, s": lag,
        "heard": sampled.share(sampled.heard),
        "heard, best lag": heard,
        "the ear's lag, s": ear_lag,
        "copied": sampled.share(sampled.copied),
        "played changes per true": changes(sampled.played) / max(1, len(sampled.piece.chords)),
        "roughness place": place_of_roughness(sampled),
    }


def changes(chords: Classes) -> int:
    return int(np.sum(chords[1:] != chords[:-1]))


def loop_scores(sampled: Sampled) -> dict[str, float]:
    """At 10 % of each bar: the chord that is true, from the third round on; of what is wrong, how often it is the chord
    of the bar before. For a loop that breaks: chords wrong in the two bars from the break on, and later."""
    bars = np.array([*sampled.piece.bars, sampled.piece.seconds])
    at = bars[:-1] + 0.1 * np.diff(bars)
    rows = np.minimum((at / SAMPLE_S).astype(int), len(sampled.times) - 1)
    right = sampled.right(sampled.played)[rows]
    before = np.r_[sampled.true_index[rows][:1], sampled.true_index[rows][:-1]]
    late = compared(tuple(sampled.truth))[before, sampled.played[rows] + 1]
    if not sampled.piece.breaks:
        settled = slice(THIRD_ROUND, None)
        return {
            "right at 10 %": float(np.nanmean(right[settled])),
            "heard right at end": float(
                np.nanmean(sampled.right(sampled.heard)[(bars[1:] / SAMPLE_S).astype(int)[THIRD_ROUND:] - 6])
            ),
            "bar before at 10 %": float(np.nanmean(late[settled])),
            "second round": float(np.nanmean(right[4:8])),
        }
    after = np.concatenate([right[bar : bar + 6] for bar in sampled.piece.breaks])
    return {"wrong in six bars from a break": float(np.nansum(1 - after)) / len(sampled.piece.breaks)}


def place_of_roughness(sampled: Sampled) -> float:
    """Between what the true chord would sound like in its first moments (0) and a random one of the piece (1)."""
    table = roughness_of_classes()
    known = classes_of(sampled.truth)
    weights = np.bincount(sampled.true_index, minlength=len(sampled.truth)).astype(float)
    there = [i for i in range(len(known)) if known[i] >= 0 and weights[i] > 0]
    total = np.zeros(3)
    index = sampled.true_index
    begins = np.flatnonzero(np.r_[True, index[1:] != index[:-1]])
    for begin in begins:
        true = known[index[begin]]
        now = sampled.played[begin : begin + round(FIRST_S / SAMPLE_S)]
        now = now[now >= 0]
        if true < 0 or len(now) == 0:
            continue
        random = np.average([table[true, known[i]] for i in there], weights=[weights[i] for i in there])
        total += np.array([table[true, now].mean(), table[true, true], random])
    return float((total[0] - total[1]) / (total[2] - total[1])) if total[2] > total[1] else float("nan")


def classes_of(labels: list[str]) -> list[int]:
    """The class that mir_eval's sevenths (else triads) take for the same; -1 for none."""
    found = []
    for label in labels:
        equal = mir_eval.chord.majmin([label] * len(LABELS), LABELS)
        found.append(-1 if label == NOTHING or not (equal > 0).any() else int(np.argmax(equal > 0)) - 1)
    return found


@lru_cache(maxsize=1)
def roughness_of_classes() -> NDArray[np.float64]:
    """(64, 64): Sethares' roughness (1993) between the partials of two chords, bass and close position each."""
    tones, roots = chord_tones(), chord_roots()
    pitches = [
        [36 + int(roots[c]) % 12, *(p for p in range(55, 67) if tones[c][p % 12])] if roots[c] >= 0 else []
        for c in range(CHORD_CLASSES)
    ]
    table = np.zeros((CHORD_CLASSES, CHORD_CLASSES))
    for a, first in enumerate(pitches):
        for b, second in enumerate(pitches):
            if first and second:
                table[a, b] = roughness(first, second)
    return table


def roughness(first: list[int], second: list[int]) -> float:
    partials = np.arange(1, 7)
    hertz = [(440 * 2 ** ((np.array(each) - 69) / 12))[:, None] * partials for each in (first, second)]
    loud = [np.broadcast_to(0.88 ** (partials - 1), each.shape).ravel() for each in hertz]
    a, b = (each.ravel() for each in hertz)
    apart = np.abs(a[:, None] - b[None, :])
    scale = 0.24 / (0.0207 * np.minimum(a[:, None], b[None, :]) + 18.96)
    sounds = np.exp(-3.51 * scale * apart) - np.exp(-5.75 * scale * apart)
    return float((np.minimum(loud[0][:, None], loud[1][None, :]) * sounds).sum())


# Key


def key_scores(piece: Piece, performance: Performance) -> dict[str, float]:
    hearing = performance.hearing
    ends = hearing.starts_s + hearing.hop_s
    every = slice(None, None, 5)
    rows = [i for i in range(len(ends))[every] if SETTLED_S <= ends[i] < piece.seconds]
    names = [key_label(int(hearing.tonic[i]), bool(hearing.minor[i])) for i in rows]
    scores = [mirex(key_at(piece.keys, float(ends[i])), name) for i, name in zip(rows, names, strict=True)]
    tonics = hearing.tonic.astype(int) * 2 + hearing.minor
    inside = (ends >= SETTLED_S) & (ends < piece.seconds)
    flaps = int(np.sum(np.diff(tonics[inside]) != 0)) - len(piece.modulations)
    return {
        "key": float(np.mean(scores)),
        "changes too many per minute": max(0, flaps) * 60 / max(1.0, piece.seconds - SETTLED_S),
        "wrong-scale melody, longest s": longest_wrong(piece, performance),
    }


@lru_cache(maxsize=1024)
def mirex(true: str, found: str) -> float:
    if found == NOTHING:
        return 0.0
    return float(mir_eval.key.weighted_score(words(true), words(found)))


def words(label: str) -> str:
    tonic, mode = label.split(":")
    return f"{tonic} {'minor' if mode.startswith('min') else 'major'}"


def key_at(keys: list[Segment], second: float) -> str:
    return next((key.label for key in keys if second < key.end), keys[-1].label)


def followed(piece: Piece, performance: Performance) -> list[float]:
    """Seconds from each modulation until its key is heard; the passage's length where it never is."""
    hearing = performance.hearing
    ends = hearing.starts_s + hearing.hop_s
    names = np.array([key_label(int(t), bool(m)) for t, m in zip(hearing.tonic, hearing.minor, strict=True)])
    waits = []
    for key in piece.keys[1:]:
        label = same_spelling(key.label)
        there = (ends >= key.start) & (ends < key.end) & (names == label)
        waits.append(float(ends[np.argmax(there)] - key.start) if there.any() else key.end - key.start)
    return waits


def same_spelling(label: str) -> str:
    tonic, mode = label.split(":")
    return key_label(int(mir_eval.key.KEY_TO_SEMITONE[tonic.lower()]), mode.startswith("min"))


def longest_wrong(piece: Piece, performance: Performance) -> float:
    """Seconds of the longest run of notes of the host's melody that are neither of the key's scale (in minor with both
    sixths and sevenths) nor of the chord that is true."""
    wrong_for = longest = 0.0
    for note in performance.notes:
        if note.part != MELODY_PART or note.start >= piece.seconds:
            continue
        allowed = scale(key_at(piece.keys, note.start)) | scale(key_at(piece.keys, note.end - 1e-3))
        allowed |= tones_at(piece, note.start) | tones_at(piece, note.end - 1e-3)
        wrong_for = 0.0 if note.pitch % 12 in allowed else wrong_for + note.end - note.start
        longest = max(longest, wrong_for)
    return longest


@lru_cache(maxsize=64)
def scale(key: str) -> frozenset[int]:
    label = same_spelling(key)
    tonic = int(mir_eval.key.KEY_TO_SEMITONE[label.split(":")[0].lower()])
    degrees = (0, 2, 3, 5, 7, 8, 9, 10, 11) if label.endswith("min") else (0, 2, 4, 5, 7, 9, 11)
    return frozenset((tonic + degree) % 12 for degree in degrees)


def tones_at(piece: Piece, second: float) -> frozenset[int]:
    label = next((each.label for each in piece.chords if each.start <= second < each.end), NOTHING)
    root, bitmap, _ = mir_eval.chord.encode(label)
    return frozenset((root + i) % 12 for i in range(12) if bitmap[i]) if root >= 0 else frozenset()


# Single tones


def tone_scores(piece: Piece, sampled: Sampled, performance: Performance) -> dict[str, float]:
    """Shares of the time in which a chord with a third is heard, and is played; the pitch classes that the band plays
    besides the tone and its fifth, as a share of its notes; and notes at all. And the share in which a key is heard."""
    begin, end, pitch = piece.notes[0][:3]
    inside = (sampled.times > begin + 0.5) & (sampled.times < end)
    notes = [note for note in performance.notes if note.part in (0, 1, 2) and note.start < end]
    kind = {pitch % 12, (pitch + 7) % 12}
    return {
        "triad heard": float(np.mean(sampled.heard[inside] >= 0)),
        "key heard": float(np.mean(performance.hearing.tonic >= 0)),
        "triad played": float(np.mean(sampled.played[inside] >= 0)),
        "notes besides root and fifth": (
            sum(note.pitch % 12 not in kind for note in notes) / len(notes) if notes else 0.0
        ),
        "notes": float(len(notes)),
    }
