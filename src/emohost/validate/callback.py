"""What the callback does to memory and asks of the system, watched from inside a process of its own in which a trap
stands before the C library's allocator and locks (LD_PRELOAD, Linux; elsewhere only page faults or growth are watched),
and from which a copy goes on under seccomp.

`python -m emohost.validate.callback PARENT_PID` is that process: it reads a request, and prints what it counted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from emohost.config.schema import Rig
from emohost.errors import EngineError
from emohost.process.limits import resident_bytes
from emohost.process.parent import die_with

TIMEOUT_S = 120.0
BLOCK_SIZES = (256, 64, 17, 1, 1000, 48)
SECONDS = 60.0
SEALED_BLOCKS = 20_000
SEALED_SIZES = (64, 256, 17, 128, 1, 300, 48)
COST_BLOCK, COST_ROUNDS = 256, 2


@dataclass(frozen=True)
class CallbackResult:
    """Counts over `blocks` calls of the engine's process()."""

    blocks: int
    trapped: bool
    why_not: str
    """Why nothing was trapped."""
    calls: dict[str, int] = field(default_factory=dict)
    """Heap calls and locks inside process(), by kind."""
    page_faults: int | None = None
    """Inside process(), after the first block; None where the system does not tell."""
    memory_before: int = 0
    memory_after: int = 0
    """The engine's own account of its memory, bytes."""
    resident_growth: int | None = None
    """Growth of the process's resident memory, bytes; None where the system does not tell."""
    memory_lock: str = ""
    """Why the process's memory cannot be locked; empty where it can."""
    seal: dict[str, str] = field(default_factory=dict)
    """How a process under seccomp's strict mode ended, by what it did: what must kill it."""
    sealed: dict[str, Any] = field(default_factory=dict)
    """`Engine.play_sealed()`: what the callback did there."""
    costs_us: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Median and 99th percentile of what a block of COST_BLOCK frames costs, by kind of input."""


def watch_callback(rig: Rig, base: Path, seconds: float = SECONDS) -> CallbackResult:
    """Plays music, silence, NaN and more through an engine in a process of its own. Raises EngineError."""
    environment = dict(os.environ)
    trap, why_not = trap_library()
    if trap is not None:
        environment["LD_PRELOAD"] = f"{trap} {environment.get('LD_PRELOAD', '')}".strip()
    try:
        process = subprocess.run(
            [sys.executable, "-m", "emohost.validate.callback", str(os.getpid())],
            input=orjson.dumps([rig.model_dump(mode="json"), str(base), seconds, why_not]),
            stdout=subprocess.PIPE,
            env=environment,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineError(f"the watched engine did not come to its end within {TIMEOUT_S:.0f} s") from None
    if process.returncode != 0:
        raise EngineError(f"the watched engine ended with status {process.returncode}")
    return CallbackResult(**orjson.loads(process.stdout))


def trap_library() -> tuple[Path | None, str]:
    """The trap to preload, or None and why there is none."""
    if not sys.platform.startswith("linux"):
        return None, f"not measured on {sys.platform}: the trap needs Linux"
    import importlib.util

    found = importlib.util.find_spec("emohost._trap")
    if found is None or found.origin is None:
        return None, "not measured: the trap was not built"
    return Path(found.origin), "not measured: the trap was not loaded"


def watch(rig: Rig, base: Path, seconds: float, why_not: str) -> CallbackResult:
    """The same in this process."""
    import numpy as np

    from emohost._core import lock_memory, try_seal
    from emohost.offline.engine import build_engine
    from emohost.validate.pipeline import SAMPLE_RATE, music

    engine = build_engine(rig, base, SAMPLE_RATE, 1, max(BLOCK_SIZES)).engine
    audio = music(SAMPLE_RATE, seconds)
    engine.measure(audio[:SAMPLE_RATE], BLOCK_SIZES)
    memory, resident = engine.memory_bytes, resident_bytes()
    measured = engine.measure(audio, BLOCK_SIZES)
    grown = resident_bytes()
    memory_lock = lock_memory()
    costs = build_engine(rig, base, SAMPLE_RATE, 1, 2 * COST_BLOCK).engine.cost(
        audio, COST_BLOCK, COST_ROUNDS
    )
    return CallbackResult(
        blocks=measured["blocks"],
        trapped=measured["calls"] is not None,
        why_not=why_not,
        calls=measured["calls"] or {},
        page_faults=measured["page_faults"],
        memory_before=memory,
        memory_after=engine.memory_bytes,
        resident_growth=None if grown is None or resident is None else max(0, grown - resident),
        memory_lock=memory_lock,
        seal=try_seal(),
        sealed=engine.play_sealed(audio, SEALED_SIZES, SEALED_BLOCKS),
        costs_us={
            kind: (float(np.median(durations)) / 1000, float(np.percentile(durations, 99)) / 1000)
            for kind, durations in costs.items()
        },
    )


def _main() -> None:
    die_with(int(sys.argv[1]))
    rig, base, seconds, why_not = orjson.loads(sys.stdin.buffer.read())
    result = watch(Rig.model_validate(rig), Path(base), seconds, why_not)
    sys.stdout.buffer.write(orjson.dumps(asdict(result)))


if __name__ == "__main__":
    _main()
