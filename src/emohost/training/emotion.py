"""Trains the emotion network: features of rendered sessions -> emotion embedding. Needs torch."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from emohost.emotion import AXIS, encode
from emohost.networks.features import DEFAULTS
from emohost.training.checkpoint import Checkpoint
from emohost.training.folders import Arrays, kept
from emohost.training.passages import pieces
from emohost.training.progress import Progress
from emohost.training.render import TRAIN_SOUNDFONT
from emohost.training.sessions import HOP_S, listener_stamp, training_batch

DATA = (
    "POP909 (Wang et al. 2020, MIT) and drums of the Groove MIDI Dataset (Gillick et al. 2019, CC BY 4.0), varied in "
    "mode, tempo, register, dynamics, articulation and instruments, rendered with FluidR3 GM (MIT); labels by the cue "
    "model of emohost.training.labels"
)
LICENCE = "BSD-3-Clause; drums of the Groove MIDI Dataset by Google LLC, CC BY 4.0"
METADATA: dict[str, Any] = {"features": {"layout": "emohost1", **DEFAULTS}}

RECIPE = 5  # count up when what a batch holds changes
BATCHES, VALIDATION_BATCHES, SESSIONS = 68, 6, 10  # of a batch
DATA_SEED = 909  # of the rendered data, the same for all seeds of the fit

# (hops from one step to the next, epochs, weight of changes from step to step while the music stays): rough and
# cheap first, then at the hop the host plays at, then calmer.
STAGES = ((4, 16, 20.0), (1, 2, 1000.0))
STEPS = 80  # of truncated back-propagation
TOGETHER = 12  # sessions at once
RATE_HIGH, RATE_LOW = 1.5e-3, 4e-5
DROPOUT = 0.1
WITHOUT_BANDS = (
    0.5  # share of the sessions of a step that have no mel bands: what is heard must not hang on a timbre
)
URGENCY = 2.0  # weight of the first seconds after a change against that of the rest
SHIFT = 2  # mel bands, up or down, of a session
EQUALISER = 0.06  # spread of smooth changes to the mel bands of a session
MEL_BANDS = 64
LEAST_DEVIATION = 0.01  # of a feature that hardly varies


@dataclass(frozen=True)
class Usual:
    """What features usually are: means and deviations (128,). The network learns from standardised ones, so that those
    that vary little count as much as the others."""

    mean: np.ndarray[Any, Any]
    deviation: np.ndarray[Any, Any]

    @classmethod
    def of(cls, arrays: Arrays) -> Usual:
        """Of the training sessions, at each hundredth hop."""
        end = arrays["starts"][int(arrays["validation"])]
        some = np.asarray(arrays["features"][:end:100], dtype=np.float64)
        deviation = np.maximum(some.std(axis=0), LEAST_DEVIATION)
        return cls(some.mean(axis=0).astype(np.float32), deviation.astype(np.float32))

    def standardised(self, features: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.asarray((features - self.mean) / self.deviation)

    def told(self, module: Emotion) -> Emotion:
        """The module, changed so that it takes features as they are."""
        first = module.front[0]
        assert isinstance(first, nn.Linear)
        with torch.no_grad():
            first.weight /= torch.from_numpy(self.deviation)
            first.bias -= first.weight @ torch.from_numpy(self.mean)
        return module


class Emotion(nn.Module):
    """dense 512 tanh, dense 256 tanh, lstm 128, dense 64 tanh."""

    def __init__(self) -> None:
        super().__init__()
        self.front = nn.Sequential(
            nn.Linear(128, 512),
            nn.Tanh(),
            nn.Dropout(DROPOUT),
            nn.Linear(512, 256),
            nn.Tanh(),
            nn.Dropout(DROPOUT),
        )
        self.memory = nn.LSTM(256, 128, batch_first=True)
        self.back = nn.Sequential(nn.Linear(128, 64), nn.Tanh())

    def forward(self, features: torch.Tensor, state: Any = None) -> tuple[torch.Tensor, Any]:
        """(sessions, steps, 128) -> (sessions, steps, 64) and the state after the last step."""
        hidden, state = self.memory(self.front(features), state)
        return self.back(hidden), state


def prepare(data: Path, cache: Path, progress: Progress) -> Arrays:
    """Renders the sessions, a batch at a time (each is kept), and joins them. `starts`: borders of sessions in hops;
    `validation`: index of the first session that is for validation. Raises EmohostError."""
    batches = []
    train, validation = pieces(data, "train"), pieces(data, "validation")
    depends = {"recipe": RECIPE, "seed": DATA_SEED, "sessions": SESSIONS, "listener": listener_stamp()}
    total = BATCHES + VALIDATION_BATCHES
    for index in range(total):
        names = train if index < BATCHES else validation
        progress("Rendering sessions", index, total)
        batches.append(
            kept(
                cache,
                f"emotion-{index:02d}",
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
    """AdamW with a falling rate; resumes at the last epoch. Of the last stage the epoch that does best on validation is
    returned."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    module = Emotion()
    usual = Usual.of(arrays)
    optimiser = torch.optim.AdamW(module.parameters(), lr=RATE_HIGH, weight_decay=1e-3)
    epochs = [(stride, calm) for stride, count, calm in STAGES for _ in range(count)]
    first, best = 0, (float("inf"), module.state_dict())
    saved = checkpoint.load()
    if saved is not None:
        module.load_state_dict(saved["module"])
        optimiser.load_state_dict(saved["optimiser"])
        first, best = saved["epoch"], (saved["best_loss"], saved["best"])
    for epoch in range(first, len(epochs)):
        for group in optimiser.param_groups:
            group["lr"] = RATE_LOW + (RATE_HIGH - RATE_LOW) * 0.5 * (1 + cos(pi * epoch / len(epochs)))
        _train(module, optimiser, arrays, usual, *epochs[epoch], np.random.default_rng([seed, epoch]))
        if epochs[epoch] == epochs[-1]:
            loss = _validate(module, arrays, usual, epochs[epoch][1])
            progress(f"Fitting (validation {loss:.4f})", epoch + 1, len(epochs))
            if loss < best[0]:
                best = loss, {name: tensor.clone() for name, tensor in module.state_dict().items()}
        else:
            progress("Fitting", epoch + 1, len(epochs))
        checkpoint.save(
            {
                "module": module.state_dict(),
                "optimiser": optimiser.state_dict(),
                "epoch": epoch + 1,
                "best_loss": best[0],
                "best": best[1],
            }
        )
        if checkpoint.out_of_time and np.isfinite(best[0]):
            break
    module.load_state_dict(best[1])
    return usual.told(module)


def _train(
    module: Emotion,
    optimiser: torch.optim.Optimizer,
    arrays: Arrays,
    usual: Usual,
    stride: int,
    calm: float,
    random: np.random.Generator,
) -> None:
    module.train()
    order = random.permutation(int(arrays["validation"]))
    for first in range(0, len(order), TOGETHER):
        features, target, weight, rest = _together(
            arrays, usual, order[first : first + TOGETHER], stride, random
        )
        state = None
        for at in range(0, features.shape[1], STEPS):
            here = slice(at, at + STEPS)
            output, state = module(features[:, here], state)
            state = tuple(each.detach() for each in state)
            loss = _loss(output, target[:, here], weight[:, here], rest[:, here], calm / stride)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimiser.step()


@torch.no_grad()
def _validate(module: Emotion, arrays: Arrays, usual: Usual, calm: float) -> float:
    module.eval()
    sessions = np.arange(int(arrays["validation"]), len(arrays["starts"]) - 1)
    losses = []
    for first in range(0, len(sessions), TOGETHER):
        features, target, weight, rest = _together(arrays, usual, sessions[first : first + TOGETHER], 1, None)
        losses.append(float(_loss(module(features)[0], target, weight, rest, calm)))
    return float(np.mean(losses))


def _together(
    arrays: Arrays,
    usual: Usual,
    sessions: np.ndarray[Any, Any],
    stride: int,
    random: np.random.Generator | None,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features, embeddings, weights of errors and of changes of these sessions, padded to one length with weight 0.
    With `random` the first hop and the timbre vary."""
    rows = []
    for session in sessions:
        begin, end = arrays["starts"][session : session + 2]
        begin += int(random.integers(stride)) if random is not None else 0
        features = np.asarray(arrays["features"][begin:end:stride], dtype=np.float32)
        if random is not None:
            features[:, :MEL_BANDS] = _another_timbre(features[:, :MEL_BANDS], random)
        features = usual.standardised(features)
        if random is not None and random.random() < WITHOUT_BANDS:
            features[:, :MEL_BANDS] = 0
        labels, since = arrays["labels"][begin:end:stride], arrays["since"][begin:end:stride]
        target = encode(labels[:, 0], labels[:, 1])
        seconds = np.asarray(since, dtype=np.float32)
        rows.append((features, target, _weight(seconds, stride), _rest(seconds, stride)))

    def padded(column: int) -> torch.Tensor:
        return nn.utils.rnn.pad_sequence([torch.from_numpy(row[column]) for row in rows], batch_first=True)

    return padded(0), padded(1), padded(2), padded(3)


def _weight(since: np.ndarray[Any, Any], stride: int) -> np.ndarray[Any, Any]:
    """0 at a change of the music, most two seconds later, so that it is followed soon, and 1 in the long run; a
    session's first section counts from its third second."""
    soon = 1 + (URGENCY - 1) * np.clip((7 - since) / 4, 0, 1)
    return np.asarray(np.clip((since - 0.3) / 1.7, 0, 1) * soon * _opening(since, stride), dtype=np.float32)


def _rest(since: np.ndarray[Any, Any], stride: int) -> np.ndarray[Any, Any]:
    """1 where the music has stayed for so long that the answer should stay, too; 0 while it may move."""
    return np.asarray(np.clip((since - 5) / 2, 0, 1) * _opening(since, stride), dtype=np.float32)


def _opening(since: np.ndarray[Any, Any], stride: int) -> np.ndarray[Any, Any]:
    return np.clip(np.arange(len(since)) * stride * HOP_S / 3 - 0.3, 0, 1)


def _another_timbre(bands: np.ndarray[Any, Any], random: np.random.Generator) -> np.ndarray[Any, Any]:
    """The mel bands (hops, MEL_BANDS) a little higher or lower and through another equaliser."""
    shift = int(random.integers(-SHIFT, SHIFT + 1))
    moved = np.take(bands, np.clip(np.arange(MEL_BANDS) + shift, 0, MEL_BANDS - 1), axis=1)
    return np.asarray(moved + _smooth_curve(random))


def _smooth_curve(random: np.random.Generator) -> np.ndarray[Any, Any]:
    points = random.normal(0, EQUALISER, 7)
    return np.interp(np.linspace(0, 6, MEL_BANDS), np.arange(7), points).astype(np.float32)


def _loss(
    output: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, rest: torch.Tensor, calm: float
) -> torch.Tensor:
    """Squared error of the entries and of the means of the halves (which are what is decoded), and changes at rest."""
    total = weight.sum() + 1e-6
    entries = (output - target).square().mean(-1)
    means, wanted = _means(output), _means(target)
    axes = (means - wanted).square().mean(-1)
    change = (means[:, 1:] - means[:, :-1]).square().mean(-1)
    still = torch.minimum(rest[:, 1:], rest[:, :-1])
    return ((entries + 2 * axes) * weight).sum() / total + calm * (change * still).sum() / total


def _means(embedding: torch.Tensor) -> torch.Tensor:
    return torch.stack([embedding[..., :AXIS].mean(-1), embedding[..., AXIS:].mean(-1)], dim=-1)
