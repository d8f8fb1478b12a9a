"""From data to a scored model file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from emohost import __version__
from emohost.networks import load_model
from emohost.networks.roles import Role, role_named
from emohost.recording.takes import take
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.fitting.rounded import rounded
from emohost.training.progress import Progress
from emohost.training.registry import scorer, trainer
from emohost.training.score import Score


def train(
    role_name: str,
    data: Path,
    cache: Path,
    seed: int,
    out: Path,
    progress: Progress,
    minutes: float | None = None,
    resume: bool = False,
    source: str | None = None,
    licence: str | None = None,
) -> list[Score]:
    """Prepares, fits, scores and writes `out`, and returns the scores, which are those of the written file. One run at
    a time for `out`, and for a role and seed in one cache. `source` and `licence` are told in the file; None: those of
    the published sets. Raises EmohostError for data that is not there, OutputError at once for what cannot be written
    or is being written by another run, OSError."""
    role = role_named(role_name)
    saved = cache / f"{role.name}-seed{seed}.checkpoint"
    with take({"model": out, "checkpoint": saved}, number=False):
        checkpoint = Checkpoint(saved, resume, minutes)
        return _train(role, data, cache, seed, out, progress, checkpoint, source, licence)


def _train(
    role: Role,
    data: Path,
    cache: Path,
    seed: int,
    out: Path,
    progress: Progress,
    checkpoint: Checkpoint,
    source: str | None,
    licence: str | None,
) -> list[Score]:
    training, scoring = trainer(role.name), scorer(role.name)
    import torch

    from emohost.training.fitting.export import export, layers_of

    arrays = training.prepare(data, cache, progress)
    torch.manual_seed(seed)
    layers = rounded(layers_of(training.fit(arrays, seed, progress, checkpoint)))
    metadata: dict[str, Any] = {
        "role": role.name,
        "version": __version__,
        "status": "trained",
        "tick": role.tick,
        "outputs": role.meaning,
        "data": source if source is not None else training.DATA,
        "licence": licence if licence is not None else training.LICENCE,
        "seed": seed,
        "command": f"emohost train {role.name} --data DIR --seed {seed}",
        **getattr(training, "METADATA", {}),
    }
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / role.file
        export(draft, role, layers, {**metadata, "scores": []})
        scores = scoring.evaluate(data, load_model(draft, role.name), progress)
    export(out, role, layers, {**metadata, "scores": [score.as_json() for score in scores]})
    return scores
