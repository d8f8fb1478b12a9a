"""How fast files go through the engine, and whether what it plays fits what it hears.

    python bench/offline.py [FILE] [--config RIG] [--block-size 512] [--seed N]

Prints the speed as a multiple of real time (best of three), notes per bar by part, the share of melody notes that
belong to the scale of the key heard when they begin, and the share of melody notes that are tones of the chord
that the band plays, and of the chord that is heard, at that moment.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import mir_eval
import numpy as np

from emohost.cli.common.files import rig_for_files
from emohost.config.music import PARTS
from emohost.labels import NOTHING, ROOTS, Segment
from emohost.offline.performance import perform

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 9, 10, 11)  # natural, harmonic and melodic minor together


def at(stretches: list[Segment], second: float) -> str:
    return next((label for start, end, label in stretches if start <= second < end), NOTHING)


def in_key(pitch: int, key: str) -> bool:
    tonic, mode = key.split(":")
    return (pitch - ROOTS.index(tonic)) % 12 in (MINOR if mode == "min" else MAJOR)


def in_chord(pitch: int, chord: str) -> bool:
    root, tones, _ = mir_eval.chord.encode(chord)
    return bool(tones[(pitch - root) % 12])


def share(fits: list[bool]) -> str:
    return f"{np.mean(fits):.1%} of {len(fits)}" if fits else "none to tell by"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "file", type=Path, nargs="?", default=Path(__file__).parents[1] / "configs" / "demo.flac"
    )
    parser.add_argument("--config", type=Path)
    parser.add_argument("--block-size", type=int, default=512)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    rig, base = rig_for_files(arguments.config, arguments.seed)
    times, processor_times = [], []
    for _ in range(3):
        started, started_processor = time.perf_counter(), time.process_time()
        performance = perform(arguments.file, rig, base, arguments.block_size)
        times.append(time.perf_counter() - started)
        processor_times.append(time.process_time() - started_processor)
    print(
        f"{arguments.file.name}: {performance.duration_s:.1f} s in {min(times):.2f} s, loading included: "
        f"{performance.duration_s / min(times):.1f} x real time at {arguments.block_size} frames; "
        f"{performance.duration_s / min(processor_times):.1f} x by processor time"
    )
    bars = performance.duration_s * rig.music.tempo / 60 / rig.music.beats_per_bar
    notes = performance.notes
    for number, part in enumerate(PARTS):
        count = sum(note.part == number for note in notes)
        print(f"  {part:8} {count:5} notes, {count / bars:5.2f} per bar")
    melody = [note for note in notes if PARTS[note.part] == "melody"]
    for name, stretches, fits in (
        ("in the scale of the key heard", performance.keys, in_key),
        ("in the chord played", performance.chords_played, in_chord),
        ("in the chord heard", performance.chords, in_chord),
    ):
        labelled = [(note.pitch, at(stretches, note.start)) for note in melody]
        print(
            f"  melody {name}: {share([fits(pitch, label) for pitch, label in labelled if label != NOTHING])}"
        )
    print(
        "  keys heard:", ", ".join(f"{label} {start:.1f}-{end:.1f}" for start, end, label in performance.keys)
    )


if __name__ == "__main__":
    main()
