"""How well beats are heard live, beside what others hear: clips of held-out songs, lead sheets and drummers, rendered.

    python bench/beats.py --data ../shared/data [--split test] [--clips 40] [--peer aubio=OTHER/bin/python ...] [--json]

mir_eval's F (within 70 ms), CMLt, AMLt and the F of downbeats, from 5 s on, mean over clips. emohost and the peers that
are named with a Python that has them (bench/beat_peers.py) tell each beat when it comes; librosa hears the whole clip
first. The clips are those of `emohost train beat`, whose cache is used.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import soundfile

from emohost.networks import load_model
from emohost.training.beat.clips import Clip, clips
from emohost.training.beat.data import heard
from emohost.training.beat.measures import MEASURES, measured, tracked
from emohost.training.beat.scores import rises
from emohost.training.data_sets.folders import default_cache
from emohost.training.progress import silent
from emohost.training.rendering.render import RATE

PEERS = Path(__file__).with_name("beat_peers.py")
Beats = tuple[np.ndarray, np.ndarray]  # beats and downbeats, seconds
NONE = np.zeros(0)


def emohost(model: Path) -> Callable[[Clip], Beats]:
    network = load_model(model, "beat")

    def hear(clip: Clip) -> Beats:
        network.reset()
        features, at_s = heard(clip.audio)
        return tracked(network.process(features), at_s)

    return hear


def chance(clip: Clip) -> Beats:
    """The clip's own mean tempo, from a moment that has nothing to do with it."""
    beat_s = float(np.diff(clip.beats).mean())
    start = np.random.default_rng(len(clip.audio) + len(clip.beats)).uniform(0, beat_s)
    return np.arange(start, len(clip.audio) / RATE, beat_s), NONE


def mean_rise(clip: Clip) -> Beats:
    """The simplest rule: the listener's bar pointer on the mean rise of all bands, without a network."""
    features, at_s = heard(clip.audio)
    return tracked(rises(features), at_s)


def librosa(clip: Clip) -> Beats:
    """Looks ahead."""
    from librosa.beat import beat_track

    _, beats = beat_track(y=clip.audio, sr=RATE, units="time")
    return np.asarray(beats), NONE


def peer(name: str, python: str) -> Callable[[Clip], Beats]:
    def hear(clip: Clip) -> Beats:
        with tempfile.TemporaryDirectory() as folder:
            sound = Path(folder) / "clip.wav"
            soundfile.write(sound, clip.audio, RATE)
            command = [python, str(PEERS), name, str(sound)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{name}: {done.stderr.strip()[-500:]}")
        answer = json.loads(done.stdout.splitlines()[-1])
        return np.array(answer["beats"]), np.array(answer["downbeats"])

    return hear


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("models/beat.json"))
    parser.add_argument("--split", choices=("validation", "test"), default="test")
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    hearers = {
        "emohost": emohost(arguments.model),
        "mean rise": mean_rise,
        "chance": chance,
        "librosa (looks ahead)": librosa,
    }
    for each in arguments.peer:
        name, _, python = each.partition("=")
        hearers[name] = peer(name, python)
    rows: dict[tuple[str, str], list[list[float]]] = {}
    found = clips(arguments.data, default_cache(), arguments.split, silent)
    for clip in islice(found, arguments.clips):
        for name, hear in hearers.items():
            scores = measured(clip.beats, clip.downbeats, *hear(clip))
            for kind in (clip.kind, "all"):
                rows.setdefault((name, kind), []).append([scores[measure] for measure in MEASURES])
    table = {key: np.mean(row, axis=0) for key, row in rows.items()}
    if arguments.json:
        print(
            json.dumps(
                {
                    f"{name}, {kind}": dict(zip(MEASURES, row.tolist(), strict=True))
                    for (name, kind), row in table.items()
                }
            )
        )
        return
    print(f"{'':32}" + "".join(f"{measure:>12}" for measure in MEASURES))
    for (name, kind), row in sorted(table.items()):
        print(f"{name + ', ' + kind:32}" + "".join(f"{value:12.2f}" for value in row))


if __name__ == "__main__":
    main()
