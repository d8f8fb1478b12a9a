"""Pieces of people: songs of POP909 and lead sheets of OpenEWLD, of one split of the training code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
from pieces import COMPING_PROGRAMS, LEAD_PROGRAMS, MELODY, Note, Piece
from written import MOVES, PATTERNS, ROOTS, drawn, piece_of

from emohost.labels import NO_CHORD, Segment
from emohost.training.data_sets import openewld
from emohost.training.data_sets.pop909.files import beats, midi_of, piece_folders, table
from emohost.training.data_sets.songs import Song, transposed
from emohost.training.data_sets.splits import Split, split_of


def spread(items: list[Path], count: int) -> list[Path]:
    return [items[i * len(items) // count] for i in range(min(count, len(items)))]


def songs(data: Path, split: Split, count: int, seconds: float) -> list[Piece]:
    return [song(each, seconds) for each in spread(piece_folders(data, split), count)]


def song(folder: Path, seconds: float) -> Piece:
    """The first seconds from the first downbeat on."""
    random = drawn(f"pop909/{folder.name}")
    beat_s, downbeats = beats(folder)
    begin = float(beat_s[downbeats[0]])
    notes = [
        (max(0.0, on - begin), min(off - begin, seconds), pitch, velocity, channel)
        for on, off, pitch, velocity, channel in notes_of(folder)
        if begin - 0.05 <= on < begin + seconds
    ]
    return Piece(
        f"pop909/{folder.name}",
        notes,
        {
            MELODY: int(random.choice(LEAD_PROGRAMS)),
            **dict.fromkeys((1, 2), int(random.choice(COMPING_PROGRAMS))),
        },
        cut(folder / "chord_midi.txt", begin, seconds),
        cut(folder / "key_audio.txt", begin, seconds),
        [at - begin for at in beat_s[downbeats].tolist() if at - begin < seconds],
        seconds,
    )


def cut(file: Path, begin: float, seconds: float) -> list[Segment]:
    found = [Segment(float(a) - begin, float(b) - begin, label) for a, b, label in table(file, 3).tolist()]
    inside = [each for each in found if each.end > 0 and each.start < seconds]
    return [each._replace(start=max(each.start, 0.0), end=min(each.end, seconds)) for each in inside]


def notes_of(folder: Path) -> list[Note]:
    """Of the first three tracks with notes, MELODY, BRIDGE and PIANO, on channels of their own. Of a note that is
    struck again while it sounds the second counts: figures were measured so."""
    midi = midi_of(folder)
    numbers = {"MELODY": 0, "BRIDGE": 1, "PIANO": 2}
    notes: list[Note] = []
    for track in midi.tracks:
        channel = numbers.get(track.name.strip())
        if channel is None:
            continue
        alone = mido.MidiFile(ticks_per_beat=midi.ticks_per_beat)
        alone.tracks = [midi.tracks[0], track]
        at, sounding = 0.0, {}
        for message in alone:
            at += message.time
            if message.type == "note_on" and message.velocity > 0:
                sounding[message.note] = (at, message.velocity)
            elif message.type in ("note_on", "note_off") and message.note in sounding:
                began, velocity = sounding.pop(message.note)
                notes.append((began, max(at, began + 0.03), message.note, velocity, channel))
    return notes


def sheets(data: Path, split: Split, count: int) -> list[tuple[str, Song]]:
    """Lead sheets with at most one step in four outside of any chord."""
    files = sorted((data / "openewld" / "dataset").rglob("*.mxl"))
    chosen = [each for each in files if split_of(f"openewld/{each.stem}") == split]
    found = []
    for file in spread(chosen, 3 * count):
        read = openewld.read_song(file)
        if read is not None and np.mean(read.chord == NO_CHORD) < 0.25 and len(found) < count:
            found.append((file.stem, read))
    return found


def sure_of_key(sheet: Song) -> bool:
    """The key that is read is partly a guess; where the last chord is on its tonic it is right."""
    last = sheet.chord[sheet.chord != NO_CHORD][-1]
    return bool(ROOTS[last] == sheet.tonic)


def lead_sheets(found: list[tuple[str, Song]], seconds: float) -> list[Piece]:
    """Without keys where the sheet's own is not sure."""
    pieces = []
    for number, (stem, sheet) in enumerate(found):
        tempo = float(drawn(stem + " tempo").integers(76, 133))
        steps = min(sheet.steps, int(seconds * tempo / 15))
        chords = sheet.chord[:steps].tolist()
        piece = piece_of(
            f"lead sheet {stem}",
            chords,
            [(sheet.tonic, sheet.minor)] * steps,
            tempo,
            PATTERNS[number % len(PATTERNS)],
            melody=melody_of(sheet, steps, tempo, 0),
        )
        pieces.append(piece if sure_of_key(sheet) else replace(piece, keys=[]))
    return pieces


def modulated_sheets(found: list[tuple[str, Song]], bars: int = 12, passages: int = 4) -> list[Piece]:
    """Passages of a lead sheet, one after the other, each in another key; of those whose own key is sure."""
    pieces = []
    plain_moves = [up for up, turns in MOVES if not turns]
    for number, (stem, sheet) in enumerate(each for each in found if sure_of_key(each[1])):
        name = f"modulated sheet {stem}"
        random = drawn(name)
        tempo = float(random.integers(84, 133))
        length = 16 * bars
        chords: list[int] = []
        keys: list[tuple[int, bool]] = []
        notes: list[Note] = []
        moved = 0
        for passage in range(passages):
            if (passage + 1) * length > sheet.steps:
                break
            if passage:
                moved = (moved + plain_moves[int(random.integers(len(plain_moves)))]) % 12
            up = moved if moved < 7 else moved - 12
            a = passage * length
            chords += transposed(sheet.chord[a : a + length], up).tolist()
            keys += [((sheet.tonic + up) % 12, sheet.minor)] * length
            notes += [
                each for each in melody_of(sheet, a + length, tempo, up) if each[0] >= a * 15.0 / tempo - 1e-6
            ]
        if len(chords) >= 2 * length:
            pieces.append(piece_of(name, chords, keys, tempo, PATTERNS[number % len(PATTERNS)], melody=notes))
    return pieces


def melody_of(sheet: Song, steps: int, tempo: float, up: int) -> list[Note]:
    step_s = 15.0 / tempo
    return [
        (
            float(note["step"]) * step_s,
            min(float(note["step"]) + float(note["steps"]), steps) * step_s - 0.02,
            int(note["pitch"]) + up,
            int(note["velocity"]),
            MELODY,
        )
        for note in sheet.notes
        if note["step"] < steps and note["steps"] > 0.25
    ]
