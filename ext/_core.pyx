# cython: language_level=3
"""The native core's only face in Python. Types and docs of every name are in src/emohost/_core.pyi."""

import numpy as np

# One module, one file for each room of the core; a later one uses names of those before it.
include "face/networks.pxi"
include "face/hearing.pxi"
include "face/emotion.pxi"
include "face/melody.pxi"
include "face/emotion_ring.pxi"
include "face/shared.pxi"
include "face/settings.pxi"
include "face/engine.pxi"
include "face/pacer.pxi"
