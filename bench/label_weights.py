"""How much each cue of a score tells of what people feel: the weights of the label model against VGMIDI's listeners.

    python bench/label_weights.py --data DIR

Cues are read from the notes of the phrases, never from sound. For each axis a logistic model of the cues' levels is
fitted, held towards the weights of `labels.py` by a ridge; no weight is below 0, and they add up to 1. Brightness is
not in a score and keeps its share. Printed: the area under the curve in ten folds, of the weights of `labels.py` and of
each ridge, and the weights that each ridge finds on all phrases. What a network makes of them: models/README.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from emohost.training.data_sets.labels import WEIGHTS, Cues, cues_of_notes, levels
from emohost.training.data_sets.vgmidi import Phrase, phrases
from emohost.training.emotion.people import AXES, area

RIDGES = (0.3, 0.1, 0.03, 0.01, 0.003)
FOLDS = 10


def cues(phrase: Phrase) -> Cues:
    """Of its notes, by its own tempo."""
    onsets, durations, pitches, velocities = [], [], [], []
    sounding: dict[int, list[tuple[float, int]]] = {}
    now, tempo = 0.0, 500_000
    for message in phrase.midi:
        now += message.time
        if message.type == "set_tempo":
            tempo = message.tempo
        elif message.type == "note_on" and message.velocity:
            sounding.setdefault(message.note, []).append((now, message.velocity))
        elif message.type in ("note_on", "note_off") and sounding.get(message.note):
            began, velocity = sounding[message.note].pop(0)
            onsets.append(began)
            durations.append(now - began)
            pitches.append(message.note)
            velocities.append(velocity)
    return cues_of_notes(
        onsets, durations, pitches, velocities, tempo_bpm=60e6 / tempo, length_s=phrase.midi.length
    )


def fitted(
    heard: np.ndarray[Any, Any], yes: np.ndarray[Any, Any], prior: np.ndarray[Any, Any], ridge: float
) -> Any:
    """Weights (cues,) that add up to 1. The slope and the zero are free; the ridge holds the weights for a slope."""
    side = np.where(yes, 1.0, -1.0)

    def loss(numbers: np.ndarray[Any, Any]) -> float:
        weights, slope, zero = numbers[:-2], numbers[-2], numbers[-1]
        said = slope * (heard @ weights) + zero
        return float(np.logaddexp(0, -side * said).mean() + ridge * ((weights - prior) ** 2).sum() * slope**2)

    start = np.concatenate([prior, [3.0, 0.0]])
    bounds = [(0.0, 0.0) if held == 0 else (0.0, 1.0) for held in prior] + [(0.5, 30.0), (-20.0, 20.0)]
    weights = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x[:-2]
    return weights / weights.sum()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds vgmidi")
    found = phrases(parser.parse_args().data)
    names = [name for name in WEIGHTS if name != "brightness"]
    heard = np.array([[levels(cues(each))[name] for name in names] for each in found])
    fold = np.random.default_rng(1).permutation(len(found)) % FOLDS
    for axis, word in enumerate(AXES):
        yes = np.array([(each.valence, each.arousal)[axis] > 0 for each in found])
        prior = np.array([WEIGHTS[name][axis] for name in names])
        print(f"{word}: {'':10} AUC   " + "  ".join(f"{name:>12}" for name in names))
        shown = "  ".join(f"{weight:12.2f}" for weight in prior)
        print(f"{'labels.py':>18}  {area(heard @ prior, yes):.3f}  {shown}")
        for ridge in RIDGES:
            said = np.zeros(len(found))
            for out in range(FOLDS):
                kept = fold != out
                weights = fitted(heard[kept], yes[kept], prior, ridge)
                said[~kept] = heard[~kept] @ weights
            whole = fitted(heard, yes, prior, ridge) * prior.sum()
            shown = "  ".join(f"{weight:12.2f}" for weight in whole)
            print(f"{f'ridge {ridge:g}':>18}  {area(said, yes):.3f}  {shown}")


if __name__ == "__main__":
    main()
