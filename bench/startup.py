"""How long `emohost --help` takes: `python bench/startup.py [runs]`. Promised: 0.2 s on a warm disk."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def measure(arguments: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "emohost", *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    for arguments in (["--help"], ["run", "--help"]):
        measure(arguments)  # the first one compiles and warms the disk
        times = [measure(arguments) for _ in range(runs)]
        median, worst = statistics.median(times), max(times)
        print(
            f"emohost {' '.join(arguments):12} median {median * 1e3:4.0f} ms, max {worst * 1e3:4.0f} ms of {runs} runs"
        )


if __name__ == "__main__":
    main()
