"""Four layouts, one network: the same weights give the same output, whichever file they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_files import (
    ACTIVATIONS,
    Tensors,
    plugin_export,
    random_network,
    rtneural,
    rtneural_json,
    state_dict,
    write,
)

from emohost import load_model
from emohost.networks import ROLES

X = np.random.default_rng(5).uniform(-1, 1, (20, 6)).astype(np.float32)


def sigmoid(y: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-y))


def by_hand(tensors: Tensors, x: np.ndarray) -> np.ndarray:
    """dense tanh, lstm, dense sigmoid as PyTorch documents them, in float64."""
    t = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    hidden = tensors["lstm.weight_hh_l0"].shape[1]
    h, c, out = np.zeros(hidden), np.zeros(hidden), []
    for step in x.astype(np.float64):
        step = np.tanh(t["first.weight"] @ step + t["first.bias"])
        gates = t["lstm.weight_ih_l0"] @ step + t["lstm.bias_ih_l0"]
        gates = gates + t["lstm.weight_hh_l0"] @ h + t["lstm.bias_hh_l0"]
        i, f, g, o = np.split(gates, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(sigmoid(t["last.weight"] @ h + t["last.bias"]))
    return np.array(out)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_weights_give_the_same_output_in_all_four_layouts(tmp_path: Path, seed: int) -> None:
    tensors = random_network(seed)
    networks = [
        load_model(write(tmp_path / "1.json", rtneural(tensors))),
        load_model(write(tmp_path / "2.json", plugin_export(tensors))),
        load_model(write(tmp_path / "3.json", rtneural_json(tensors))),
        load_model(write(tmp_path / "4.json", state_dict(tensors)), activations=ACTIVATIONS),
    ]
    expected = by_hand(tensors, X)
    first = networks[0].process(X)
    np.testing.assert_allclose(first, expected, atol=1e-5)
    for network in networks[1:]:
        assert np.array_equal(network.process(X), first)
        assert network.info.parameters == sum(tensor.size for tensor in tensors.values())
    assert [network.info.dialect for network in networks] == [
        "RTNeural",
        'plugin export "2.0"',
        '"rtneural-json" 1.0',
        "PyTorch state_dict",
    ]
    assert {network.info.architecture for network in networks} == {"dense 7 tanh, lstm 5, dense 4 sigmoid"}


def test_the_layout_is_recognised_by_keys_whatever_the_file_is_called(tmp_path: Path) -> None:
    network = load_model(write(tmp_path / "state_dict.txt", rtneural(random_network())))
    assert network.info.dialect == "RTNeural"


def test_a_plugin_export_may_hold_its_lstm_unsplit(tmp_path: Path) -> None:
    tensors = random_network()
    split = load_model(write(tmp_path / "a.json", plugin_export(tensors)))
    whole = plugin_export(tensors)
    for key, name in (("weights_ih", "weight_ih"), ("weights_hh", "weight_hh")):
        whole["layers"][1][key] = tensors[f"lstm.{name}_l0"].tolist()
    for key in ("bias_ih", "bias_hh"):
        whole["layers"][1][key] = tensors[f"lstm.{key}_l0"].tolist()
    assert np.array_equal(load_model(write(tmp_path / "b.json", whole)).process(X), split.process(X))


def test_stacked_lstms_run_one_after_the_other(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    stack = {
        f"lstm.{name}_l{layer}": random.uniform(-1, 1, shape).astype(np.float32)
        for layer, inputs in ((0, 6), (1, 5))
        for name, shape in (
            ("weight_ih", (20, inputs)),
            ("weight_hh", (20, 5)),
            ("bias_ih", 20),
            ("bias_hh", 20),
        )
    }
    flat = load_model(write(tmp_path / "4.json", state_dict(stack)))
    keys = {"weights_ih": "weight_ih", "weights_hh": "weight_hh", "bias_ih": "bias_ih", "bias_hh": "bias_hh"}
    record = {"type": "lstm", "input_size": 6, "hidden_size": 5, "num_layers": 2, "bidirectional": False}
    for key, name in keys.items():
        record[key] = [stack[f"lstm.{name}_l{layer}"].tolist() for layer in (0, 1)]
    top = {"format": "rtneural-json", "input_size": 6, "output_size": 5, "layers": [record]}
    other = load_model(write(tmp_path / "3.json", top))
    assert flat.info.architecture == other.info.architecture == "lstm 5, lstm 5"
    assert np.array_equal(flat.process(X), other.process(X))


def test_a_gru_of_pytorch_runs_as_pytorch_documents_it(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    t = {
        "gru.weight_ih_l0": random.uniform(-1, 1, (15, 6)),
        "gru.weight_hh_l0": random.uniform(-1, 1, (15, 5)),
        "gru.bias_ih_l0": random.uniform(-1, 1, 15),
        "gru.bias_hh_l0": random.uniform(-1, 1, 15),
    }
    h, expected = np.zeros(5), []
    for step in X:
        xr, xz, xn = np.split(t["gru.weight_ih_l0"] @ step + t["gru.bias_ih_l0"], 3)
        hr, hz, hn = np.split(t["gru.weight_hh_l0"] @ h + t["gru.bias_hh_l0"], 3)
        r, z = sigmoid(xr + hr), sigmoid(xz + hz)
        h = (1 - z) * np.tanh(xn + r * hn) + z * h
        expected.append(h)
    network = load_model(write(tmp_path / "gru.json", {name: v.tolist() for name, v in t.items()}))
    np.testing.assert_allclose(network.process(X), expected, atol=1e-5)
    assert network.info.parameters == 15 * 6 + 15 * 5 + 30


def test_convolution_batch_norm_and_prelu_of_pytorch(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    weight = random.uniform(-1, 1, (4, 3, 2))  # 4 outputs, groups of 3 inputs, 2 samples
    mean, variance = random.uniform(-1, 1, 4), random.uniform(0.5, 2, 4)
    gamma, beta, slope = random.uniform(-1, 1, 4), random.uniform(-1, 1, 4), 0.3
    tensors = {
        "conv.weight": weight.tolist(),
        "norm.weight": gamma.tolist(),
        "norm.bias": beta.tolist(),
        "norm.running_mean": mean.tolist(),
        "norm.running_var": variance.tolist(),
        "norm.num_batches_tracked": 7,
        "act.weight": [slope],
    }
    network = load_model(write(tmp_path / "conv.json", tensors), groups=[2], dilations=[3])
    expected = []
    padded = np.concatenate([np.zeros((3, 6)), X])
    for t in range(len(X)):
        y = np.array(
            [
                sum(padded[t + 3 * k, 3 * (o // 2) : 3 * (o // 2) + 3] @ weight[o, :, k] for k in range(2))
                for o in range(4)
            ]
        )
        y = (y - mean) / np.sqrt(variance + 1e-5) * gamma + beta
        expected.append(np.where(y < 0, slope * y, y))
    np.testing.assert_allclose(network.process(X), expected, atol=2e-5)
    assert any("epsilon" in warning for warning in network.info.warnings)


def test_a_state_dict_without_role_or_activations_is_linear_and_says_so(tmp_path: Path) -> None:
    tensors = random_network()
    network = load_model(write(tmp_path / "4.json", state_dict(tensors)))
    assert network.info.architecture == "dense 7, lstm 5, dense 4"
    (warning,) = network.info.warnings
    assert "4.json: the file names no activations" in warning
    assert "linear" in warning


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("layout", ["rtneural-json", "state_dict"])
def test_a_file_without_activations_gets_those_of_its_role_and_says_so(
    tmp_path: Path, role: str, layout: str
) -> None:
    wanted = ROLES[role]
    tensors = random_network(1, inputs=wanted.inputs, outputs=wanted.outputs)
    content = state_dict(tensors) if layout == "state_dict" else rtneural_json(tensors, activations=False)
    network = load_model(write(tmp_path / "model.json", content), role)
    expected = f"dense 7 {wanted.hidden}, lstm 5, dense {wanted.outputs} {wanted.output}"
    assert network.info.architecture == expected
    (warning,) = network.info.warnings
    assert f"role {role}" in warning
    assert "names no activations" in warning


def test_given_activations_replace_the_files(tmp_path: Path) -> None:
    tensors = random_network()
    given = ["relu", "", "softmax"]
    for content in (rtneural(tensors), plugin_export(tensors), rtneural_json(tensors), state_dict(tensors)):
        network = load_model(write(tmp_path / "model.json", content), activations=given)
        assert network.info.architecture == "dense 7 relu, lstm 5, dense 4 softmax"
        said = [warning for warning in network.info.warnings if "replace" in warning]
        assert len(said) == ("first.weight" not in content)


def three_dense(role: str, names: list[str]) -> dict[str, Any]:
    wanted = ROLES[role]
    sizes = [wanted.inputs, 8, 8, wanted.outputs]
    layers = [
        {
            "type": "dense",
            "in_size": sizes[i],
            "out_size": sizes[i + 1],
            "activation": names[i],
            "weights": np.full((sizes[i + 1], sizes[i]), 0.1).tolist(),
            "bias": [0.0] * sizes[i + 1],
        }
        for i in range(3)
    ]
    return {"metadata": {"export_version": "2.0"}, "layers": layers}


def test_the_last_activation_on_every_layer_is_loaded_as_it_stands_and_warned_of(tmp_path: Path) -> None:
    network = load_model(write(tmp_path / "harmony.json", three_dense("harmony", ["softmax"] * 3)), "harmony")
    assert network.info.architecture == "dense 8 softmax, dense 8 softmax, dense 64 softmax"
    (warning,) = network.info.warnings
    assert "harmony.json" in warning
    assert "layer 0 (dense), layer 1 (dense): softmax" in warning
    assert ROLES["harmony"].architecture in warning


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("harmony", ["tanh", "tanh", "softmax"]),
        ("groove", ["tanh", "tanh", "tanh"]),  # what the role normally has
        ("dynamics", ["", "", ""]),
    ],
)
def test_sound_activations_are_not_warned_of(tmp_path: Path, role: str, names: list[str]) -> None:
    network = load_model(write(tmp_path / "model.json", three_dense(role, names)), role)
    assert network.info.warnings == ()


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(rtneural(random_network())).encode()
    assert load_model(write(tmp_path / "bom.json", content)).info.inputs == 6
