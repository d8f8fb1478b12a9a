"""Time of one step of the five networks in a chain, for each instruction set, with warm and with cold caches.

`python bench/networks.py [STEPS]`. Cold: 64 MB are touched before each step. About 1 us of each network's share is the
call from Python; memory speed is what the rest is made of, so a plain sum over as many bytes stands beside it.
"""

from __future__ import annotations

import sys
from time import perf_counter_ns

import numpy as np

from emohost import _core
from emohost.networks import ROLES, find_model, load_model

COLD_BYTES = 64 * 1024 * 1024


def chain(isa: str) -> tuple[list[_core.Model], list[np.ndarray]]:
    """The five networks and an input for each."""
    random = np.random.default_rng(0)
    networks = [load_model(find_model(role, None, None), role, isa=isa).native for role in ROLES]
    return networks, [random.uniform(-1, 1, network.inputs).astype(np.float32) for network in networks]


def measure(isa: str, steps: int, cold: bool) -> np.ndarray:
    """Microseconds of each step."""
    networks, inputs = chain(isa)
    other = np.zeros(COLD_BYTES // 8)
    readings = []
    for _ in range(steps):
        if cold:
            other += 1
        started = perf_counter_ns()
        for network, x in zip(networks, inputs, strict=True):
            network.evaluate(x)
            network.commit()
        readings.append((perf_counter_ns() - started) / 1000)
    return np.array(readings[steps // 10 :])


def streaming(megabytes: float, steps: int) -> np.ndarray:
    """Microseconds to read as many bytes once (float32 dot product with itself)."""
    values = np.ones(int(megabytes * 1e6) // 4, dtype=np.float32)
    readings = []
    for _ in range(steps):
        started = perf_counter_ns()
        values.dot(values)
        readings.append((perf_counter_ns() - started) / 1000)
    return np.array(readings[steps // 10 :])


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    megabytes = sum(network.memory_bytes for network in chain("automatic")[0]) / 1e6
    rows = [
        (f"{isa} {'cold' if cold else 'warm'}", measure(isa, steps // 10 if cold else steps, cold))
        for isa in _core.available_isas()
        for cold in (False, True)
    ]
    rows.append((f"reading {megabytes:.2f} MB", streaming(megabytes, steps)))
    print(f"{'us a step':18} {'min':>8} {'median':>8} {'p99':>8}")
    for name, readings in rows:
        print(
            f"{name:18} {readings.min():8.1f} {np.median(readings):8.1f} {np.percentile(readings, 99):8.1f}"
        )


if __name__ == "__main__":
    main()
