"""`emohost train sound`: the weights by which the core tells what kind of sound it hears, as the C++ header that holds
them, and how well that does on clips of other songs, voices and drummers."""

from __future__ import annotations

from pathlib import Path

from emohost.files import replacing
from emohost.training.progress import Progress
from emohost.training.score import Score
from emohost.training.sounds.clips import cues
from emohost.training.sounds.fitting import (
    choose_filter,
    classified,
    fit,
    header,
    inputs_of,
    wrong_and_lost,
)

FILE = "sound_weights.h"


def train(data: Path, cache: Path, file: Path, seed: int, progress: Progress) -> list[Score]:
    """Writes the header `file`. Raises DataError, EmohostError, OSError. Any thread."""
    layers = fit(cues(data, cache, "train", progress), seed)
    held_out = cues(data, cache, "validation", progress)
    inputs, heard = inputs_of(held_out)
    log_likely = layers.log_likely(inputs)
    by = choose_filter(log_likely, held_out, heard)
    with replacing(file) as temporary:
        temporary.write_text(header(layers, by))
    found = wrong_and_lost(classified(log_likely, held_out, heard, by), held_out)
    return [
        Score("noise and speech taken for a rhythm or music, share of clips", found["wrong"], 0.05, False),
        Score("music lost once it was known, share of the time", found["lost"], 0.01, False),
        Score("music never known, share of clips", found["never"], higher_is_better=False),
        Score("until music is known, median", found["seconds"], higher_is_better=False, unit="s"),
    ]
