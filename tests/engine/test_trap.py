"""process() makes no heap call and takes no lock, and the trap that shows it is itself shown to fire."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the trap is preloaded, which needs Linux")

FIRES = """
import ctypes, json
libc = ctypes.CDLL(None)
libc.emohost_trap_count.restype = ctypes.c_uint64
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
mutex = ctypes.create_string_buffer(64)
libc.emohost_trap_arm()
memory = libc.malloc(100)
libc.free(memory)
libc.pthread_mutex_lock(mutex)
libc.pthread_mutex_unlock(mutex)
libc.emohost_trap_disarm()
print(json.dumps([libc.emohost_trap_count(kind) for kind in range(8)]))
"""

MEASURE = """
import json, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
from small_engine import make_networks, make_settings
from emohost import _core
noise = np.random.default_rng(1).normal(0, 0.2, 10 * 48000).astype(np.float32)
noise[48000:96000] = 0
engine = _core.Engine(make_settings(), make_networks())
for second, style in ((2, 5.0), (5, 3.0), (8, 0.0)):
    assert engine.shared.set_parameter("style", style, second * 48000)
result = engine.measure(noise, [64, 1, 480, 17, 4096, 32])
result["durations_ns"] = len(result["durations_ns"])
print(json.dumps(result))
"""


def run_with_trap(script: str, preload: bool = True) -> Any:
    trap = importlib.util.find_spec("emohost._trap")
    assert trap is not None
    assert trap.origin is not None
    environment = {**os.environ, "LD_PRELOAD": trap.origin} if preload else dict(os.environ)
    arguments = [sys.executable, "-c", script, str(Path(__file__).parents[1] / "helpers")]
    result = subprocess.run(
        arguments, env=environment, check=True, capture_output=True, text=True, timeout=120
    )
    return json.loads(result.stdout)


def test_the_trap_fires() -> None:
    """A malloc, a free, a lock and an unlock are each seen."""
    allocate, free, _, _, lock, unlock, _, _ = run_with_trap(FIRES)
    assert allocate >= 1
    assert free >= 1
    assert lock >= 1
    assert unlock >= 1


def test_the_callback_makes_no_heap_call_takes_no_lock_and_touches_no_new_page() -> None:
    """Noise and silence with NaN, missing blocks, commands, swaps of style and Side B in between; blocks of many
    sizes."""
    result = run_with_trap(MEASURE)
    assert result["blocks"] > 500
    assert result["durations_ns"] == result["blocks"]
    names = ("allocate", "free", "new", "delete", "lock", "unlock", "wait", "signal")
    assert result["calls"] == dict.fromkeys(names, 0)
    assert result["page_faults"] == 0


def test_without_the_trap_nothing_is_claimed() -> None:
    assert run_with_trap(MEASURE, preload=False)["calls"] is None
