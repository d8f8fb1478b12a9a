"""How the harmony network is shown songs: what it plays along to. Needs torch, no data."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from torch import Tensor, nn  # noqa: E402

from emohost._core import harmony_context  # noqa: E402
from emohost.training.data_sets.songs import chord_class  # noqa: E402
from emohost.training.harmony import training as harmony  # noqa: E402

ONE, FOUR = chord_class(0, "maj"), chord_class(5, "maj")


class Always(nn.Module):
    """Names one chord. Like the network, a chain of which the last is left out."""

    def __init__(self, chord: int) -> None:
        super().__init__()
        self.chord = chord

    def __getitem__(self, _: slice) -> Always:
        return self

    def forward(self, x: Tensor) -> Tensor:
        return torch.nn.functional.one_hot(torch.full((len(x),), self.chord), 64).float()


def test_the_chord_before_is_the_networks_own_from_its_first_choice_on() -> None:
    place = np.tile(np.arange(16), (2, 2))
    asked = np.full(place.shape, ONE)
    ear, past = np.zeros((2, 32, 12), np.float32), np.zeros((2, 32, 24), np.float32)
    x = np.concatenate(
        [np.zeros((2, 32, 64), np.float32), harmony_context(ear, ear, asked, past, place)], axis=-1
    )
    random = np.random.default_rng(1)
    before, played = harmony._played_along(Always(FOUR), x, asked[:, 0], past, place, random)
    assert (before[:, 0] == ONE).all()
    assert (before[:, 1:] == FOUR).all()
    np.testing.assert_allclose(played.sum(axis=-1), 1, atol=1e-5)
    assert played[:, -1, [5, 9, 0]].sum(axis=1).min() > 0.9


def test_a_network_that_knows_the_songs_has_the_lesser_loss() -> None:
    place = np.tile(np.arange(16), (4, 4))
    asked = np.full(place.shape, ONE)
    ear = np.zeros((4, 64, 12), np.float32)
    arrays: dict[str, np.ndarray] = {
        "train_emotion": np.zeros((4, 64, 2)),
        "train_told": ear,
        "train_place": place,
        "train_asked": asked,
        "train_before": asked,
        "train_played": ear,
        "train_remembered": np.zeros((4, 64, 24), np.float32),
        "train_rendered": np.zeros(4, dtype=bool),
    }
    losses = [
        float(harmony._loss(Always(chord), arrays, "train", np.arange(4), np.random.default_rng(1)))
        for chord in (ONE, FOUR)
    ]
    assert losses[0] < losses[1]
