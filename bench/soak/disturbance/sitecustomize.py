"""Python imports this by itself where PYTHONPATH leads here: every process of the host then suffers from stalls.

Every few seconds a thread makes garbage in cycles and collects it, or keeps the interpreter lock for up to a quarter of
a second, as a badly written extension does. The audio callback must not notice.
"""

import contextlib
import ctypes
import gc
import random
import threading
import time

PAUSE_S = (0.5, 4.0)
LOCKED_S = (0.02, 0.25)
CYCLES = 100_000


def collect_garbage() -> None:
    for _ in range(CYCLES):
        cycle: list[object] = []
        cycle.append(cycle)
    gc.collect()


def keep_the_lock() -> None:
    ctypes.PyDLL(None).usleep(round(random.uniform(*LOCKED_S) * 1e6))  # PyDLL does not let go of it


def disturb() -> None:
    while True:
        time.sleep(random.uniform(*PAUSE_S))
        with contextlib.suppress(MemoryError):
            random.choice((collect_garbage, keep_the_lock))()


threading.Thread(target=disturb, name="disturbance", daemon=True).start()
