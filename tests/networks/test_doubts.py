"""A model file whose numbers are in order, and that is hardly a trained network all the same, brings a warning."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from model_files import random_network, rtneural

from emohost.networks import load_model


def warnings(folder: Path, text: str) -> tuple[str, ...]:
    path = folder / "model.json"
    path.write_text(text)
    found = load_model(path).info.warnings
    assert all(each.startswith(f"{path}: ") for each in found)
    return found


def scaled(factor: float, layer: str) -> str:
    tensors = random_network()
    for name, tensor in tensors.items():
        if name.startswith(layer):
            tensors[name] = (tensor * np.float32(factor)).astype(np.float32)
    return json.dumps(rtneural(tensors))


@pytest.mark.parametrize("factor", [1e-3, 1.0, 10.0])
def test_weights_that_training_may_leave_are_not_doubted(tmp_path: Path, factor: float) -> None:
    assert not warnings(tmp_path, scaled(factor, ""))


@pytest.mark.parametrize(("layer", "label"), [("first", "layer 0 (dense)"), ("lstm", "layer 1 (lstm)")])
def test_a_layer_of_zeros_is_told(tmp_path: Path, layer: str, label: str) -> None:
    (text,) = warnings(tmp_path, scaled(0.0, layer))
    assert f"{label}: all its weights are zero" in text


def test_absurd_weights_are_told_for_each_layer(tmp_path: Path) -> None:
    found = warnings(tmp_path, scaled(1e6, ""))
    assert len(found) == 3
    assert "layer 0 (dense): its weights are of the size of 5" in found[0]


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ('"in_shape":', '"in_shape": [null, null, 3], "in_shape":', "'in_shape'"),
        ('"type": "lstm",', '"type": "lstm", "type": "lstm",', "'type'"),
        ('"layers":', '"metadata": {"version": "1", "version": "2"}, "layers":', "'version'"),
    ],
)
def test_a_key_given_twice_is_told_and_the_last_one_counts(
    tmp_path: Path, old: str, new: str, keys: str
) -> None:
    text = scaled(1.0, "")
    assert text.count(old) == 1
    (found,) = warnings(tmp_path, text.replace(old, new))
    assert f"{keys}: given twice; the last one counts" in found


def test_the_same_key_in_two_objects_is_in_order(tmp_path: Path) -> None:
    assert not warnings(
        tmp_path, scaled(1.0, "").replace('"layers":', '"metadata": {"in_shape": 1}, "layers":')
    )
