"""How long one step of a network takes, here and now."""

from __future__ import annotations

from statistics import median
from time import perf_counter_ns

import numpy as np

from emohost.networks.load import Network

BATCH = 16  # steps for each reading of the clock, so that the call from Python weighs little


def measure_latency_us(network: Network, steps: int = 400) -> float:
    """Median time of one step in microseconds, over `steps` steps on random input, warm. Resets the network."""
    x = np.random.default_rng(0).standard_normal((BATCH, network.info.inputs)).astype(np.float32)
    process = network.native.process
    process(x)
    readings = []
    for _ in range(max(1, steps // BATCH)):
        started = perf_counter_ns()
        process(x)
        readings.append((perf_counter_ns() - started) / (1000 * BATCH))
    network.reset()
    return median(readings)
