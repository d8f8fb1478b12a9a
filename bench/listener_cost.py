"""What hearing costs: mean per second of audio and per hop, and the worst tick, on one core.

    python bench/listener_cost.py [--seconds 20] [--repeats 7]

A busy synthetic band (ten notes, noise bursts). CPU time of this thread, the best of the repeats for each tick, so that
other programs do not count; a tick's time includes the call from Python (about 5 us).
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from emohost._core import Listener

HOPS_PER_S, TICKS_PER_HOP = 50, 4


def band(seconds: float, sample_rate: int) -> np.ndarray:
    t = np.arange(round(seconds * sample_rate)) / sample_rate
    rng = np.random.default_rng(1)
    fade = np.exp(-np.mod(t, 0.5) * 3)
    sound = 0.1 * rng.normal(0, 1, len(t)) * np.exp(-np.mod(t, 0.25) * 40)
    for note in (33, 45, 52, 57, 60, 64, 69, 72, 76, 81):
        pitch = 440 * 2 ** ((note - 69 + np.floor(t / 0.5) % 5) / 12)
        sound += 0.03 * fade * sum(np.sin(2 * np.pi * k * pitch * t) / k for k in range(1, 9))
    return sound.astype(np.float32)


def tick_times(listener: Listener, audio: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """CPU seconds of each tick; the parts between two edges are fed in one call."""
    times = np.empty(len(edges) - 1)
    for i in range(len(times)):
        piece = audio[edges[i] : edges[i + 1]]
        start = time.thread_time_ns()
        listener.process(piece)
        times[i] = time.thread_time_ns() - start
    return times * 1e-9


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    for sample_rate in (44100, 48000, 96000):
        audio = band(options.seconds, sample_rate)
        ticks = int(options.seconds * HOPS_PER_S * TICKS_PER_HOP)
        edges = np.floor(np.arange(ticks + 1) / (HOPS_PER_S * TICKS_PER_HOP) * sample_rate + 0.5).astype(int)
        for layout in ("emohost1", "mel128"):
            means, best = [], np.full(ticks, np.inf)
            for _ in range(options.repeats):
                listener = Listener(sample_rate, layout=layout)
                start = time.thread_time()
                listener.process(audio)
                means.append((time.thread_time() - start) / options.seconds)
                best = np.minimum(best, tick_times(Listener(sample_rate, layout=layout), audio, edges))
            print(
                f"{sample_rate} Hz {layout:8s}: {min(means) * 1e3:.2f} ms per second of audio, "
                f"{min(means) / HOPS_PER_S * 1e6:.0f} us per hop; tick p50 {np.median(best) * 1e6:.0f} us, "
                f"p99 {np.quantile(best, 0.99) * 1e6:.0f} us, worst {best.max() * 1e6:.0f} us; "
                f"{Listener(sample_rate, layout=layout).memory_bytes / 1024:.0f} KiB"
            )


if __name__ == "__main__":
    main()
