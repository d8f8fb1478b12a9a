"""Model files for tests: the same random network in each of the four layouts, as Python objects to be dumped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

Tensors = dict[str, np.ndarray]


def random_network(seed: int = 0, inputs: int = 6, hidden: int = 5, outputs: int = 4) -> Tensors:
    """dense, lstm, dense in PyTorch's layouts: name -> float32 tensor."""
    random = np.random.default_rng(seed)

    def tensor(*shape: int) -> np.ndarray:
        return random.uniform(-1, 1, shape).astype(np.float32)

    return {
        "first.weight": tensor(7, inputs),
        "first.bias": tensor(7),
        "lstm.weight_ih_l0": tensor(4 * hidden, 7),
        "lstm.weight_hh_l0": tensor(4 * hidden, hidden),
        "lstm.bias_ih_l0": tensor(4 * hidden),
        "lstm.bias_hh_l0": tensor(4 * hidden),
        "last.weight": tensor(outputs, hidden),
        "last.bias": tensor(outputs),
    }


ACTIVATIONS = ["tanh", "", "sigmoid"]  # of first, lstm, last


def rtneural(tensors: Tensors) -> dict[str, Any]:
    """Dialect 1."""
    first, last = tensors["first.weight"], tensors["last.weight"]
    bias = tensors["lstm.bias_ih_l0"].astype(np.float64) + tensors["lstm.bias_hh_l0"]
    return {
        "in_shape": [None, None, first.shape[1]],
        "layers": [
            {
                "type": "dense",
                "activation": "tanh",
                "shape": [None, None, first.shape[0]],
                "weights": [first.T.tolist(), tensors["first.bias"].tolist()],
            },
            {
                "type": "lstm",
                "activation": "tanh",
                "shape": [None, None, tensors["lstm.weight_hh_l0"].shape[1]],
                "weights": [
                    tensors["lstm.weight_ih_l0"].T.tolist(),
                    tensors["lstm.weight_hh_l0"].T.tolist(),
                    bias.astype(np.float32).tolist(),
                ],
            },
            {
                "type": "dense",
                "activation": "sigmoid",
                "shape": [None, None, last.shape[0]],
                "weights": [last.T.tolist(), tensors["last.bias"].tolist()],
            },
        ],
    }


def plugin_export(tensors: Tensors) -> dict[str, Any]:
    """Dialect 2, with the LSTM split into its four gates."""
    first, last, hh = tensors["first.weight"], tensors["last.weight"], tensors["lstm.weight_hh_l0"]
    hidden = hh.shape[1]
    return {
        "metadata": {
            "model_name": "Test",
            "framework": "PyTorch",
            "export_version": "2.0",
            "parameter_count": 1,
            "memory_bytes": 4,
            "input_size": first.shape[1],
            "output_size": last.shape[0],
        },
        "layers": [
            {
                "type": "dense",
                "in_size": first.shape[1],
                "out_size": first.shape[0],
                "activation": "tanh",
                "weights": first.tolist(),
                "bias": tensors["first.bias"].tolist(),
            },
            {
                "type": "lstm",
                "in_size": first.shape[0],
                "out_size": hidden,
                "weights_ih": tensors["lstm.weight_ih_l0"].reshape(4, hidden, -1).tolist(),
                "weights_hh": hh.reshape(4, hidden, -1).tolist(),
                "bias_ih": tensors["lstm.bias_ih_l0"].reshape(4, hidden).tolist(),
                "bias_hh": tensors["lstm.bias_hh_l0"].reshape(4, hidden).tolist(),
            },
            {
                "type": "dense",
                "in_size": hidden,
                "out_size": last.shape[0],
                "activation": "sigmoid",
                "weights": last.tolist(),
                "bias": tensors["last.bias"].tolist(),
            },
        ],
    }


def rtneural_json(tensors: Tensors, activations: bool = True) -> dict[str, Any]:
    """Dialect 3, with activations as layers of their own, or none."""
    first, last = tensors["first.weight"], tensors["last.weight"]

    def dense(weight: np.ndarray, bias: np.ndarray) -> dict[str, Any]:
        return {
            "type": "dense",
            "in_features": weight.shape[1],
            "out_features": weight.shape[0],
            "shape": list(weight.shape),
            "weights": weight.tolist(),
            "bias": bias.tolist(),
        }

    layers = [
        dense(first, tensors["first.bias"]),
        {"type": "activation", "activation": "tanh"},
        {
            "type": "lstm",
            "input_size": first.shape[0],
            "hidden_size": tensors["lstm.weight_hh_l0"].shape[1],
            "num_layers": 1,
            "bidirectional": False,
            "weights_ih": [tensors["lstm.weight_ih_l0"].tolist()],
            "weights_hh": [tensors["lstm.weight_hh_l0"].tolist()],
            "bias_ih": [tensors["lstm.bias_ih_l0"].tolist()],
            "bias_hh": [tensors["lstm.bias_hh_l0"].tolist()],
        },
        dense(last, tensors["last.bias"]),
        {"type": "activation", "activation": "sigmoid"},
    ]
    return {
        "format": "rtneural-json",
        "version": "1.0",
        "model_name": "test",
        "input_size": first.shape[1],
        "output_size": last.shape[0],
        "layers": layers if activations else [layer for layer in layers if layer["type"] != "activation"],
    }


def state_dict(tensors: Tensors) -> dict[str, Any]:
    """Dialect 4."""
    return {name: tensor.tolist() for name, tensor in tensors.items()}


def write(path: Path, content: Any) -> Path:
    """`content` as JSON, or as it is if it is bytes."""
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path
