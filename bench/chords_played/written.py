"""Pieces written here from chords: loops, keys that change, single tones. All that is drawn hangs on a piece's name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from pieces import BASS, BASS_PROGRAMS, CHORDS, COMPING_PROGRAMS, LEAD_PROGRAMS, MELODY, Note, Piece

from emohost.labels import NO_CHORD, QUALITIES, Segment, chord_label, key_label, segments
from emohost.training.data_sets.songs import chord_class, chord_roots, chord_tones

TONES, ROOTS = chord_tones(), chord_roots()
LOW_CHORD_TONE, LOW_BASS_TONE = 52, 36
PATTERNS = ("held", "beats", "arpeggio", "oompah", "strummed")
ROUNDS, BARS_OF_LOOP = 16, 4
BREAKS_AT = 9  # round, from 0

# Degrees as semitones above the tonic, and quality.
Degrees = tuple[tuple[int, str], ...]
LOOPS: dict[str, tuple[bool, Degrees]] = {
    "I V vi IV": (False, ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj"))),
    "vi IV I V": (False, ((9, "min"), (5, "maj"), (0, "maj"), (7, "maj"))),
    "I vi IV V": (False, ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj"))),
    "ii7 V7 Imaj7 vi7": (False, ((2, "min7"), (7, "7"), (0, "maj7"), (9, "min7"))),
    "I IV V IV": (False, ((0, "maj"), (5, "maj"), (7, "maj"), (5, "maj"))),
    "I iii IV iv": (False, ((0, "maj"), (4, "min"), (5, "maj"), (5, "min"))),
    "i VII VI V": (True, ((0, "min"), (10, "maj"), (8, "maj"), (7, "maj"))),
    "i VI III VII": (True, ((0, "min"), (8, "maj"), (3, "maj"), (10, "maj"))),
    "i iv VII III": (True, ((0, "min"), (5, "min"), (10, "maj"), (3, "maj"))),
    "I II IV I": (False, ((0, "maj"), (2, "maj"), (5, "maj"), (0, "maj"))),
}
DIATONIC: dict[bool, Degrees] = {
    False: ((0, "maj"), (2, "min"), (4, "min"), (5, "maj"), (7, "maj"), (9, "min")),
    True: ((0, "min"), (3, "maj"), (5, "min"), (7, "maj"), (8, "maj"), (10, "maj")),
}
SCALE = {False: (0, 2, 4, 5, 7, 9, 11), True: (0, 2, 3, 5, 7, 8, 10)}
# To the key that follows: semitones up, and whether the mode changes.
MOVES = (
    (2, False),
    (7, False),
    (5, False),
    (3, False),
    (9, False),
    (1, False),
    (9, True),
    (3, True),
    (0, True),
)


def drawn(name: str) -> np.random.Generator:
    return np.random.default_rng(list(hashlib.sha256(name.encode()).digest()[:8]))


def comped(chords: Sequence[int], step_s: float, pattern: str, velocity: int) -> list[Note]:
    """Notes of a chord class for each sixteenth: struck again at every change and, by the pattern, between."""
    notes: list[Note] = []
    begins = [i for i in range(len(chords)) if i % 16 == 0 or chords[i] != chords[i - 1]]
    for begin, end in zip(begins, [*begins[1:], len(chords)], strict=True):
        chord = chords[begin]
        if chord == NO_CHORD:
            continue
        tones = [p for p in range(LOW_CHORD_TONE, LOW_CHORD_TONE + 12) if TONES[chord][p % 12]]
        root = LOW_BASS_TONE + (int(ROOTS[chord]) - LOW_BASS_TONE) % 12
        for at, length, pitches in struck(begin, end, root, tones, pattern):
            for n, pitch in enumerate(pitches):
                late = 0.012 * n if pattern == "strummed" else 0.0
                channel = BASS if pitch == root else CHORDS
                notes.append((at * step_s + late, (at + length) * step_s - 0.01, pitch, velocity, channel))
    return notes


def struck(
    begin: int, end: int, root: int, tones: list[int], pattern: str
) -> list[tuple[int, float, list[int]]]:
    """(sixteenth, length in sixteenths, pitches) of one chord that holds from `begin` to `end`."""
    length = end - begin
    if pattern == "held":
        return [(begin, length, [root, *tones])]
    if pattern == "beats":
        return [(at, min(4, end - at), [root, *tones]) for at in range(begin, end, 4)]
    if pattern == "strummed":
        found = [(at, min(4, end - at), [root, *tones]) for at in range(begin, end, 4)]
        return found + [(at + 2, 2, tones) for at, _, _ in found if at + 4 <= end]
    if pattern == "oompah":
        return [
            (at, min(4, end - at), [root] if (at - begin) // 4 % 2 == 0 else tones)
            for at in range(begin, end, 4)
        ]
    order = [*tones, *tones[-2:0:-1]]
    return [(begin, length, [root])] + [
        (at, min(4, end - at), [order[(at - begin) // 2 % len(order)]]) for at in range(begin, end, 2)
    ]


def sung(chords: Sequence[int], keys: Sequence[tuple[int, bool]], step_s: float, name: str) -> list[Note]:
    """A melody in eighths and quarters over the chords, by steps of the scale; chord tones on strong beats."""
    random, notes, pitch, at = drawn(name + " sung"), [], 72, 0
    while at < len(chords):
        length = int(random.choice((2, 2, 4, 4, 8)))
        tonic, minor = keys[at]
        scale = [(tonic + degree) % 12 for degree in SCALE[minor]]
        allowed = [
            p
            for p in range(64, 85)
            if (TONES[chords[at]][p % 12] if at % 8 == 0 and chords[at] != NO_CHORD else p % 12 in scale)
        ]
        near = sorted(allowed, key=lambda p: abs(p - pitch))[:4]
        pitch = int(random.choice(near))
        if random.random() > 0.15:
            notes.append((at * step_s, (at + length) * step_s - 0.02, pitch, 84, MELODY))
        at += length
    return notes


def piece_of(
    name: str,
    chords: Sequence[int],
    keys: Sequence[tuple[int, bool]],
    tempo: float,
    pattern: str,
    melody: list[Note] | None = None,
    breaks: list[int] | None = None,
) -> Piece:
    """From a chord class and a key for each sixteenth; `melody` in seconds, one that is drawn if None."""
    random = drawn(name)
    step_s = 15.0 / tempo
    starts = np.arange(len(chords)) * step_s
    end = len(chords) * step_s
    notes = comped(chords, step_s, pattern, velocity=int(random.integers(60, 90)))
    programs = {
        MELODY: int(random.choice(LEAD_PROGRAMS)),
        CHORDS: int(random.choice(COMPING_PROGRAMS)),
        BASS: int(random.choice(BASS_PROGRAMS)),
    }
    return Piece(
        name,
        notes + (sung(chords, keys, step_s, name) if melody is None else melody),
        programs,
        segments(starts, end, [chord_label(chord) for chord in chords]),
        segments(starts, end, [key_label(*key) for key in keys]),
        starts[::16].tolist(),
        end,
        tempo,
        breaks or [],
    )


def on_tonic(degrees: Degrees, tonic: int) -> list[int]:
    return [chord_class((tonic + root) % 12, quality) for root, quality in degrees]


def loops(count: int, broken: bool, salt: str = "") -> list[Piece]:
    """Four chords, a bar each, sixteen times round; a `broken` one has another chord in its third bar once."""
    found = []
    for number in range(count):
        label = list(LOOPS)[number % len(LOOPS)]
        minor, degrees = LOOPS[label]
        name = f"{'broken loop' if broken else 'loop'} {number} {label}{salt}"
        random = drawn(name)
        tonic = int(random.integers(12))
        bars = on_tonic(degrees, tonic) * ROUNDS
        breaks = []
        if broken:
            at = BREAKS_AT * BARS_OF_LOOP + 2
            others = [
                c
                for c in on_tonic(DIATONIC[minor], tonic)
                if c // len(QUALITIES) != bars[at] // len(QUALITIES)
            ]
            bars[at] = int(random.choice([c for c in others if c != bars[at - 1] and c != bars[at + 1]]))
            breaks = [at]
        chords = [chord for chord in bars for _ in range(16)]
        found.append(
            piece_of(
                name,
                chords,
                [(tonic, minor)] * len(chords),
                float(random.integers(72, 139)),
                PATTERNS[number % len(PATTERNS)],
                breaks=breaks,
            )
        )
    return found


def key_changes(count: int, salt: str = "") -> list[Piece]:
    """Four passages of twelve bars, each in another key, reached by its dominant."""
    found = []
    for number in range(count):
        name = f"key changes {number}{salt}"
        random = drawn(name)
        tonic, minor = int(random.integers(12)), bool(random.integers(2))
        chords: list[int] = []
        keys: list[tuple[int, bool]] = []
        for passage in range(4):
            if passage:
                up, turns = MOVES[int(random.integers(len(MOVES)))]
                tonic, minor = (tonic + up) % 12, minor != turns
            for bar in range(12):
                degrees = DIATONIC[minor]
                root, quality = degrees[int(random.choice(len(degrees), p=usual(degrees)))]
                if bar == 0:
                    root, quality = (7, "7") if passage else degrees[0]
                elif bar in (1, 11):
                    root, quality = degrees[0]
                chords += [chord_class((tonic + root) % 12, quality)] * 16
                keys += [(tonic, minor)] * 16
        found.append(
            piece_of(name, chords, keys, float(random.integers(84, 133)), PATTERNS[number % len(PATTERNS)])
        )
    return found


def usual(degrees: Degrees) -> np.ndarray:
    weight = np.array([{0: 3.0, 7: 2.0, 5: 2.0}.get(root, 1.0) for root, _ in degrees])
    return weight / weight.sum()


def single_tones(count: int) -> list[Piece]:
    """One tone of six seconds each."""
    found = []
    for number in range(count):
        name = f"tone {number}"
        random = drawn(name)
        pitch = int(random.integers(40, 82))
        program = (16, 48, 73, 40, 52, 71, 0, 19)[number % 8]
        whole = [Segment(0.0, 6.0, chord_label(-1))]
        found.append(Piece(name, [(0.0, 6.0, pitch, 90, MELODY)], {MELODY: program}, whole, [], [0.0], 6.5))
    return found
