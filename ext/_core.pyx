# cython: language_level=3
"""The native core's only face in Python. Types and docs of every name are in src/emohost/_core.pyi."""

import numpy as np

# One module, one file for each room of the core; a later one uses names of those before it.
include "bindings/vocabulary.pxi"
include "bindings/networks.pxi"
include "bindings/hearing.pxi"
include "bindings/emotion.pxi"
include "bindings/melody.pxi"
include "bindings/context.pxi"
include "bindings/emotion_ring.pxi"
include "bindings/shared.pxi"
include "bindings/settings.pxi"
include "bindings/record.pxi"
include "bindings/engine.pxi"
include "bindings/pacer.pxi"
include "bindings/midi.pxi"
include "bindings/jack_transport.pxi"
