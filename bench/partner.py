"""How the band goes with a player: endings, density, loudness and register over held-out POP909 songs, as sound.

    python bench/partner.py --data ../shared/data --cache DIR [--songs 12] [--seconds 60] [--listen follow]
        [--split validation] [--ritardando] [--json]

The last minute of each song of the test split is rendered by fluidsynth and followed by silence; with --ritardando
it is cut at its last chord on the tonic, slowed down over one or two bars before, and that chord held. Printed are, for
the band and, where it can be said, for the song's own piano under the same melody ("person"):

late       beats from the player's last attack to the band's last; in how many songs at most one
tonic      songs in which the lowest note that sounds last is the tonic; melody: its last note belongs to that chord
ended      times a minute that the band took a gap within the song for the end; rested: times that it only kept time
density    correlation of notes in windows of 4 s with the player's; loudness: likewise of mean velocities
spread     standard deviation of velocities within each part; drums: levels of velocity, in steps of 8
covered    share of the band's melody with a note of its own chords at or above it; near, unison: within two semitones
           of the player's highest note, on it; on top: share of its onsets while the player's melody sounds
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parent / "chords_played"))
from pieces import CHORDS, COMPING_PROGRAMS, LEAD_PROGRAMS, MELODY, Note, Piece
from played_by_people import notes_of, spread
from sound import FONTS, rendered
from written import drawn

from emohost.config.music import PARTS
from emohost.config.schema import Rig
from emohost.midi.notes import Note as Played
from emohost.midi.notes import notes_of as played_notes
from emohost.offline.engine import build_engine
from emohost.training.data_sets.pop909.files import beats, piece_folders, table
from emohost.training.data_sets.pop909.songs import pitch_class_of
from emohost.vocabulary import PLAYING

TAIL_S, WINDOW_S, BLOCK = 12.0, 4.0, 512
PIANO = 2  # channel of played_by_people
STATES = {choice.name: number for number, choice in enumerate(PLAYING)}


def key_of(folder: Path) -> tuple[int, bool]:
    """Tonic and whether minor, at the end."""
    name, _, mode = str(table(folder / "key_audio.txt", 3)[-1][2]).partition(":")
    return pitch_class_of(name), mode.startswith("min")


def slowed(folder: Path, notes: list[Note]) -> list[Note] | None:
    """Cut at the last chord on the tonic, which is held, after a ritardando; None where there is none near the end."""
    random = drawn(f"slowed {folder.name}")
    tonic, minor = key_of(folder)
    last = max(note[0] for note in notes)
    places = [
        float(start)
        for start, _, label in table(folder / "chord_midi.txt", 3).tolist()
        if label != "N" and pitch_class_of(label.split(":")[0]) == tonic
        if label.split(":")[1].startswith("min") == minor and last - 45 < float(start) <= last + 0.1
    ]
    if not places:
        return None
    at, beat = places[-1], beat_of(folder)
    stretch, span = float(random.uniform(1.3, 2.0)), float(random.choice([4, 8])) * beat

    def moved(seconds: float) -> float:
        part = (seconds - (at - span)) / span
        return seconds if part <= 0 else at - span + span * (part + (stretch - 1) * part * part / 2)

    end, held = moved(at), float(random.uniform(2.5, 5.0)) * beat
    roll, velocity = float(random.choice([0, 0, 0.05, 0.09])), int(np.median([note[3] for note in notes]))
    tones = sorted([36 + tonic, 48 + tonic, 55 + tonic, 60 + (tonic + (3 if minor else 4)) % 12, 60 + tonic])
    before = [
        (moved(on), min(moved(off), end), pitch, loud, channel)
        for on, off, pitch, loud, channel in notes
        if on < at - 0.05
    ]
    return before + [(end + roll * i, end + held, pitch, velocity, PIANO) for i, pitch in enumerate(tones)]


def beat_of(folder: Path) -> float:
    return float(np.median(np.diff(beats(folder)[0])))


def piece(folder: Path, seconds: float, ritardando: bool) -> Piece | None:
    """The end of a song, and TAIL_S of silence."""
    notes = notes_of(folder)
    ended = slowed(folder, notes) if ritardando else notes
    if ended is None:
        return None
    begin = max(0.0, max(note[0] for note in ended) - seconds)
    kept = [(on - begin, off - begin, *rest) for on, off, *rest in ended if on >= begin]
    random = drawn(f"pop909/{folder.name}")
    programs = {
        MELODY: int(random.choice(LEAD_PROGRAMS)),
        **dict.fromkeys((CHORDS, PIANO), int(random.choice(COMPING_PROGRAMS))),
    }
    return Piece(f"pop909/{folder.name}", kept, programs, [], [], [], max(note[1] for note in kept) + TAIL_S)


def play(score: Piece, cache: Path, font: Path, music: dict[str, Any]) -> tuple[list[Played], Any, float]:
    """What the band plays to it, the reports, and the seconds of a frame."""
    audio, rate = soundfile.read(rendered(score, font, cache), dtype="float32", always_2d=True)
    mono = np.zeros(round(score.seconds * rate), np.float32)
    mono[: len(audio)] = audio.mean(axis=1)[: len(mono)]
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
    engine = build_engine(rig, Path.cwd(), rate, 1, BLOCK, between_ticks=False).engine
    events = engine.render(mono, BLOCK) + engine.finish()
    reports = engine.take_reports()
    return (
        played_notes([(frame / rate, data, part) for frame, data, part in events], score.seconds),
        reports,
        1 / rate,
    )


def counts(onsets: Sequence[float], begin: float, end: float) -> np.ndarray:
    return np.histogram(onsets, np.arange(begin, end + 1e-6, WINDOW_S))[0]


def correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    return (
        float(np.corrcoef(a, b)[0, 1])
        if len(a) > 3 and np.std(a, dtype=float) and np.std(b, dtype=float)
        else None
    )


def mean_velocities(notes: list[tuple[float, int]], begin: float, end: float) -> np.ndarray:
    edges = np.arange(begin, end + 1e-6, WINDOW_S)
    place = np.digitize([on for on, _ in notes], edges) - 1
    found = np.array([velocity for _, velocity in notes], float)
    return np.array(
        [found[place == i].mean() if (place == i).any() else np.nan for i in range(len(edges) - 1)]
    )


def loudness(a: np.ndarray, b: np.ndarray) -> float | None:
    both = ~np.isnan(a) & ~np.isnan(b)
    return correlation(a[both], b[both])


def stretches(reports: Any, state: str, begin: float, end: float, second: float) -> int:
    """How often the band came to be in a state."""
    seconds = reports["frame"] * second
    inside = (reports["playing"] == STATES[state]) & (seconds > begin) & (seconds < end)
    return int(np.sum(np.diff(inside.astype(int)) == 1))


def ending(band: list[Played], score: Piece, tonic: int, beat: float) -> dict[str, Any]:
    last = max(note[0] for note in score.notes)
    attack = max(note.start for note in band)
    at = max(last, attack) + 0.15
    chord = [note for note in band if note.part != PARTS.index("drums") and note.start <= at < note.end]
    melody = [note for note in band if note.part == PARTS.index("melody")]
    classes = {note.pitch % 12 for note in chord if note.part != PARTS.index("melody")}
    return {
        "late": (attack - last) / beat,
        "tonic": bool(chord) and min(note.pitch for note in chord) % 12 == tonic,
        "melody": bool(melody) and max(melody, key=lambda note: note.start).pitch % 12 in classes,
        "rings_s": max((note.end for note in band), default=at) - attack,
    }


def register(band: list[Played], score: Piece) -> dict[str, float]:
    melody = [note for note in band if note.part == PARTS.index("melody")]
    chords = [note for note in band if note.part == PARTS.index("chords")]
    covered = near = unison = on_top = 0
    for note in melody:
        at = note.start + 0.03
        covered += any(each.start <= at < each.end and each.pitch >= note.pitch for each in chords)
        heard = [each for each in score.notes if each[0] <= at < each[1]]
        top = max((each[2] for each in heard), default=-99)
        near += abs(top - note.pitch) <= 2
        unison += top == note.pitch
        on_top += any(each[4] == MELODY for each in heard)
    total = max(1, len(melody))
    return {
        "covered": covered / total,
        "near": near / total,
        "unison": unison / total,
        "on_top": on_top / total,
    }


def person(score: Piece, begin: float, end: float) -> dict[str, float | None]:
    """The piano under the melody, as the band under the player."""
    melody = [note for note in score.notes if note[4] == MELODY]
    piano = [note for note in score.notes if note[4] == PIANO]
    return {
        "density": correlation(
            counts([n[0] for n in melody], begin, end), counts([n[0] for n in piano], begin, end)
        ),
        "loudness": loudness(
            mean_velocities([(n[0], n[3]) for n in melody], begin, end),
            mean_velocities([(n[0], n[3]) for n in piano], begin, end),
        ),
        "spread": float(np.std([n[3] for n in piano])) if piano else None,
        "spread_player": float(np.std([n[3] for n in score.notes])),
    }


def measured(folder: Path, score: Piece, cache: Path, font: Path, music: dict[str, Any]) -> dict[str, Any]:
    band, reports, second = play(score, cache, font, music)
    first, last = min(note.start for note in band), max(note[0] for note in score.notes)
    minutes = (last - first) / 60
    own = [(note[0], note[3]) for note in score.notes]
    by_part = {name: [n for n in band if n.part == i] for i, name in enumerate(PARTS)}
    drums = {note.velocity // 8 for note in by_part["drums"]}
    return {
        "song": score.name,
        **ending(band, score, key_of(folder)[0], beat_of(folder)),
        "ended": stretches(reports, "ended", first, last, second) / minutes if "ended" in STATES else None,
        "rested": stretches(reports, "resting", first, last, second) / minutes
        if "resting" in STATES
        else None,
        "density": correlation(
            counts([on for on, _ in own], first, last), counts([n.start for n in band], first, last)
        ),
        "density_melody": correlation(
            counts([on for on, _ in own], first, last),
            counts([n.start for n in by_part["melody"]], first, last),
        ),
        "loudness": loudness(
            mean_velocities(own, first, last),
            mean_velocities([(n.start, n.velocity) for n in band], first, last),
        ),
        "spread": {
            name: float(np.std([n.velocity for n in notes])) for name, notes in by_part.items() if notes
        },
        "drum_levels": len(drums),
        **register(band, score),
        "person": person(score, first, last),
    }


def mean(values: list[Any]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return float(np.mean(known)) if known else None


def summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    names = [
        *("ended", "rested", "tonic", "melody", "rings_s", "density", "density_melody", "loudness"),
        *("drum_levels", "covered", "near", "unison", "on_top"),
    ]
    return {
        "songs": len(found),
        "late_median": float(np.median([row["late"] for row in found])),
        "within_a_beat": mean([row["late"] <= 1.05 for row in found]),
        "within_two_beats": mean([row["late"] <= 2.05 for row in found]),
        **{name: mean([row[name] for row in found]) for name in names},
        "spread": {name: mean([row["spread"].get(name) for row in found]) for name in PARTS[:4]},
        "person": {name: mean([row["person"][name] for row in found]) for name in found[0]["person"]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="folder in which what is rendered is kept")
    parser.add_argument("--songs", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--split", choices=("validation", "test"), default="test", help="validation: to choose by"
    )
    parser.add_argument("--listen", help="music.listen")
    parser.add_argument("--ritardando", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    music = {"listen": arguments.listen} if arguments.listen else {}
    found = []
    for number, folder in enumerate(spread(piece_folders(arguments.data, arguments.split), arguments.songs)):
        score = piece(folder, arguments.seconds, arguments.ritardando)
        if score is None:
            continue
        found.append(measured(folder, score, arguments.cache, FONTS[number % 2], music))
        if not arguments.json:
            print(json.dumps(found[-1]), flush=True)
    print(json.dumps({"mean": summary(found), "songs": found} if arguments.json else summary(found)))


if __name__ == "__main__":
    main()
