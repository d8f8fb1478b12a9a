"""The whole engine per block: wall-clock percentiles from its own reports, and processor time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emohost._core import Engine

if TYPE_CHECKING:
    from emohost._core import Float32

SAMPLE_RATE, BLOCK_SIZE = 48000, 256
SECONDS, WARM_UP_S = 20.0, 1.0


@dataclass(frozen=True)
class PipelineTiming:
    """Times of one block in microseconds; `deadline_us` is the block's length."""

    sample_rate: int
    block_size: int
    blocks: int
    deadline_us: float
    median_us: float
    p99_us: float
    max_us: float
    cpu_percent: float
    """Processor time of this thread per second of audio."""
    memory_bytes: int


def time_pipeline(engine: Engine, audio: Float32, sample_rate: int, block_size: int) -> PipelineTiming:
    """Plays `audio` (frames, channels) in blocks, the first second apart from the rest. One thread."""
    warm_up = block_size * round(WARM_UP_S * sample_rate / block_size)
    engine.render(audio[:warm_up], block_size)
    engine.take_reports()
    engine.take_hops()
    started_ns = time.thread_time_ns()
    engine.render(audio[warm_up:], block_size)
    cpu_s = (time.thread_time_ns() - started_ns) / 1e9
    took_us = engine.take_reports()["duration_ns"] / 1000
    return PipelineTiming(
        sample_rate,
        block_size,
        len(took_us),
        1e6 * block_size / sample_rate,
        float(np.median(took_us)),
        float(np.percentile(took_us, 99)),
        float(took_us.max()),
        100 * cpu_s * sample_rate / (len(audio) - warm_up),
        engine.memory_bytes,
    )


def music(sample_rate: int, seconds: float) -> Float32:
    """Something to play along to, (frames, 1): a chord per half second, struck and decaying, over soft noise."""
    rng = np.random.default_rng(1)
    time_s = np.arange(round(sample_rate * seconds)) / sample_rate
    since_s = time_s % 0.5
    roots = np.array([0, 9, 5, 7])[(time_s // 2).astype(int) % 4]
    sound = sum(
        np.sin(2 * np.pi * 220 * 2 ** ((roots + interval) / 12) * partial * time_s) / partial
        for interval in (3, 7, 10)
        for partial in (1, 2, 3)
    )
    sound = 0.08 * sound * np.exp(-4 * since_s) + 0.003 * rng.normal(size=len(time_s))
    return np.ascontiguousarray(sound[:, np.newaxis], dtype=np.float32)
