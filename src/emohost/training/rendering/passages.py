"""Passages of scores to render, and the same passage in another mood: mode, tempo, register, dynamics, articulation and
instruments moved one by one or together.

Pieces are those of POP909 (melody, bridge and piano), drums those of the Groove MIDI Dataset. Time is in beats, as
played.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.labels import Cues, cues_of_notes, key_of_chroma, mode_of_chroma
from emohost.training.data_sets.notes import BASS, BRIDGE, DRUMS, MELODY, NOTE, PIANO, Notes, Random
from emohost.training.data_sets.pop909.scores import Piece

LONGEST_REST_S = 2.5  # of a passage: who rests longer is not in the mood of the passage meanwhile
KEY_BEATS = 32.0  # on each side of a passage, that are heard for its key
TO_MINOR = {4: 3, 9: 8, 11: 10}
HARMONIC_MINOR = {4: 3, 9: 8}
TO_MAJOR = {3: 4, 8: 9, 10: 11}
BASSES = tuple(range(32, 40))
MEZZO_FORTE = 74.0  # velocity

PARTS = {
    "piano": (MELODY, BRIDGE, PIANO),
    "solo": (MELODY,),
    "duo": (MELODY, PIANO),
    "band": (MELODY, BRIDGE, PIANO, BASS, DRUMS),
}
HOW_OFTEN = {"piano": 0.45, "solo": 0.12, "duo": 0.15, "band": 0.28}


@dataclass(frozen=True)
class Mood:
    """How a passage is played."""

    minor: bool
    harmonic: bool  # in minor: with the leading tone
    tempo_bpm: float
    transpose: int  # semitones, all parts
    octave: int  # semitones, all parts but the bass
    velocity: float  # mean, of MIDI
    gate: float  # share of the time to the part's next note that a note sounds; above 1: as in the score, with pedal
    ensemble: str
    programs: tuple[int, ...]  # General MIDI, by part, the drums left out


@dataclass(frozen=True)
class Passage:
    """A passage to render: notes in seconds, and what it does."""

    notes: Notes
    seconds: float
    cues: Cues  # brightness in the middle: known when it is rendered
    programs: tuple[int, ...]
    pedal: bool
    loudness_db: float  # relative to two players' mezzo forte


def random_mood(random: Random, programs: tuple[int, ...]) -> Mood:
    """`programs`: those that may play. In more than half of the moods all that moves arousal moves together; in the
    others each cue is drawn by itself."""
    energy = random.uniform(-1, 1) if random.random() < 0.6 else None

    def drawn(low: float, high: float) -> float:
        place = random.uniform(-1, 1)
        if energy is not None:
            place = float(np.clip(0.75 * energy + 0.35 * place, -1, 1))
        return low + (high - low) * (place + 1) / 2

    return Mood(
        minor=bool(random.random() < 0.5),
        harmonic=bool(random.random() < 0.4),
        tempo_bpm=50 * 2 ** drawn(0, 1.9),
        transpose=int(random.integers(-6, 6)),
        octave=int(random.choice([-12, 0, 0, 12])),
        velocity=drawn(28, 118),
        gate=1.2 if random.random() < 0.35 else drawn(1.0, 0.25),
        ensemble=str(random.choice(list(HOW_OFTEN), p=list(HOW_OFTEN.values()))),
        programs=random_programs(random, programs),
    )


def random_programs(random: Random, programs: tuple[int, ...]) -> tuple[int, ...]:
    """Instruments for melody, bridge, chords and bass; the first is a piano in two cases of three."""
    melody, bridge, chords = (int(each) for each in random.choice(programs, 3))
    if random.random() < 0.65:
        melody = int(random.integers(0, 4))
    return melody, bridge, chords, int(random.choice(BASSES))


def perform(
    piece: Piece, start: float, seconds: float, mood: Mood, drums: tuple[Notes, ...], random: Random
) -> Passage | None:
    """`seconds` of the piece from beat `start` in this mood; None where hardly anything is played there, or nothing for
    long."""
    beats = seconds * mood.tempo_bpm / 60
    tonic, minor = _key_around(piece, start, beats)
    notes = piece.notes[(piece.notes["onset"] >= start) & (piece.notes["onset"] < start + beats)].copy()
    notes["onset"] -= start
    notes["pitch"] = _in_mode(notes["pitch"], tonic, minor, mood)
    if mood.ensemble == "band":
        notes = np.concatenate([notes, _bass(notes)])
    notes = notes[np.isin(notes["part"], PARTS[mood.ensemble])]
    if len(notes) < max(3.0, seconds / 2):
        return None
    notes = _articulate(notes, mood.gate)
    notes["velocity"] = mood.velocity + 0.7 * (notes["velocity"] - notes["velocity"].mean())
    if mood.ensemble == "band" and drums:
        notes = np.concatenate([notes, _drums(drums, beats, mood.velocity, random)])
    notes = _as_played(notes, seconds, mood, random)
    pitched = notes[notes["part"] != DRUMS]
    if len(pitched) < 3 or _longest_rest(pitched, seconds) > LONGEST_REST_S:
        return None
    players = 2 if mood.ensemble == "piano" else len(np.unique(notes["part"]))
    loudness_db = float(40 * np.log10(mood.velocity / MEZZO_FORTE) + 10 * np.log10(players / 2))
    return Passage(
        notes=notes,
        seconds=seconds,
        cues=_cues(notes, pitched, seconds, mood, loudness_db),
        programs=(mood.programs[0],) * 3 + mood.programs[3:] if mood.ensemble == "piano" else mood.programs,
        pedal=mood.gate > 1,
        loudness_db=loudness_db,
    )


def _as_played(notes: Notes, seconds: float, mood: Mood, random: Random) -> Notes:
    """In seconds, with a player's small unevenness."""
    notes = notes.copy()
    notes["onset"] = notes["onset"] * 60 / mood.tempo_bpm + np.abs(random.normal(0, 0.008, len(notes)))
    notes["duration"] *= 60 / mood.tempo_bpm
    notes["velocity"] = np.clip(notes["velocity"] + random.normal(0, 3, len(notes)), 8, 127)
    return np.sort(notes[notes["onset"] < seconds - 0.05], order="onset")


def _longest_rest(notes: Notes, seconds: float) -> float:
    """Seconds from the start, or the latest end of a note so far, to the next note or the end."""
    ends = np.maximum.accumulate(notes["onset"] + notes["duration"])
    return float(np.max(np.append(notes["onset"], seconds) - np.append(0.0, ends)))


def _cues(notes: Notes, pitched: Notes, seconds: float, mood: Mood, loudness_db: float) -> Cues:
    """Drums count for the density; the loudness is that of all players together; the mode is what can be heard in the
    passage itself, whatever the piece around it."""

    def cues(of: Notes) -> Cues:
        columns = (of["onset"], of["duration"], of["pitch"], of["velocity"])
        return cues_of_notes(*columns, tempo_bpm=mood.tempo_bpm, length_s=seconds, mode=0.0)

    weights = np.bincount(pitched["pitch"] % 12, pitched["duration"], 12)
    return replace(
        cues(pitched),
        density=cues(notes).density,
        mode=mode_of_chroma(weights),
        dynamics=float(np.clip(MEZZO_FORTE * 10 ** (loudness_db / 40) / 127, 0, 1)),
    )


def _key_around(piece: Piece, start: float, beats: float) -> tuple[int, bool]:
    onset = piece.notes["onset"]
    near = piece.notes[(onset >= start - KEY_BEATS) & (onset < start + beats + KEY_BEATS)]
    return key_of_chroma(np.bincount(near["pitch"] % 12, near["duration"], 12))


def _in_mode(pitch: NDArray[np.int32], tonic: int, minor: bool, mood: Mood) -> NDArray[np.int32]:
    """The degrees of the other mode in place of those of the piece's own, so that the mode alone moves."""
    change: dict[int, int] = {}
    if minor and not mood.minor:
        change = TO_MAJOR
    elif mood.minor and not minor:
        change = HARMONIC_MINOR if mood.harmonic else TO_MINOR
    step = np.array([change.get(degree, degree) - degree for degree in range(12)])
    moved = pitch + step[(pitch - tonic) % 12] + mood.transpose + mood.octave
    return np.asarray(
        np.where(moved < 24, moved + 12, np.where(moved > 105, moved - 12, moved)), dtype=np.int32
    )


def _bass(notes: Notes) -> Notes:
    """The lowest note of the piano on each beat, low."""
    piano = notes[notes["part"] == PIANO]
    beat = np.floor(piano["onset"]).astype(int)
    bass = np.zeros(len(np.unique(beat)), dtype=NOTE)
    for row, each in enumerate(np.unique(beat)):
        on_beat = piano[beat == each]
        bass[row] = on_beat[np.argmin(on_beat["pitch"])]
    bass["pitch"] = 28 + (bass["pitch"] - 28) % 12
    bass["duration"] = 0.95
    bass["part"] = BASS
    return bass


def _articulate(notes: Notes, gate: float) -> Notes:
    if gate > 1:
        return notes
    notes = notes.copy()
    for part in np.unique(notes["part"]):
        own = notes["part"] == part
        onsets = notes["onset"][own]
        attacks = np.append(np.unique(np.round(onsets * 8) / 8), onsets.max() + 1)
        following = np.searchsorted(attacks, onsets + 0.1, side="right").clip(max=len(attacks) - 1)
        notes["duration"][own] = gate * np.clip(attacks[following] - onsets, 0.1, 2.0)
    return notes


def _drums(loops: tuple[Notes, ...], beats: float, velocity: float, random: Random) -> Notes:
    loop = loops[int(random.integers(len(loops)))]
    bars = int(loop["onset"].max() // 4)
    start = 4 * int(random.integers(max(1, bars - int(beats // 4) - 1)))
    inside: Notes = loop[(loop["onset"] >= start) & (loop["onset"] < start + beats)].copy()
    inside["onset"] -= start
    inside["duration"] = 0.1
    if len(inside):
        inside["velocity"] = velocity + 0.7 * (inside["velocity"] - inside["velocity"].mean())
    return inside
