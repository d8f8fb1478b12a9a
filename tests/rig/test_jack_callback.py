"""The callback of the MIDI ports, inside of a real client of JACK: no heap call, no lock."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest
from jack_rig import Jackd

pytestmark = pytest.mark.jack

PLAY = """
import json, mmap, time
from emohost._core import JackClient, PortMemory
memory = PortMemory(mmap.mmap(-1, PortMemory.size), create=True)
client = JackClient("trapped", memory, "out", ["in"])
client.activate()
assert client.connect(client.output, client.inputs[0])
came, pushed, until = 0, 0, time.monotonic() + 2
while time.monotonic() < until:
    now = time.monotonic_ns()
    memory.live()
    memory.follow(48000.0, int((now // 1000000) * 48), now)
    for note in range(20):
        pushed += memory.push(bytes([0x90 if pushed % 2 else 0x80, note, 64]), 0, now + 3000000 if note % 2 else 0)
    if pushed % 700 == 0:
        memory.silence()
    came += len(memory.pop_inputs())
    memory.pop_lateness_ms()
    time.sleep(0.002)
print(json.dumps({"cycles": memory.cycles, "calls": client.trapped, "came": came, "pushed": pushed}))
client.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the trap is preloaded, which needs Linux")
def test_the_callback_makes_no_heap_call_and_takes_no_lock(jackd: Jackd) -> None:
    """Notes go out and come in again, silence is asked for in between."""
    trap = importlib.util.find_spec("emohost._trap")
    assert trap is not None
    assert trap.origin is not None
    result = subprocess.run(
        [sys.executable, "-c", PLAY],
        env={**os.environ, "LD_PRELOAD": trap.origin},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    told = json.loads(result.stdout)
    print(told)
    assert told["cycles"] > 50
    assert told["came"] > 1000
    assert told["calls"] == [0] * 8
