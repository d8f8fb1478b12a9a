"""Where a training that was ended goes on from."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from emohost.errors import EmohostError
from emohost.files import replacing

SAVE_EVERY_S = 30.0


class Checkpoint:
    """One file that holds all a training needs to go on, and the time it may take. Needs torch."""

    def __init__(self, file: Path, resume: bool, minutes: float | None = None) -> None:
        """`resume`: go on from the file if it is there, else begin afresh. `minutes`: of this run, None for as many
        as it takes."""
        self.file = file
        self._resume = resume
        self._ours = False  # the file is of this run
        self._deadline = None if minutes is None else time.monotonic() + 60.0 * minutes
        self._saved = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """What was last saved, or None: begin afresh. Raises EmohostError for a file that cannot be read."""
        if not self._resume or not self.file.exists():
            return None
        import torch

        try:
            state = torch.load(self.file, map_location="cpu", weights_only=True)
        except Exception as mistake:  # torch raises many kinds, of pickle and zipfile too
            raise EmohostError(f"{self.file}: no checkpoint that can be resumed: {mistake}") from None
        if not isinstance(state, dict):
            raise EmohostError(f"{self.file}: expected a checkpoint, found {type(state).__name__}")
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Tensors, numbers, strings, lists and dicts. Replaces the file in one step. What another run had come
        to, which this one does not go on from, stays as NAME.old: somebody may have forgotten to say so."""
        import torch

        self.file.parent.mkdir(parents=True, exist_ok=True)
        if not self._resume and not self._ours and self.file.exists():
            self.file.replace(self.file.with_name(self.file.name + ".old"))
        self._ours = True
        with replacing(self.file) as temporary, temporary.open("wb") as stream:  # torch takes not every name
            torch.save(state, stream)
        self._saved = time.monotonic()

    @property
    def due(self) -> bool:
        """It is long since anything was saved."""
        return time.monotonic() - self._saved >= SAVE_EVERY_S

    @property
    def out_of_time(self) -> bool:
        """The minutes are over: save, and return the best so far."""
        return self._deadline is not None and time.monotonic() >= self._deadline
