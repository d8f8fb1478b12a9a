"""How long it takes from a sound at the input to the note that answers it."""

from __future__ import annotations

from dataclasses import dataclass

KNOWN = 0.9  # of a block: a first sample that is younger at the callback tells that the driver's stamps mean nothing


@dataclass(frozen=True)
class Latency:
    """Milliseconds, of a sound at the start of a block: what the device adds, the block that is filled before the
    callback hears it, and the fixed delay of `midi.delay_ms`."""

    device_ms: float | None
    """None where there is no device, or its driver does not tell."""
    block_ms: float
    delay_ms: float

    @property
    def total_ms(self) -> float:
        return (self.device_ms or 0.0) + self.block_ms + self.delay_ms

    def __str__(self) -> str:
        device = "" if self.device_ms is None else f"device {self.device_ms:.1f} + "
        parts = f"{device}block {self.block_ms:.1f} + delay {round(self.delay_ms, 1):g}"
        return f"sound to note {self.total_ms:.1f} ms ({parts})"


def sound_to_note(age_s: float | None, block_s: float, delay_ms: float) -> Latency:
    """`age_s`: of a block's first sample when the callback gets it (emohost.audio.age); None: not known. `block_s`: how
    long a block is."""
    known = age_s is not None and age_s >= KNOWN * block_s
    device_ms = max(0.0, age_s - block_s) * 1e3 if known and age_s is not None else None
    return Latency(device_ms, block_s * 1e3, delay_ms)
