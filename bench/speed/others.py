"""The same networks in ONNX Runtime, PyTorch and numpy: one step at a time, states kept, one thread.

Each maker takes the canonical layers (`Parsed.draft`) and returns a step: float32 (inputs,) -> (outputs,). Dense, LSTM
and GRU layers, which are what the five roles are made of; others raise UnsupportedError.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from emohost.networks.formats.draft import Draft
from emohost.networks.formats.layers import Layer

Float32 = NDArray[np.float32]
Step = Callable[[Float32], Float32]


class UnsupportedError(Exception):
    """A layer that only emohost runs here."""


def _parts(layer: Layer, gates: int) -> tuple[Float32, Float32, Float32]:
    """Kernel (in, gates * out), recurrent kernel, bias (biases, gates * out); a missing bias as zeros."""
    width = gates * layer.outputs
    biases = 2 if gates == 3 else 1
    bias = layer.weights[2] if len(layer.weights) > 2 else np.zeros((biases, width), np.float32)
    return (
        layer.weights[0].reshape(-1, width),
        layer.weights[1].reshape(-1, width),
        bias.reshape(biases, width),
    )


def _dense(layer: Layer) -> tuple[Float32, Float32]:
    bias = layer.weights[1] if len(layer.weights) > 1 else np.zeros(layer.outputs, np.float32)
    return layer.weights[0].reshape(layer.inputs, layer.outputs), bias


def _order(array: Float32, order: tuple[int, ...]) -> Float32:
    """Gates (last axis) in another order."""
    return np.concatenate([np.split(array, len(order), axis=-1)[gate] for gate in order], axis=-1)


# --- numpy -------------------------------------------------------------------------------------------------------


def numpy_step(draft: Draft) -> Step:
    runs = [_numpy_layer(layer) for layer in draft.layers]

    def step(x: Float32) -> Float32:
        for run in runs:
            x = run(x)
        return x

    return step


def _sigmoid(x: Float32) -> Float32:
    return 1 / (1 + np.exp(-x))


def _softmax(x: Float32) -> Float32:
    powers = np.exp(x - x.max())
    return powers / powers.sum()


_NUMPY: dict[str, Step] = {
    "linear": lambda x: x,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
}


def _numpy_layer(layer: Layer) -> Step:
    if layer.kind == "activation":
        return _NUMPY[layer.activation]
    if layer.kind == "dense":
        kernel, bias = _dense(layer)
        activate = _NUMPY[layer.activation]
        return lambda x: activate(x @ kernel + bias)
    if layer.kind == "lstm":
        return _numpy_lstm(layer)
    if layer.kind == "gru":
        return _numpy_gru(layer)
    raise UnsupportedError(layer.kind)


def _numpy_lstm(layer: Layer) -> Step:
    kernel, recurrent, bias = _parts(layer, 4)
    state = {"h": np.zeros(layer.outputs, np.float32), "c": np.zeros(layer.outputs, np.float32)}

    def step(x: Float32) -> Float32:
        i, f, g, o = np.split(x @ kernel + state["h"] @ recurrent + bias[0], 4)
        state["c"] = _sigmoid(f) * state["c"] + _sigmoid(i) * np.tanh(g)
        state["h"] = _sigmoid(o) * np.tanh(state["c"])
        return state["h"]

    return step


def _numpy_gru(layer: Layer) -> Step:
    kernel, recurrent, bias = _parts(layer, 3)
    state = {"h": np.zeros(layer.outputs, np.float32)}

    def step(x: Float32) -> Float32:
        xz, xr, xn = np.split(x @ kernel + bias[0], 3)
        hz, hr, hn = np.split(state["h"] @ recurrent + bias[1], 3)
        z, r = _sigmoid(xz + hz), _sigmoid(xr + hr)
        state["h"] = z * state["h"] + (1 - z) * np.tanh(xn + r * hn)
        return state["h"]

    return step


# --- PyTorch -----------------------------------------------------------------------------------------------------

_TORCH = {
    "linear": nn.Identity,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "softmax": lambda: nn.Softmax(dim=-1),
    "elu": nn.ELU,
}


class _Torch(nn.Module):
    """(1, 1, inputs) and the states of the recurrent layers to (1, 1, outputs) and the next states."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.layers = nn.ModuleList([_torch_layer(layer) for layer in draft.layers])

    def states(self) -> list[torch.Tensor]:
        found = []
        for layer in self.layers:
            if isinstance(layer, nn.LSTM | nn.GRU):
                found += [torch.zeros(1, 1, layer.hidden_size)] * (2 if isinstance(layer, nn.LSTM) else 1)
        return found

    def forward(self, x: torch.Tensor, *states: torch.Tensor) -> Any:
        left, following = list(states), []
        for layer in self.layers:
            if isinstance(layer, nn.LSTM):
                x, (h, c) = layer(x, (left.pop(0), left.pop(0)))
                following += [h, c]
            elif isinstance(layer, nn.GRU):
                x, h = layer(x, left.pop(0))
                following.append(h)
            else:
                x = layer(x)
        return (x, *following)


def _torch_layer(layer: Layer) -> nn.Module:
    if layer.kind == "activation":
        return _TORCH[layer.activation]()
    if layer.kind == "dense":
        kernel, bias = _dense(layer)
        linear = nn.Linear(layer.inputs, layer.outputs)
        _fill(linear.weight, kernel.T), _fill(linear.bias, bias)
        return nn.Sequential(linear, _TORCH[layer.activation]())
    if layer.kind == "lstm":
        kernel, recurrent, bias = _parts(layer, 4)
        module: nn.RNNBase = nn.LSTM(layer.inputs, layer.outputs)
        biases = [bias[0], np.zeros_like(bias[0])]
    elif layer.kind == "gru":
        kernel, recurrent, bias = (_order(part, (1, 0, 2)) for part in _parts(layer, 3))
        module = nn.GRU(layer.inputs, layer.outputs)
        biases = [bias[0], bias[1]]
    else:
        raise UnsupportedError(layer.kind)
    for name, values in zip(module._flat_weights_names, [kernel.T, recurrent.T, *biases], strict=True):
        _fill(getattr(module, name), values)
    return module


def _fill(parameter: torch.Tensor, values: Float32) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))


def torch_step(draft: Draft, script: bool) -> Step:
    torch.set_num_threads(1)
    module: Any = _Torch(draft).eval()
    states = module.states()
    if script:
        with torch.inference_mode():
            module = torch.jit.freeze(
                torch.jit.trace(module, (torch.zeros(1, 1, draft.inputs), *states)).eval()
            )

    def step(x: Float32) -> Float32:
        nonlocal states
        with torch.inference_mode():
            y, *states = module(torch.from_numpy(x).view(1, 1, -1), *states)
            return y.view(-1).numpy()

    return step


# --- ONNX Runtime ------------------------------------------------------------------------------------------------

_ONNX = {"tanh": "Tanh", "relu": "Relu", "sigmoid": "Sigmoid", "softmax": "Softmax", "elu": "Elu"}


class _Graph:
    """An ONNX graph of one step, made layer by layer."""

    def __init__(self, draft: Draft) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.states: list[tuple[str, str, int]] = []  # input, output, size
        self.last = "x"
        for number, layer in enumerate(draft.layers):
            self._add(f"l{number}", layer)

    def _weight(self, name: str, values: Float32) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        self.last = next(name for name in outputs if name)

    def _add(self, name: str, layer: Layer) -> None:
        if layer.kind == "dense":
            kernel, bias = _dense(layer)
            weights = [self._weight(f"{name}w", kernel), self._weight(f"{name}b", bias)]
            self._node("Gemm", [self.last, *weights], [f"{name}y"])
        elif layer.kind in ("lstm", "gru"):
            self._recurrent(name, layer)
        elif layer.kind != "activation":
            raise UnsupportedError(layer.kind)
        if layer.activation in _ONNX:
            self._node(_ONNX[layer.activation], [self.last], [f"{name}a"])

    def _recurrent(self, name: str, layer: Layer) -> None:
        lstm = layer.kind == "lstm"
        gates, order = (4, (0, 3, 1, 2)) if lstm else (3, (0, 1, 2))
        kernel, recurrent, bias = (_order(part, order) for part in _parts(layer, gates))
        both = np.concatenate([bias[0], bias[1] if len(bias) > 1 else np.zeros_like(bias[0])])
        weights = [
            self._weight(f"{name}w", kernel.T[None]),
            self._weight(f"{name}r", recurrent.T[None]),
            self._weight(f"{name}b", both[None]),
        ]
        axis = self._axis()
        names = [f"{name}h", f"{name}c"] if lstm else [f"{name}h"]
        self._node("Unsqueeze", [self.last, axis], [f"{name}s"])
        following = [f"{each}next" for each in names]
        extra = {} if lstm else {"linear_before_reset": 1}
        self._node(
            "LSTM" if lstm else "GRU",
            [f"{name}s", *weights, "", *names],
            ["", *following],
            hidden_size=layer.outputs,
            **extra,
        )
        self._node("Squeeze", [following[0], axis], [f"{name}y"])
        self.states += [(each, after, layer.outputs) for each, after in zip(names, following, strict=True)]

    def _axis(self) -> str:
        if all(weight.name != "axis" for weight in self.weights):
            self.weights.append(numpy_helper.from_array(np.array([0], np.int64), "axis"))
        return "axis"


def onnx_step(draft: Draft) -> Step:
    graph = _Graph(draft)
    value = helper.make_tensor_value_info
    inputs = [value("x", TensorProto.FLOAT, [1, draft.inputs])]
    inputs += [value(name, TensorProto.FLOAT, [1, 1, size]) for name, _, size in graph.states]
    outputs = [value(graph.last, TensorProto.FLOAT, [1, draft.layers[-1].outputs])]
    outputs += [value(name, TensorProto.FLOAT, [1, 1, size]) for _, name, size in graph.states]
    made = helper.make_graph(graph.nodes, "step", inputs, outputs, graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    feed = {name: np.zeros((1, 1, size), np.float32) for name, _, size in graph.states}

    def step(x: Float32) -> Float32:
        feed["x"] = x[None]
        y, *states = session.run(None, feed)
        feed.update(zip((name for name, _, _ in graph.states), states, strict=True))
        return y[0]

    return step
