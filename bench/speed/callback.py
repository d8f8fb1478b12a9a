"""The whole callback: features, five networks, musician, rings."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from figures import Readings, growth, spread, table

from emohost._core import Pacer
from emohost.cli.common.files import rig_for_files
from emohost.config.schema import Engine as EngineSection
from emohost.offline.engine import build_engine
from emohost.validate.pipeline import music

if TYPE_CHECKING:
    from emohost._core import Float32

RATE = 48000
PACED = {256: 0.05, 128: 0.10, 32: 0.35}  # frames: share of the deadline that 99.9 % must stay below
BLOCKS = 100_000
BLOCK_SIZES = (32, 64, 128, 256, 512, 1024, 2048)
MUSIC_S, COST_S, COST_ROUNDS = 30.0, 60.0, 5
QUEUE_S = 0.05


@dataclass(frozen=True)
class PacedRun:
    block_size: int
    took_us: Readings
    late: int
    realtime: bool

    @property
    def deadline_us(self) -> float:
        return 1e6 * self.block_size / RATE


def _engine(block_size: int, precision: str = "auto"):  # type: ignore[no-untyped-def]
    rig, base = rig_for_files(None, None)
    rig = rig.model_copy(update={"engine": EngineSection(precision=precision)})
    return build_engine(rig, base, RATE, 1, block_size).engine


def paced_runs(share: float) -> list[PacedRun]:
    return [_paced(block_size, round(share * BLOCKS)) for block_size in PACED]


def _paced(block_size: int, blocks: int) -> PacedRun:
    """So many blocks of music in real time, on a native thread as a sound card's."""
    print(f"{blocks} blocks of {block_size} frames, paced: {blocks * block_size / RATE:.0f} s", flush=True)
    engine = _engine(block_size)
    audio = music(RATE, MUSIC_S)
    pacer = Pacer(engine, block_size, paced=True)
    left, at = blocks * block_size, 0
    reports = []
    started = False
    while True:
        while left > 0:
            taken = pacer.feed(audio[at : at + min(left, len(audio) - at)])
            at, left = (at + taken) % len(audio), left - taken
            if taken == 0:
                break
        if left == 0:
            pacer.end()
        if not started:
            pacer.start()
            started = True
        engine.shared.pop_event_array()
        reports.append(engine.shared.pop_reports()["duration_ns"].copy())
        if not pacer.running and engine.shared.blocks >= blocks:
            break
        time.sleep(QUEUE_S)
    realtime, late = pacer.realtime, pacer.late
    pacer.stop()
    reports.append(engine.shared.pop_reports()["duration_ns"].copy())
    return PacedRun(block_size, np.concatenate(reports) / 1e3, late, realtime)


def deadline_table(runs: list[PacedRun]) -> list[str]:
    heads = ["frames", "blocks", "min", "median", "p99", "max", "p99.9", "of the deadline", "limit", "within it",
             "started late", "last tenth / first"]  # fmt: skip
    rows = []
    for run in runs:
        limit = PACED[run.block_size]
        p999 = float(np.percentile(run.took_us, 99.9))
        within = float(np.mean(run.took_us <= limit * run.deadline_us))
        rows.append([
            str(run.block_size), str(len(run.took_us)), *spread(run.took_us), f"{p999:.0f}",
            f"{p999 / run.deadline_us:.1%}", f"{limit:.0%}", f"{within:.3%}", str(run.late),
            f"{growth(run.took_us):.2f}",
        ])  # fmt: skip
    priority = "with" if all(run.realtime for run in runs) else "WITHOUT"
    text = (
        f"Native thread {priority} a real-time priority, paced as a sound card paces it, music at 48 kHz, "
        "`engine.precision: auto`; µs by the callback's own clock. Wanted: 99.9 % of the blocks within the limit."
    )
    return ["## The whole callback, paced", "", text, "", *table(heads, rows)]


def costs(share: float) -> dict[str, dict[int, Readings]]:
    """By precision and block size, µs of each block, not paced: of each the best of so many rounds."""
    audio = music(RATE, max(3.0, share * COST_S))
    found: dict[str, dict[int, Readings]] = {}
    for precision in ("auto", "float32"):
        for block_size in BLOCK_SIZES:
            rounds = [_took_us(_engine(block_size, precision), audio, block_size) for _ in range(COST_ROUNDS)]
            found.setdefault(precision, {})[block_size] = np.min(rounds, axis=0)
    return found


def _took_us(engine, audio: Float32, block_size: int) -> Readings:  # type: ignore[no-untyped-def]
    engine.render(audio, block_size)
    return engine.take_reports()["duration_ns"] / 1e3


def cost_table(costs: dict[str, dict[int, Readings]]) -> list[str]:
    heads = [
        "frames",
        *(
            f"{name}: {what}"
            for name in costs
            for what in ("median µs", "p99 µs", "worst / median", "ms per s of audio")
        ),
    ]
    rows = []
    for block_size in BLOCK_SIZES:
        row = [str(block_size)]
        for by_size in costs.values():
            took = by_size[block_size]
            whole = took.sum() / 1e3 / (len(took) * block_size / RATE)
            median = float(np.median(took))
            row += [
                f"{median:.0f}",
                f"{np.percentile(took, 99):.0f}",
                f"{took.max() / median:.2f}",
                f"{whole:.1f}",
            ]
        rows.append(row)
    text = (
        f"Music at 48 kHz; each block's time is the best of {COST_ROUNDS} rounds, so that other programs do not count. "
        "The worst block is wanted within 1.5 medians."
    )
    return ["## Cost by block size, not paced", "", text, "", *table(heads, rows)]
