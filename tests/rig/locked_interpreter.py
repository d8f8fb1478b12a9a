"""Opens the JACK device in this process, keeps the interpreter lock for a second, and counts the blocks of that time.

Run by test_live.py in a process of its own: PortAudio looks for devices when it is loaded.
"""

import ctypes
import time
from pathlib import Path

import numpy as np

from emohost.audio.backends import make_backend
from emohost.config.load import parse_rig
from emohost.offline.engine import build_engine

rig = parse_rig("audio: {backend: portaudio, device: system, block_size: 128}")
engine = build_engine(rig, Path(), 48000, 1, 128).engine
backend = make_backend(rig.audio.model_dump(mode="json"))
backend.prepare()
backend.start(engine)
while engine.shared.blocks < 10:
    time.sleep(0.01)
engine.shared.pop_reports()
before, started = engine.shared.blocks, time.monotonic()
ctypes.PyDLL(None).usleep(1_000_000)  # PyDLL keeps the interpreter lock
blocks, elapsed = engine.shared.blocks - before, time.monotonic() - started
time.sleep(0.05)
reports = engine.shared.pop_reports()
print(f"{blocks} of {int(elapsed * 48000 / 128)} blocks in {elapsed:.2f} s with the interpreter locked")
if (np.diff(reports["block"]) == 1).all() and (np.diff(reports["frame"]) == 128).all():
    print("reports without a gap")
backend.stop()
