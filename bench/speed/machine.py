"""Which machine this is, in one or two lines."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from pathlib import Path

from emohost import _core


def described(quick: bool) -> list[str]:
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return [
        f"# `make bench`{' (quick)' if quick else ''}, {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "",
        f"{processor()}, {os.cpu_count()} cores, caches {caches()}; {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; instruction sets {', '.join(_core.available_isas())}. "
        f"Load before (1, 5, 15 min): {load}.",
    ]


def processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def caches() -> str:
    found = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = (index / "type").read_text().strip()
        if kind != "Instruction":
            found.append(f"L{(index / 'level').read_text().strip()} {(index / 'size').read_text().strip()}")
    return ", ".join(found) or "unknown"
