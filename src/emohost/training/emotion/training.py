"""Trains the emotion network: features of rendered sessions -> emotion embedding. Needs torch.

What one network makes of a passage hangs on chance, too. So some are fitted to the labels, and another one learns from
the labels and from what those answer on average (G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a
neural network", arXiv 1503.02531): it is calmer than each of them, and right more often.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from emohost.networks.features import DEFAULTS
from emohost.training.data_sets.folders import Arrays, kept
from emohost.training.data_sets.pop909.files import song_names
from emohost.training.emotion.data import training_batch
from emohost.training.emotion.fitting import fitted, mean_answer
from emohost.training.emotion.module import EmotionModule, State, Usual, calibrated
from emohost.training.fitting.checkpoint import Checkpoint
from emohost.training.progress import Progress
from emohost.training.rendering.fluidsynth import TRAIN_SOUNDFONT
from emohost.training.rendering.listening import listener_stamp

DATA = (
    "POP909 (Wang et al. 2020, MIT) and drums of the Groove MIDI Dataset (Gillick et al. 2019, CC BY 4.0), varied in "
    "mode, tempo, register, dynamics, articulation and instruments, rendered with FluidR3 GM (MIT); labels by the cue "
    "model of emohost.training.data_sets.labels"
)
LICENCE = "BSD-3-Clause; drums of the Groove MIDI Dataset by Google LLC, CC BY 4.0"
METADATA: dict[str, Any] = {"features": {"layout": "emohost1", **DEFAULTS}}

RECIPE = 5  # count up when what a batch holds changes
BATCHES, VALIDATION_BATCHES, SESSIONS = 130, 6, 10  # of a batch
DATA_SEED = 909  # of the rendered data, the same for all seeds of the fit
TEACHERS = 3
# Of valence and arousal, by what people say of the 204 phrases of VGMIDI (L. Ferreira and J. Whitehead, ISMIR 2019; 30
# listeners each), rendered with FluidR3 and heard from a cold start: where half of them change their mind, and what
# makes the range of music fill the axis. No network learns from them.
ZERO_AND_SCALE = ((-0.08, 1.5), (-0.077, 1.8))
CALM, CALM_TAUGHT = (
    1000.0,
    500.0,
)  # weight of changes while the music stays; the mean of teachers is calm already


def prepare(data: Path, cache: Path, progress: Progress) -> Arrays:
    """Renders the sessions, a batch at a time (each is kept), and joins them. `starts`: borders of sessions in hops;
    `validation`: index of the first session that is for validation. Raises EmohostError."""
    batches = []
    train, validation = song_names(data, "train"), song_names(data, "validation")
    depends = {"recipe": RECIPE, "seed": DATA_SEED, "sessions": SESSIONS, "listener": listener_stamp()}
    total = BATCHES + VALIDATION_BATCHES
    for index in range(total):
        names = train if index < BATCHES else validation
        progress("Rendering sessions", index, total)
        batches.append(
            kept(
                cache,
                f"emotion-{index:03d}",
                {**depends, "pieces": len(names)},
                lambda index=index, names=names: training_batch(  # type: ignore[misc]
                    data, names, (DATA_SEED, index), SESSIONS, TRAIN_SOUNDFONT
                ),
            )
        )
    progress("Rendering sessions", total, total)
    lengths = np.concatenate([np.diff(batch["starts"]) for batch in batches])
    joined = {
        key: np.concatenate([batch[key] for batch in batches]) for key in ("features", "labels", "since")
    }
    return {
        **joined,
        "starts": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        "validation": np.array(BATCHES * SESSIONS),
    }


def fit(arrays: Arrays, seed: int, progress: Progress, checkpoint: Checkpoint) -> nn.Module:
    """The network that was taught; where the time is over before, the last one that was fitted to the labels alone.
    Resumes at the last epoch."""
    torch.set_num_threads(1)
    usual = Usual.of(arrays)
    saved = checkpoint.load() or {"teachers": [], "fitting": None}
    teachers, fitting = [EmotionModule.of(state) for state in saved["teachers"]], saved["fitting"]

    def save(state: State) -> None:
        checkpoint.save({"teachers": [teacher.state_dict() for teacher in teachers], "fitting": state})

    while True:
        last = len(teachers) == TEACHERS
        what = "Fitting the network" if last else f"Fitting teacher {len(teachers) + 1} of {TEACHERS}"
        examples = {**arrays, "taught": mean_answer(teachers, arrays, usual)} if last else arrays
        module = fitted(
            examples,
            usual,
            seed + len(teachers),
            CALM_TAUGHT if last else CALM,
            fitting,
            save,
            lambda: checkpoint.out_of_time,
            progress,
            what,
        )
        if last or checkpoint.out_of_time:
            return calibrated(usual.folded_into(module), ZERO_AND_SCALE)
        teachers, fitting = [*teachers, module], None
