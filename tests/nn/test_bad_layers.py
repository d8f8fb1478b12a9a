"""The native core trusts no description of a network: each wrong size is refused by name."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from emohost import _core

Layer = dict[str, Any]


def zeros(*sizes: int) -> list[np.ndarray]:
    return [np.zeros(size, np.float32) for size in sizes]


def dense(inputs: int = 3, outputs: int = 2, weights: list[np.ndarray] | None = None, **other: Any) -> Layer:
    weights = zeros(inputs * outputs, outputs) if weights is None else weights
    return {"kind": "dense", "inputs": inputs, "outputs": outputs, "weights": weights, **other}


def conv1d(**other: Any) -> Layer:
    fields = {"inputs": 4, "outputs": 2, "weights": zeros(16), "kernel_size": 2, "dilation": 1, "groups": 1}
    return {"kind": "conv1d", **fields, **other}


def conv2d(**other: Any) -> Layer:
    fields = {
        "inputs": 8,
        "outputs": 8,
        "weights": zeros(1 * 3 * 2 * 2),
        "kernel_size": 1,
        "kernel_size_feature": 3,
        "filters_in": 2,
        "features_in": 4,
        "filters_out": 2,
        "same_padding": True,
    }
    return {"kind": "conv2d", **fields, **other}


def batchnorm(**other: Any) -> Layer:
    fields = {"inputs": 2, "outputs": 2, "weights": [*zeros(2), np.ones(2, np.float32)], "epsilon": 0.0}
    return {"kind": "batchnorm", **fields, **other}


CASES = [
    (3, [], "layers: expected 1 to 1024, found 0"),
    (3, [dense(3, 3)] * 1025, "layers: expected 1 to 1024, found 1025"),
    (0, [dense()], "inputs: expected 1 to 65536, found 0"),
    (2**20, [dense()], "inputs: expected 1 to 65536"),
    (3, [dense(), dense()], "layer 1 (dense): inputs: expected 2 (what comes before), found 3"),
    (3, [dense(outputs=0)], "layer 0 (dense): outputs: expected 1 to 65536, found 0"),
    (3, [dense(outputs=-1, weights=[])], "layer 0 (dense): outputs: expected 1 to 65536, found -1"),
    (3, [dense(weights=[])], "layer 0 (dense): expected 1 or 2 weight arrays, found 0"),
    (3, [dense(weights=zeros(6, 2, 2))], "layer 0 (dense): expected 1 or 2 weight arrays, found 3"),
    (3, [dense(weights=zeros(5))], "layer 0 (dense): kernel: expected 6 values, found 5"),
    (3, [dense(weights=zeros(6, 1))], "layer 0 (dense): bias: expected 2 values, found 1"),
    (3, [dense(weights=[np.full(6, np.nan)])], "layer 0 (dense): kernel: value 0 is not finite"),
    (3, [dense(label="layer 7 (dense 'out')", weights=zeros(5))], "layer 7 (dense 'out'): kernel: "),
    (3, [{**dense(), "kind": "lstm"}], "layer 0 (lstm): kernel: expected 24 values, found 6"),
    (
        3,
        [{**dense(weights=zeros(18, 12)), "kind": "gru", "activation": "relu"}],
        "layer 0 (gru): a recurrent layer has no",
    ),
    (4, [conv1d(kernel_size=0)], "layer 0 (conv1d): kernel_size: expected 1 to"),
    (4, [conv1d(dilation=-1)], "layer 0 (conv1d): dilation: expected 1 to"),
    (4, [conv1d(groups=3)], "layer 0 (conv1d): groups: 3 does not divide 4 inputs and 2 outputs"),
    (4, [conv1d(dilation=2**22)], "layer 0 (conv1d): kernel_size and dilation: this much history, "),
    (8, [conv2d(features_in=5)], "layer 0 (conv2d): num_features_in x num_filters_in: expected 8 inputs"),
    (8, [conv2d(outputs=6)], "layer 0 (conv2d): outputs: expected 4 features x 2 filters, found 6"),
    (
        8,
        [conv2d(same_padding=False, kernel_size_feature=5)],
        "layer 0 (conv2d): kernel_size_feature: 5 is more",
    ),
    (8, [conv2d(stride=0)], "layer 0 (conv2d): strides: expected 1 to"),
    (8, [conv2d(kernel_size=2**20, kernel_size_feature=2**20)], "kernel_size_time x kernel_size_feature"),
    (2, [batchnorm(weights=zeros(2, 2))], "layer 0 (batchnorm): variance: expected more than 0"),
    (2, [batchnorm(weights=zeros(2, 2, 2))], "layer 0 (batchnorm): expected 4 weight arrays, found 3"),
    (2, [batchnorm(epsilon=-1.0)], "layer 0 (batchnorm): epsilon"),
    (2, [batchnorm(filters_in=-2)], "layer 0 (batchnorm): channels: expected 1 to 2, found -2"),
    (2, [batchnorm(outputs=3)], "layer 0 (batchnorm): outputs: expected 2"),
    (
        2,
        [{"kind": "prelu", "inputs": 2, "outputs": 2, "weights": zeros(3)}],
        "layer 0 (prelu): slopes: expected 2",
    ),
    (
        2,
        [{"kind": "activation", "inputs": 2, "outputs": 4, "weights": []}],
        "layer 0 (activation): outputs: exp",
    ),
    (2, [{"kind": "einsum", "inputs": 2, "outputs": 2, "weights": []}], "layer 0: 'einsum'"),
    (3, [dense(activation="gelu")], "layer 0: 'gelu'"),
    (3, [dense(outputs=2**40, weights=[])], "layer 0: "),
    (3, [dense(colour="red")], "a layer has no field 'colour'"),
]


@pytest.mark.parametrize(
    ("inputs", "layers", "message"), CASES, ids=[message[:60] for _, _, message in CASES]
)
def test_a_wrong_layer_is_refused_and_named(inputs: int, layers: list[Layer], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _core.Model(inputs, layers)


def test_an_instruction_set_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="sse9"):
        _core.Model(3, [dense()], "sse9")
    absent = {"plain", "avx2", "avx512", "neon"} - set(_core.available_isas())
    for isa in absent:
        with pytest.raises(ValueError, match=isa):
            _core.Model(3, [dense()], isa)


def test_the_automatic_choice_is_the_best_there_is() -> None:
    assert _core.available_isas()[0] == "plain"
    assert _core.Model(3, [dense()]).isa == _core.available_isas()[-1]
