"""Time of one `EmotionRing.write` from Python, by the kind of what is written: `python bench/ring_write.py [WRITES]`.

It writes to a ring that no host listens to; a host's reading costs the writer nothing but the way of the cache lines.
"""

from __future__ import annotations

import sys
from time import perf_counter_ns

import numpy as np

from emohost.bridge import EmotionRing
from emohost.bridge.queues import remove_queues
from emohost.emotion import encode

RING = "bench"


def measure(ring: EmotionRing, embedding: object, writes: int) -> np.ndarray:
    """Nanoseconds of each call, that of the clock itself included."""
    readings = np.empty(writes)
    for i in range(writes):
        started = perf_counter_ns()
        ring.write(embedding)
        readings[i] = perf_counter_ns() - started
    return readings[writes // 10 :]


def main() -> None:
    writes = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    embedding = encode(0.4, 0.7)
    kinds = {
        "float32 array": embedding,
        "list": embedding.tolist(),
        "float64 array": embedding.astype(np.float64),
    }
    with EmotionRing(RING) as ring:
        for name, value in kinds.items():
            p50, p99, p999 = np.percentile(measure(ring, value, writes), [50, 99, 99.9]) / 1000
            print(f"{name:14} median {p50:.2f} µs, p99 {p99:.2f} µs, p99.9 {p999:.2f} µs")
    remove_queues(RING)


if __name__ == "__main__":
    main()
