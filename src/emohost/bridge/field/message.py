"""What one node tells the others: fourteen bytes, two numbers and a weight, and nothing else about anybody.

    offset  type    meaning
    0       2 x u8  "EF"
    2       u8      version of the layout, 1
    3       u8      0
    4       u32     sequence number, rises by one per message of a node and wraps
    8       i16     valence x 32767
    10      i16     arousal x 32767
    12      u16     weight x 65535

Little-endian. No value out of range, no NaN and no infinity can be written in it. Who sent it is the last part of the
key that it is published under. Pure; any thread.
"""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

VERSION = 1
BYTES = 14
SEQUENCES = 1 << 32
_LAYOUT = struct.Struct("<2sBBIhhH")
_MAGIC = b"EF"
_AXIS, _WEIGHT = 32767, 65535


class State(NamedTuple):
    """How a node feels, as far as it is known."""

    valence: float  # [-1, 1]
    arousal: float  # [-1, 1]
    weight: float  # [0, 1]: how sure it is


class Message(NamedTuple):
    sequence: int
    state: State


def pack(sequence: int, state: State) -> bytes:
    """Rounds to steps of 1/32767 and 1/65535; what lies out of range is clamped. Raises ValueError for NaN."""
    if any(math.isnan(value) for value in state):
        raise ValueError(f"a state holds NaN: {tuple(state)}")
    valence, arousal = (round(min(max(value, -1.0), 1.0) * _AXIS) for value in state[:2])
    weight = round(min(max(state.weight, 0.0), 1.0) * _WEIGHT)
    return _LAYOUT.pack(_MAGIC, VERSION, 0, sequence % SEQUENCES, valence, arousal, weight)


def unpack(data: bytes) -> Message | None:
    """None for anything that `pack` does not write. Never raises."""
    if len(data) != BYTES:
        return None
    magic, version, zero, sequence, valence, arousal, weight = _LAYOUT.unpack(data)
    if magic != _MAGIC or version != VERSION or zero != 0 or min(valence, arousal) < -_AXIS:
        return None
    return Message(sequence, State(valence / _AXIS, arousal / _AXIS, weight / _WEIGHT))
