"""MIDI files of data sets, which anyone may have made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from emohost.training.data_sets.folders import DataError


def read_midi(file: Path) -> mido.MidiFile:
    """Data bytes above 127 count as 127. Raises DataError if it cannot be read as a Standard MIDI File."""
    try:
        return mido.MidiFile(file, clip=True)
    except (OSError, EOFError, ValueError, LookupError) as mistake:
        reason = " ".join(str(mistake).split()) or type(mistake).__name__
        raise DataError(f"{file}: expected a MIDI file: {reason}") from None


def clock(midi: mido.MidiFile) -> Callable[[NDArray[np.integer]], NDArray[np.float64]]:
    """Ticks to seconds by the file's tempo changes."""
    ticks, tempi = [0], [500000]
    for track in midi.tracks:
        at = 0
        for message in track:
            at += message.time
            if message.type == "set_tempo":
                ticks.append(at)
                tempi.append(message.tempo)
    order = np.argsort(ticks, kind="stable")
    at_ticks, us = np.array(ticks)[order], np.array(tempi)[order]
    at_us = np.concatenate([[0.0], np.cumsum(np.diff(at_ticks) * us[:-1])])

    def seconds(tick: NDArray[np.integer]) -> NDArray[np.float64]:
        i = np.searchsorted(at_ticks, tick, "right") - 1
        return np.asarray((at_us[i] + (tick - at_ticks[i]) * us[i]) / 1e6 / midi.ticks_per_beat)

    return seconds
