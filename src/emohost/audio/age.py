"""How old a sound is when the callback gets it, measured on a stream that runs: the device's latency and the block."""

from __future__ import annotations

import statistics
import threading
from dataclasses import dataclass
from typing import Any

import sounddevice as sd

from emohost._core import Shared, monotonic_ns
from emohost.audio.backend import AudioFormat
from emohost.errors import AudioError

BLOCKS = 24  # that are measured
PATIENCE_S = 2.0  # for them to come
LONGEST_S = 10.0  # what a driver's clock says beyond that is nonsense


@dataclass(frozen=True)
class StreamAge:
    """Of a stream that ran for a moment."""

    block_s: float
    """Length of a block."""
    age_s: float | None
    """Of a block's first sample when the callback began; None where the driver does not tell."""


def listen_briefly(device: int, form: AudioFormat, latency_s: float | None = None) -> StreamAge:
    """Opens the device for some blocks. Raises sounddevice.PortAudioError, and AudioError if no block comes."""
    ages: list[float] = []
    lengths: list[int] = []
    enough = threading.Event()

    def hear(*arguments: Any) -> None:
        *_, output, frames, times, _flags = arguments
        if form.channels_out:
            output.fill(0)
        ages.append(times.currentTime - times.inputBufferAdcTime)
        lengths.append(frames)
        if len(ages) >= BLOCKS:
            enough.set()

    latency = "low" if latency_s is None else latency_s
    common = {"samplerate": form.sample_rate, "blocksize": form.block_size, "callback": hear}
    if form.channels_out:
        both = (form.channels_in, form.channels_out)
        stream = sd.Stream(device=(device, device), channels=both, latency=(latency, latency), **common)
    else:
        stream = sd.InputStream(device=device, channels=form.channels_in, latency=latency, **common)
    with stream:
        enough.wait(PATIENCE_S)
    if not lengths:
        raise AudioError(f"the device opens, but no block came within {PATIENCE_S:g} s")
    return StreamAge(statistics.median(lengths) / form.sample_rate, plausible(ages))


class AgeMeter:
    """The same on the stream that the engine listens to: call `look` now and then. One thread."""

    def __init__(self, stream: Any, shared: Shared) -> None:
        self._stream, self._shared = stream, shared
        self._ages: list[float] = []
        self._frame = -1

    def look(self) -> bool:
        """Takes the last block's age. True once there are enough."""
        point = self._shared.time()
        if point is None or point[0] == self._frame:
            return False
        self._frame, stamp, began_ns = point
        since_s = (monotonic_ns() - began_ns) * 1e-9
        self._ages.append(self._stream.time - since_s - stamp if stamp else 0.0)
        return len(self._ages) >= BLOCKS

    def age_s(self) -> float | None:
        """Seconds; None where the driver does not tell."""
        return plausible(self._ages)


def plausible(ages: list[float]) -> float | None:
    """The median, if the driver's stamps can be what they say."""
    age = statistics.median(ages) if ages else 0.0
    return age if 0 < age < LONGEST_S else None
