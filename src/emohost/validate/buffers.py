"""What happens when nobody empties the rings: they refuse (Side B's loses the oldest) and count, and no note is left
on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emohost._core import Engine
from emohost.midi.notes import unbalanced

if TYPE_CHECKING:
    from emohost._core import Float32

NOTE_ON = 0x90
FILLER_PART = 5  # controls: a filler is no note of the engine's
BLOCK_SIZE = 128
FLOOD = 10_000  # more than any ring holds


@dataclass(frozen=True)
class FloodResult:
    """By ring: how many messages were refused or overwritten, and how many were counted. Notes of the engine that came
    out, and how many of them were left on or ended without having begun."""

    rings: dict[str, tuple[int, int]]
    notes: int
    unbalanced: int


def flood(engine: Engine, audio: Float32, block_size: int = BLOCK_SIZE) -> FloodResult:
    """Fills every ring of a fresh engine, plays `audio` (frames, channels) with nobody reading, then reads all.

    There must be more blocks than the telemetry ring holds (4096): 12 s at 48 kHz and 128 frames do. The event
    ring is filled up to its last places beforehand, so that the engine's own notes do not fit.
    """
    shared = engine.shared
    before = dict(shared.dropped)
    refused = {
        "command": sum(not shared.set_parameter("velocity", 1.0) for _ in range(FLOOD)),
        "event": sum(not shared.push_event(0, b"\xb0\x14\x00", FILLER_PART) for _ in range(FLOOD)),
    }
    counted = {ring: shared.dropped[ring] - before[ring] for ring in refused}
    for _ in range(FLOOD):
        shared.write_emotion(np.zeros(64, np.float32), 0.0)
    events = shared.pop_events(64)  # room for a few, so that notes begin whose ends then find none
    for start in range(0, len(audio), block_size):
        engine.process(np.ascontiguousarray(audio[start : start + block_size]))
    blocks = -(-len(audio) // block_size)
    refused["emotion"] = FLOOD - int(shared.side_b["taken"])
    counted["emotion"] = shared.dropped["emotion"] - before["emotion"]
    counted["telemetry"] = shared.dropped["telemetry"] - before["telemetry"]
    refused["telemetry"] = blocks - len(shared.pop_reports(FLOOD))
    while new := shared.pop_events():
        events += new
    events += engine.finish()
    played = [(float(frame), data, part) for frame, data, part in events if part != FILLER_PART]
    return FloodResult(
        rings={ring: (refused[ring], counted[ring]) for ring in refused},
        notes=sum(data[0] & 0xF0 == NOTE_ON and data[2] > 0 for _, data, _ in played),
        unbalanced=len(unbalanced(played)),
    )
