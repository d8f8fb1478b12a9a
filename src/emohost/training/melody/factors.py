"""Fits the factors with which the host draws a melody's pitches, which ext/core/music/parts/melody_factors.cpp holds.

The weight of a pitch is network^a x interval x chord x scale. Their logarithms are fitted together by maximum
likelihood on training songs, given a trained network: a log-linear model, so there is one best answer. Then two of
them are moved, for about 0.1 bits a note: the chord's are sharpened by SHARPER, and notes outside of the scale held
down to OUT_OF_SCALE, since the host plays with others, and not every network knows its scales.

    python -m emohost.training.melody.factors MODEL --data DIR      prints the constants. Needs torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from emohost.training.melody.notes import Notes, notes_of

Float64 = NDArray[np.float64]

FLOOR = 1e-5  # kNetworkFloor
RIDGE = 1e-4
SHARPER = 1.75
OUT_OF_SCALE = (0.6, 0.02)  # and in the chord; and not


@dataclass(frozen=True)
class Factors:
    """Logarithms."""

    exponent: float
    interval: Float64  # (27,) -12 to 12, then further down, further up
    chord: Float64  # (5, 2) by metrical weight: a semitone above a chord tone; another tone that is none
    scale: Float64  # (2,) out of the scale: and in the chord; and not


def interval_index(interval: NDArray[np.integer]) -> NDArray[np.int64]:
    inside = np.abs(interval) <= 12
    return np.where(inside, interval + 12, np.where(interval < 0, 25, 26)).astype(np.int64)


def fit(notes: Notes, most: int = 40_000) -> Factors:
    import torch

    chosen = np.random.default_rng(1).permutation(len(notes.pitch))[:most]
    network = torch.from_numpy(np.log(notes.network[chosen].astype(np.float64) + FLOOR))
    pitches = np.arange(128)
    interval = torch.from_numpy(interval_index(pitches[None] - notes.previous[chosen][:, None]))
    relation, scale = (
        torch.from_numpy(each[chosen].astype(np.int64)) for each in (notes.relation, notes.scale)
    )
    weight = torch.from_numpy(notes.weight[chosen].astype(np.int64))
    target = torch.from_numpy(notes.pitch[chosen].astype(np.int64))
    exponent = torch.full((1,), 0.7, dtype=torch.float64, requires_grad=True)
    intervals = torch.zeros(27, dtype=torch.float64, requires_grad=True)
    chords = torch.zeros(5, 2, dtype=torch.float64, requires_grad=True)
    scales = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    parameters = [exponent, intervals, chords, scales]
    optimiser = torch.optim.LBFGS(parameters, max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        chord_table = torch.cat([torch.zeros(5, 1, dtype=torch.float64), chords], dim=1)
        scale_table = torch.cat([torch.zeros(1, dtype=torch.float64), scales])
        logits = exponent * network + intervals[interval]
        logits = logits + chord_table[weight[:, None], relation] + scale_table[scale]
        found = torch.nn.functional.cross_entropy(logits, target)
        found = found + RIDGE * sum((p**2).sum() for p in parameters[1:])
        found.backward()
        return found

    optimiser.step(loss)
    return Factors(exponent.item(), *(each.detach().numpy() for each in (intervals, chords, scales)))


def as_cpp(factors: Factors) -> str:
    """Factors as C++ constants; the interval's largest is 1."""

    def row(logs: Float64) -> str:
        return ", ".join(f"{value:.3g}f" for value in np.exp(logs))

    interval = factors.interval - factors.interval.max()
    chords = ",\n    ".join(f"{{{row(each)}}}" for each in SHARPER * factors.chord)
    return (
        f"constexpr float kNetworkExponent = {factors.exponent:.3f}f;\n"
        f"constexpr float kInterval[25] = {{{row(interval[:25])}}};\n"
        f"constexpr float kFurtherDown = {np.exp(interval[25]):.3g}f, kFurtherUp = {np.exp(interval[26]):.3g}f;\n"
        f"constexpr float kOutOfChord[kWeights][2] = {{\n    {chords}}};\n"
        f"constexpr float kOutOfScaleInChord = {OUT_OF_SCALE[0]}f, kOutOfScale = {OUT_OF_SCALE[1]}f;"
    )


@click.command()
@click.argument("model", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--data", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(model: Path, data: Path) -> None:
    """Prints the factors that fit MODEL and the training songs best."""
    from emohost.networks import load_model
    from emohost.training.data_sets.folders import default_cache
    from emohost.training.melody.data import Stretch, load_songs, melodies
    from emohost.training.progress import silent

    train = melodies(load_songs(data, default_cache(), silent).of("train"))
    notes = notes_of(train, Stretch.of(train), load_model(model, "melody"))
    click.echo(as_cpp(fit(notes)))


if __name__ == "__main__":
    main()
