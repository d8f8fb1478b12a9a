"""MIDI files of data sets, which anyone may have made."""

from __future__ import annotations

from pathlib import Path

import mido

from emohost.training.folders import DataError


def read_midi(file: Path) -> mido.MidiFile:
    """Data bytes above 127 count as 127. Raises DataError if it cannot be read as a Standard MIDI File."""
    try:
        return mido.MidiFile(file, clip=True)
    except (OSError, EOFError, ValueError, LookupError) as mistake:
        reason = " ".join(str(mistake).split()) or type(mistake).__name__
        raise DataError(f"{file}: expected a MIDI file: {reason}") from None
