"""Two pictures: latency by block size, and every callback against its deadline."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
from callback import PACED, RATE, PacedRun
from figures import Readings

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def latency_by_block_size(file: Path, costs: dict[str, dict[int, Readings]], paced: list[PacedRun]) -> None:
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for name, by_size in costs.items():
        sizes = list(by_size)
        medians = [np.median(took) for took in by_size.values()]
        tails = [np.percentile(took, 99) for took in by_size.values()]
        (line,) = axes.plot(sizes, medians, "o-", label=f"{name}, median")
        axes.plot(sizes, tails, "--", color=line.get_color(), label=f"{name}, 99th percentile")
    for run in paced:
        label = "paced, median to 99.9th percentile" if run is paced[0] else None
        ends = [np.median(run.took_us), np.percentile(run.took_us, 99.9)]
        axes.plot([run.block_size] * 2, ends, color="black", marker="_", label=label)
    every = list(next(iter(costs.values())))
    axes.plot(every, [1e6 * size / RATE for size in every], ":", color="grey", label="deadline")
    axes.set(xscale="log", yscale="log", xlabel="frames a block, 48 kHz", ylabel="callback, µs")
    axes.set_xticks(every, [str(size) for size in every])
    axes.minorticks_off()
    axes.legend(fontsize=8)
    figure.savefig(file, dpi=120)
    plt.close(figure)


def against_deadline(file: Path, runs: list[PacedRun]) -> None:
    figure, all_axes = plt.subplots(len(runs), 1, figsize=(7, 2.2 * len(runs)), layout="constrained")
    edges = np.geomspace(0.2, 200, 160)  # percent of the deadline
    for axes, run in zip(np.atleast_1d(all_axes), runs, strict=True):
        axes.hist(100 * run.took_us / run.deadline_us, edges, log=True)
        axes.axvline(100 * PACED[run.block_size], color="tab:orange", label="wanted for 99.9 %")
        axes.axvline(100, color="tab:red", label="deadline")
        axes.set(xscale="log", xlim=(edges[0], edges[-1]), ylabel="blocks", title=f"{run.block_size} frames")
    np.atleast_1d(all_axes)[0].legend(fontsize=8)
    np.atleast_1d(all_axes)[-1].set_xlabel("callback, % of the block's duration")
    figure.savefig(file, dpi=120)
    plt.close(figure)
