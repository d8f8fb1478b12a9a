"""Latency and memory of each network by itself, one step at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from emohost._core import Model

STEPS, WARM_UP = 2000, 200


@dataclass(frozen=True)
class NetworkTiming:
    """One row of the table. Times of one step as Python calls it, in microseconds."""

    role: str
    file: str
    architecture: str
    parameters: int
    memory_bytes: int
    isa: str
    precision: str
    """Of the weights."""
    first_us: float
    """The first step: cold caches."""
    median_us: float
    p99_us: float
    max_us: float


def time_network(
    role: str,
    file: str,
    architecture: str,
    parameters: int,
    precision: str,
    model: Model,
    steps: int = STEPS,
) -> NetworkTiming:
    """Random input, the first steps apart from the rest; `model` is left with another state. One thread."""
    inputs = np.random.default_rng(1).normal(size=(steps + WARM_UP, 1, model.inputs)).astype(np.float32)
    took = np.empty(len(inputs))
    for number, x in enumerate(inputs):
        started = time.perf_counter_ns()
        model.process(x)
        took[number] = time.perf_counter_ns() - started
    took_us = took / 1000
    settled = took_us[WARM_UP:]
    return NetworkTiming(
        role,
        file,
        architecture,
        parameters,
        model.memory_bytes,
        model.isa,
        precision,
        float(took_us[0]),
        float(np.median(settled)),
        float(np.percentile(settled, 99)),
        float(settled.max()),
    )
