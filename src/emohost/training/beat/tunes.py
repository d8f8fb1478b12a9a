"""Tunes to render for the beat network, with time in beats: POP909, lead sheets, dances, drums of Groove MIDI."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.training.beat.backing import STYLES, Bar, backing, drums
from emohost.training.beat.folk import DANCES, folk_tune
from emohost.training.beat.timing import Freedom, random_freedom
from emohost.training.data_sets.drummers import drum_loops, drum_take
from emohost.training.data_sets.notes import BASS, BRIDGE, MELODY, NOTE, PIANO, Notes, Random
from emohost.training.data_sets.pop909.files import beats as beats_of_song
from emohost.training.data_sets.pop909.files import song_folder, song_names
from emohost.training.data_sets.pop909.scores import notes_in_beats
from emohost.training.data_sets.sheets import Sheet
from emohost.training.data_sets.splits import Split
from emohost.training.rendering.passages import BASSES

# General MIDI: pianos, tuned percussion, organs, guitars, strings, brass, reeds, flutes, pads.
PROGRAMS = (0, 0, 1, 2, 4, 5, 6, 7, 11, 12, 16, 19, 21, 22, 24, 24, 25, 26, 27, 40, 42, 46, 48, 52, 56, 60, 64, 65, 68,
            71, 73, 75, 88, 105)  # fmt: skip
PLUCKED = (0, 1, 4, 6, 24, 25, 26, 27, 46, 105)
PIANOS = (0, 0, 0, 1, 2, 3)
EXPRESSIVE = (
    "whole",
    "beats",
    "oompah",
    "arpeggio",
    "broken",
    "beats",
    "arpeggio",
)  # styles of who takes time
USUAL_TEMPO = 112.0  # beats a minute


@dataclass(frozen=True)
class Tune:
    """A stretch of music to play, about a minute or more."""

    piece: str
    notes: Notes  # of data_sets.notes.NOTE, in beats
    downbeats: NDArray[np.float64]  # beats that begin a bar
    per_bar: int
    tempo_bpm: float
    freedom: Freedom
    swing: float  # place of the second of two eighths: 0.5 is straight
    programs: tuple[int, ...]  # melody, bridge, chords, bass
    pedal: bool  # notes last to the end of the bar's half
    loose_s: float  # spread of onsets
    rolled_s: float  # from a chord's lowest to its highest note


def pop_tune(data: Path, split: Split, ensemble: str, random: Random) -> Tune:
    """A song of POP909. `ensemble`: "band" has drums, "pop" is a piano, two players or a band without, "rubato" a
    pianist who takes time."""
    name = str(random.choice(song_names(data, split)))
    beat_s, bars = beats_of_song(song_folder(data, name), least=8)
    downbeats = bars.astype(np.float64)
    notes, seconds = notes_in_beats(data, name, beat_s)
    per_bar = int(np.median(np.diff(downbeats))) if len(downbeats) > 1 else 4
    kind = ensemble
    if ensemble == "pop":
        kind = str(random.choice(["piano", "duo", "band", "solo"], p=[0.5, 0.2, 0.15, 0.15]))
    elif ensemble == "rubato":
        kind = str(random.choice(["piano", "solo"]))
    if kind == "band":
        notes = np.concatenate([notes, _low_bass(notes, random)])
    if kind == "duo":
        notes = notes[notes["part"] != BRIDGE]
    if kind == "solo":
        notes = notes[notes["part"] != MELODY]
    if ensemble == "band":
        notes = np.concatenate([notes, _drums_below(data, split, downbeats, per_bar, random)])
    pianos = kind in ("piano", "solo")
    programs = (
        (int(random.choice(PIANOS)),) * 3 if pianos else tuple(int(p) for p in random.choice(PROGRAMS, 3))
    )
    if kind == "band" and random.random() < 0.5:
        programs = (programs[0], programs[1], int(random.choice(PLUCKED)))
    free = ensemble == "rubato"
    freedom = random_freedom(random, 1.0, 0.16) if free else random_freedom(random, 0.3, 0.06)
    scale = 2 ** float(np.clip(random.normal(0, 0.25), -0.6, 0.6))
    return Tune(
        f"pop909/{name}", np.sort(notes, order="onset"), downbeats, per_bar, 60.0 / seconds * scale, freedom, 0.5,
        (*programs, int(random.choice(BASSES))), bool(pianos and random.random() < 0.7),
        float(random.uniform(0, 0.02 if pianos else 0.01)),
        float(random.choice([0.0, 0.0, 0.01, 0.03, 0.06] if free else [0.0, 0.0, 0.0, 0.01, 0.02])),
    )  # fmt: skip


def _low_bass(notes: Notes, random: Random) -> Notes:
    """The lowest note of the piano, on each beat or each second one, or in eighths."""
    piano = notes[notes["part"] == PIANO]
    if not len(piano):
        return np.zeros(0, dtype=NOTE)
    step = float(random.choice([0.5, 1.0, 2.0], p=[0.25, 0.4, 0.35]))
    slot = np.floor(piano["onset"] / step + 0.05).astype(int)
    order = np.lexsort((piano["pitch"], slot))
    first = order[np.unique(slot[order], return_index=True)[1]]
    bass = piano[first].copy()
    bass["onset"] = slot[first] * step
    bass["pitch"] = 28 + (bass["pitch"] - 28) % 12
    bass["duration"], bass["part"] = 0.9 * step, BASS
    return np.asarray(bass)


def _drums_below(
    data: Path, split: Split, downbeats: NDArray[np.float64], per_bar: int, random: Random
) -> Notes:
    """A drummer's take in four, or a plain pattern, from the first downbeat on."""
    last = float(downbeats[-1])
    if per_bar != 4 or random.random() < 0.4:
        bars = [Bar(float(at), per_bar, 2, ((60,),) * per_bar) for at in downbeats]
        return drums(bars, random)
    loops = drum_loops(data, split)
    loop = loops[int(random.integers(len(loops)))]
    length = 4.0 * max(1, int(loop["onset"].max() // 4))
    loop = loop[loop["onset"] < length]
    turns = []
    for start in np.arange(downbeats[0], last, length):
        turn = loop.copy()
        turn["onset"] += start
        turns.append(turn)
    found = np.concatenate(turns) if turns else loop[:0].copy()
    found["duration"] = 0.1
    return np.asarray(found[found["onset"] < last + 4])


def sheet_tune(found: list[Sheet], free: bool, random: Random) -> Tune:
    """A lead sheet with an accompaniment, or only its melody."""
    sheet = found[int(random.integers(len(found)))]
    bars, melody = _repeated(sheet, random)
    compound, half = bool(sheet.bars["compound"][0]), bool(sheet.bars["half"][0])
    tempo = USUAL_TEMPO * 2 ** float(np.clip(random.normal(0, 0.4), -1, 0.75))
    if compound or half:
        tempo *= 0.75
    swung = not compound and random.random() < 0.2
    return _arranged(sheet.piece, bars, melody, tempo, swung, free, random)


def dance_tune(free: bool, random: Random) -> Tune:
    """A tune in the manner of folk dances, likewise."""
    kind, bars, melody = folk_tune(170, random)
    low, high = DANCES[kind].tempo
    tempo = float(np.exp(random.uniform(np.log(low), np.log(high))))
    return _arranged(f"dance/{kind}", bars, melody, tempo, False, free, random)


def _arranged(
    piece: str, bars: list[Bar], melody: Notes, tempo: float, swung: bool, free: bool, random: Random
) -> Tune:
    """`free`: by a pianist who takes time; else in time, or nearly so, with drums at times."""
    style = str(random.choice(EXPRESSIVE if free else STYLES))
    if not free and random.random() < 0.25:
        style = "whole"
    what = random.random()
    parts = [melody, backing(bars, style, bool(random.random() < 0.35), random)]
    if what < 0.12:
        parts = parts[:1]
    elif what < 0.2:
        parts = parts[1:]
    if not free and what >= 0.12 and random.random() < 0.12:
        parts.append(drums(bars, random))
    notes = np.concatenate(parts)
    if style in ("sixteenths", "broken"):
        tempo = min(tempo, 120.0)
    melody_program, chords_program = (int(each) for each in random.choice(PROGRAMS, 2))
    if free or random.random() < 0.45:
        melody_program = chords_program = int(random.choice(PIANOS))
    elif style in ("strum", "sixteenths"):
        chords_program = int(random.choice(PLUCKED))
    freedom = random_freedom(random, 1.0, 0.16) if free else random_freedom(random, 0.15, 0.05)
    return Tune(
        piece, np.sort(notes, order="onset"), np.array([bar.onset for bar in bars]), bars[0].beats, tempo, freedom,
        float(random.uniform(0.55, 0.68)) if swung else 0.5,
        (melody_program, melody_program, chords_program, int(random.choice(BASSES))),
        bool(chords_program < 4 and random.random() < (0.7 if free else 0.25)),
        float(random.uniform(0, 0.02 if free else 0.008)),
        float(random.choice([0.0, 0.0, 0.02, 0.05] if free else [0.0, 0.0, 0.0, 0.02])),
    )  # fmt: skip


def _repeated(sheet: Sheet, random: Random, least_beats: int = 170) -> tuple[list[Bar], Notes]:
    turns = -(-least_beats // sheet.beats)
    key = int(random.integers(-5, 7))
    bars: list[Bar] = []
    melodies = []
    for turn in range(turns):
        offset = float(turn * sheet.beats)
        melody = np.zeros(len(sheet.notes), dtype=NOTE)
        for name in ("onset", "duration", "pitch"):
            melody[name] = sheet.notes[name]
        melody["pitch"] += key
        melody["onset"] += offset
        melody["velocity"], melody["part"] = 84.0, MELODY
        melodies.append(melody if turn == 0 else melody[melody["onset"] >= offset])
        for onset, beats, compound, _ in sheet.bars.tolist():
            at = np.clip(np.searchsorted(sheet.chords["onset"], onset + np.arange(beats) + 0.01) - 1, 0, None)
            chords = tuple(_pitches(sheet.chords[k], key) for k in at)
            bars.append(Bar(offset + onset, beats, 3 if compound else 2, chords))
    return bars, np.concatenate(melodies)


def _pitches(chord: np.void, key: int) -> tuple[int, ...]:
    root = 48 + (int(chord["root"]) + key) % 12
    above = [semitones for semitones in range(12) if int(chord["tones"]) >> semitones & 1] or [0]
    return (
        (root, *(root + semitones for semitones in above if semitones))
        if len(above) > 1
        else (root, root + 7)
    )


def drums_tune(data: Path, split: Split, found: list[Sheet], random: Random) -> Tune:
    """Only a drummer, or one with a bass or chords."""
    name, tempo, beats, compound, notes = drum_take(data, split, random)
    per_beat = 1.5 if compound else 1.0
    notes["onset"] /= per_beat
    length = float(beats * max(1, int(np.ceil((notes["onset"].max() - 0.25) / beats))))
    turns = []
    for turn in range(-(-170 // int(length))):
        again = notes.copy()
        again["onset"] += turn * length
        turns.append(again)
    notes = np.concatenate(turns)
    downbeats = np.arange(0, notes["onset"].max(), beats)
    if random.random() < 0.4:
        sheet = found[int(random.integers(len(found)))]
        chords = [_pitches(sheet.chords[k % len(sheet.chords)], 0) for k in range(len(downbeats))]
        bars = [
            Bar(float(at), beats, 3 if compound else 2, (chords[k],) * beats)
            for k, at in enumerate(downbeats)
        ]
        style = str(random.choice(STYLES))
        more = backing(bars, style, bool(random.random() < 0.7), random)
        notes = np.concatenate([notes, more[more["part"] == BASS] if random.random() < 0.4 else more])
    freedom = random_freedom(random, 0.3, 0.05)
    program = int(random.choice(PROGRAMS))
    return Tune(
        name, np.sort(notes, order="onset"), downbeats, beats, tempo / per_beat * 2 ** random.uniform(-0.3, 0.3),
        freedom, 0.5, (program, program, program, int(random.choice(BASSES))), False, 0.0, 0.0,
    )  # fmt: skip
