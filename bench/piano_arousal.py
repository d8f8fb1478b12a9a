"""Whether an emotion network hears energy in piano music whose dynamics vary, where no listener has said so.

    python bench/piano_arousal.py --data DIR [MODEL ...]

Half minutes of POP909's validation songs, all of it as one piano, rendered with FluidR3 at one gain (-25 dBFS on
average) and heard cold. What stands for listeners is the sum of standardised note density (logarithm) and mean velocity
of the second half; a half minute is lively above the median. Printed of each network, over the second halves:
correlation with density, velocity and their sum, the area under the curve, and how often it is right at 0. Beside it
the level of the sound alone; chance is 0.5. What listeners themselves say: `emohost models evaluate --role emotion`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import mido
import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "chords_played"))
from pieces import Note
from played_by_people import notes_of, spread

from emohost.networks.load import load_model
from emohost.training.data_sets.pop909.files import piece_folders
from emohost.training.emotion.decoded import emotion_of
from emohost.training.emotion.people import USUAL_DB, area
from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT, synthesize
from emohost.training.rendering.listening import listen
from emohost.training.rendering.render import RATE, Float32, level_db

SECONDS, SONGS, BEGINS = 30.0, 70, (0.15, 0.55)  # of a song
TICKS_PER_S = 960
SHIPPED = Path(__file__).parent.parent / "models" / "emotionrecognizer.json"


def excerpts(data: Path) -> list[list[Note]]:
    """Notes of half minutes, in seconds from their beginning."""
    found = []
    for folder in spread(piece_folders(data, "validation"), SONGS):
        notes = notes_of(folder)
        end = max(note[1] for note in notes)
        for begin in (share * end for share in BEGINS):
            here = [
                (on - begin, min(off - begin, SECONDS), *rest)
                for on, off, *rest in notes
                if begin <= on < begin + SECONDS
            ]
            if here:
                found.append(here)
    return found


def rendered(notes: list[Note]) -> Float32:
    events = [(on, pitch, velocity) for on, _, pitch, velocity, _ in notes]
    events += [(off, pitch, 0) for on, off, pitch, _, _ in notes]
    track, now = mido.MidiTrack(), 0
    for at, pitch, velocity in sorted(events, key=lambda event: (event[0], event[2] > 0)):
        tick = round(at * TICKS_PER_S)
        track.append(mido.Message("note_on", note=pitch, velocity=velocity, time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=round(SECONDS * TICKS_PER_S) - now))
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_S // 2, tracks=[track])
    return synthesize(file, TRAIN_SOUNDFONT, RATE, effects=False)[: round(SECONDS * RATE)]


def energy(notes: list[Note]) -> tuple[float, float]:
    """Logarithm of the density and mean velocity of the second half."""
    late = [note[3] for note in notes if note[0] >= SECONDS / 2]
    return float(np.log(max(len(late), 1))), float(np.mean(late or [0]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds pop909")
    parser.add_argument("models", nargs="*", type=Path, default=[SHIPPED], metavar="MODEL")
    options = parser.parse_args()
    notes = excerpts(options.data)
    cues = np.array([energy(each) for each in notes])
    density, velocity = ((cues - cues.mean(axis=0)) / cues.std(axis=0)).T
    lively = density + velocity > np.median(density + velocity)
    sounds = [rendered(each) for each in notes]
    levels = np.array([level_db(sound) for sound in sounds])
    gain = np.float32(10 ** ((USUAL_DB - levels.mean()) / 20))
    heard = [listen(sound * gain) for sound in sounds]
    print(f"{len(notes)} half minutes; level alone: AUC {area(levels, lively):.2f}")
    for model in options.models:
        network = load_model(model, "emotion")
        said = np.array([emotion_of(network, each)[len(each) // 2 :, 1].mean() for each in heard])
        against = " ".join(
            f"{name} {np.corrcoef(said, cue)[0, 1]:.2f}"
            for name, cue in (("density", density), ("velocity", velocity), ("sum", density + velocity))
        )
        print(
            f"{model}: {against}; AUC {area(said, lively):.2f}, right at 0 {np.mean((said > 0) == lively):.2f}"
        )


if __name__ == "__main__":
    main()
