"""Fits one emotion network to the labels, and to what others answer. Needs torch.

AdamW with a falling rate, in truncated back-propagation. One seed gives one network on one machine, resumed or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import cos, pi
from typing import Any

import numpy as np
import torch
from torch import nn

from emohost.emotion import AXIS, encode
from emohost.training.data_sets.folders import Arrays
from emohost.training.emotion.module import EmotionModule, State, Usual
from emohost.training.progress import Progress
from emohost.training.rendering.listening import HOP_S

# (hops from one step to the next, epochs): rough and cheap first, then at the hop that the host plays at.
STAGES = ((4, 9), (1, 1))
ROUGHLY_CALM = 20.0  # weight of changes from step to step while the music stays, before the last stage
STEPS = 80  # of truncated back-propagation
TOGETHER = 12  # sessions at once
RATE_HIGH, RATE_LOW = 1.5e-3, 4e-5
TAUGHT = 0.6  # share of what others answer in what is asked, against the labels
WITHOUT_BANDS = 0.5  # share of the sessions that have no mel bands: what is heard must not hang on a timbre
URGENCY = 2.0  # weight of the first seconds after a change against that of the rest
SHIFT = 2  # mel bands, up or down, of a session
EQUALISER = 0.06  # spread of smooth changes to the mel bands of a session
MEL_BANDS = 64


def fitted(
    arrays: Arrays,
    usual: Usual,
    seed: int,
    calm: float,
    saved: State | None,
    save: Callable[[State], None],
    out_of_time: Callable[[], bool],
    progress: Progress,
    what: str,
) -> EmotionModule:
    """The network of that epoch of the last stage that does best on validation, which takes standardised features.
    `calm`: weight of changes in that stage. `arrays` as prepared, with `taught` (hops, 64) float16 what others answer
    where it is to learn from them. `saved` is what was last given to `save`; None begins afresh."""
    torch.manual_seed(seed)
    module = EmotionModule()
    optimiser = torch.optim.AdamW(module.parameters(), lr=RATE_HIGH, weight_decay=1e-3)
    epochs = [
        (stride, calm if stride == STAGES[-1][0] else ROUGHLY_CALM)
        for stride, count in STAGES
        for _ in range(count)
    ]
    first, best = 0, (float("inf"), module.state_dict())
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
            progress(f"{what} (validation {loss:.4f})", epoch + 1, len(epochs))
            if loss < best[0]:
                best = loss, {name: tensor.clone() for name, tensor in module.state_dict().items()}
        else:
            progress(what, epoch + 1, len(epochs))
        save(
            {
                "module": module.state_dict(),
                "optimiser": optimiser.state_dict(),
                "epoch": epoch + 1,
                "best_loss": best[0],
                "best": best[1],
            }
        )
        if out_of_time() and np.isfinite(best[0]):
            break
    return EmotionModule.of(best[1])


@torch.no_grad()
def mean_answer(modules: Sequence[EmotionModule], arrays: Arrays, usual: Usual) -> np.ndarray[Any, Any]:
    """(hops, 64) float16, of sessions as they are; where they are for validation, 0."""
    answers = np.zeros((len(arrays["features"]), 2 * AXIS), dtype=np.float16)
    for begin, end in pairwise(arrays["starts"][: int(arrays["validation"]) + 1]):
        features = usual.standardised(np.asarray(arrays["features"][begin:end], dtype=np.float32))
        heard = torch.from_numpy(features)[None]
        answers[begin:end] = torch.stack([module.eval()(heard)[0][0] for module in modules]).mean(0).numpy()
    return answers


def _train(
    module: EmotionModule,
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
def _validate(module: EmotionModule, arrays: Arrays, usual: Usual, calm: float) -> float:
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
        if random is not None and "taught" in arrays:
            target += TAUGHT * (np.asarray(arrays["taught"][begin:end:stride], dtype=np.float32) - target)
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
    """1 where the music has stayed long enough for the answer to stay, too; 0 while it may move."""
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
