"""How well the host hears key and chords: held-out POP909 songs, rendered by fluidsynth.

    python bench/key_score.py --data ../shared/data [--songs 60] [--seconds 90] [--json]

Key: mir_eval's weighted (MIREX) score of the key in force at each hop against the song's label at that moment,
averaged over time from 10 s after the music begins to the end of what was rendered, then over songs. Where a song has
several keys, the one whose segment holds the moment counts (gaps: the next segment; after the last: the last). Also the
score at exactly 10 s. Chords: mir_eval's majmin score, weighted by duration, over the same stretch, as heard live: the
delay of hearing counts against it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import mir_eval
import numpy as np
import pop909

from emohost._core import Listener

SETTLED_S = 10.0
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
QUALITIES = ("maj", "min", "7", "maj7", "min7")
DIMINISHED_FROM = 61


def key_name(tonic: int, minor: bool) -> str:
    return f"{NOTES[tonic]} {'minor' if minor else 'major'}"


def label_name(label: str) -> str:
    tonic, mode = label.split(":")
    return f"{tonic} {'minor' if mode.startswith('min') else 'major'}"


def chord_name(chord: int) -> str:
    """A class of theory/chords.h with absolute root, in Harte's syntax."""
    if chord < 0 or chord == 60:
        return "N"
    if chord >= DIMINISHED_FROM:
        return f"{NOTES[chord - DIMINISHED_FROM]}:dim7"
    return f"{NOTES[chord // 5]}:{QUALITIES[chord % 5]}"


def key_at(keys: pop909.Segments, second: float) -> str:
    for _, end, label in keys:
        if second < end:
            return label
    return keys[-1][2]


def key_score(heard: np.ndarray, times: np.ndarray, keys: pop909.Segments) -> float:
    scores = []
    for row, second in zip(heard[::10], times[::10], strict=True):
        if row["tonic"] < 0:
            scores.append(0.0)
            continue
        reference, estimate = label_name(key_at(keys, second)), key_name(row["tonic"], row["minor"])
        scores.append(mir_eval.key.weighted_score(reference, estimate))
    return float(np.mean(scores))


def chord_score(heard: np.ndarray, times: np.ndarray, chords: pop909.Segments) -> float:
    start, end = times[0], times[-1]
    inside = [(max(a, start), min(b, end), label) for a, b, label in chords if b > start and a < end]
    reference = np.array([(a, b) for a, b, _ in inside])
    changes = np.flatnonzero(np.diff(heard["chord"], prepend=-2))
    edges = np.append(times[changes], end)
    keep = np.diff(edges) > 0
    estimate = np.stack([edges[:-1], edges[1:]], axis=1)[keep]
    names = [chord_name(chord) for chord in heard["chord"][changes][keep]]
    intervals, labels = mir_eval.util.adjust_intervals(
        estimate, names, reference.min(), reference.max(), mir_eval.chord.NO_CHORD, mir_eval.chord.NO_CHORD
    )
    merged, ref_labels, est_labels = mir_eval.util.merge_labeled_intervals(
        reference, [label for _, _, label in inside], intervals, labels
    )
    durations = mir_eval.util.intervals_to_durations(merged)
    return float(mir_eval.chord.weighted_accuracy(mir_eval.chord.majmin(ref_labels, est_labels), durations))


def score_song(song: pop909.Song, audio: np.ndarray, sample_rate: int) -> dict[str, float | str]:
    heard = Listener(sample_rate).process(audio)
    begin = heard["frame"][np.argmax(heard["sounding"])] / sample_rate
    times = heard["frame"] / sample_rate
    after = times >= begin + SETTLED_S
    return {
        "song": song.folder.name,
        "key": key_score(heard[after], times[after], song.keys()),
        "key_at_10s": key_score(heard[after][:1], times[after][:1], song.keys()),
        "chord_majmin": chord_score(heard[after], times[after], song.chords()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that holds pop909/")
    parser.add_argument("--songs", type=int, default=60, help="how many held-out songs")
    parser.add_argument("--seconds", type=float, default=90, help="of each song")
    parser.add_argument("--soundfont", type=Path, default=pop909.SOUNDFONT)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = []
    for song in pop909.evenly(pop909.songs(options.data, held_out=True), options.songs):
        audio = pop909.render(song, options.seconds, soundfont=options.soundfont)
        results.append(score_song(song, audio, 44100))
        if not options.json:
            print(
                "  ".join(
                    f"{k} {v if isinstance(v, str) else format(v, '.3f')}" for k, v in results[-1].items()
                )
            )
    means = {
        name: float(np.mean([r[name] for r in results])) for name in ("key", "key_at_10s", "chord_majmin")
    }
    if options.json:
        print(json.dumps({"songs": results, "mean": means}))
    else:
        print(f"{len(results)} held-out songs:", ", ".join(f"{k} {v:.3f}" for k, v in means.items()))


if __name__ == "__main__":
    main()
