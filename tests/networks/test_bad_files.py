"""A bad file gets one ModelError that names file, layer, what was expected and what was found; nothing else happens."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from model_files import plugin_export, random_network, rtneural, rtneural_json, state_dict, write

from emohost import load_model
from emohost.errors import ModelError

TENSORS = random_network()


def changed(content: Any, *path_and_value: Any) -> Any:
    """A copy of `content` with one place changed; `...` as the value removes it."""
    content = copy.deepcopy(content)
    *path, last, value = path_and_value
    place = content
    for key in path:
        place = place[key]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return content


ONE = rtneural(TENSORS)
TWO = plugin_export(TENSORS)
THREE = rtneural_json(TENSORS)
FOUR = state_dict(TENSORS)
PRELU = {"type": "prelu", "shape": [None, None, 4], "weights": [[[0.1, 0.2, 0.3]]]}
CONV1D = {
    "type": "conv1d",
    "shape": [None, None, 2],
    "kernel_size": [2],
    "dilation": [1],
    "weights": [[[[1.0, 2.0]] * 6] * 2],
}
CONV2D = {
    "type": "conv2d",
    "shape": [None, None, 3, 2],
    "kernel_size_time": 1,
    "kernel_size_feature": 1,
    "dilation": 1,
    "strides": 1,
    "num_filters_in": 2,
    "num_features_in": 3,
    "num_filters_out": 2,
    "padding": "valid",
    "weights": [[[[[1.0, 2.0], [3.0, 4.0]]]]],
}
NORM = {
    "type": "batchnorm",
    "shape": [None, None, 6],
    "epsilon": 0.001,
    "weights": [[1.0] * 6] * 4,
}


def alone(layer: dict[str, Any], *change: Any) -> dict[str, Any]:
    return {"in_shape": [None, None, 6], "layers": [changed(layer, *change) if change else layer]}


CASES = {
    # what the whole file is
    "empty": (b"", "the file is empty"),
    "blank": (b" \n", "the file is empty"),
    "truncated": (json.dumps(ONE).encode()[:-40], "not JSON: line 1, column"),
    "not JSON": (b"PK\x03\x04 zip", "not JSON: line 1, column 1"),
    "not UTF-8": (b'{"in_shape": "\xff\xfe"}', "not JSON"),
    "two documents": (json.dumps(ONE).encode() * 2, "not JSON"),
    "an array": (b"[1, 2]", "top level: expected an object, found an array of 2"),
    "a number": (b"3", "top level: expected an object, found 3"),
    "nested absurdly deep": (b'{"layers": ' + b"[" * 100_000, "not JSON"),
    "nested deep": (
        changed(ONE, "layers", 0, "weights", 0, json.loads("[" * 60 + "]" * 60)),
        "layer 0 (dense)",
    ),
    "another kind of file": ({"hello": 1}, "none of the layouts that emohost reads"),
    "an empty object": ({}, "found the keys none"),
    "NaN that Python wrote": (
        changed(ONE, "layers", 0, "weights", 0, 2, 3, float("nan")),
        "weights[0][2][3]",
    ),
    "infinity": (
        changed(ONE, "layers", 1, "weights", 2, 4, float("inf")),
        "weights[2][4]: expected a finite",
    ),
    "1e999": (json.dumps(ONE).replace("null", "1e999", 1).encode(), "not JSON"),
    "too large for float32": (
        changed(ONE, "layers", 0, "weights", 1, 4, 1e39),
        "a number that float32 can hold",
    ),
    "beyond float64": (
        json.dumps(changed(ONE, "layers", 0, "weights", 1, 4, float("nan")))
        .replace("NaN", "9" * 400)
        .encode(),
        "weights[1][4]: expected a",
    ),
    "beyond float64, beside a NaN": (
        changed(changed(ONE, "layers", 0, "weights", 1, 4, 10**400), "comment", float("nan")),
        "weights[1][4]: expected a number that float32 can hold, found 1000",
    ),
    "a huge epsilon beside a NaN": (
        changed(alone(NORM, "epsilon", 10**400), "comment", float("nan")),
        "epsilon: expected a finite number, found 1000",
    ),
    "a type of many lines": (changed(ONE, "layers", 0, "type", "den\nse"), "layer 0 ('den\\nse"),
    "a very long type": (changed(ONE, "layers", 0, "type", "x" * 9999), "layer 0 ('xxxxx"),
    "a key of many lines": ({"a\nb.weight": [1.0], "a\nb.bias": [1.0]}, "layer 0 ('a\\nb'): weight"),
    "NaN outside the weights": (changed(ONE, "comment", float("nan")), "not JSON"),
    # dialect 1
    "no layers": (changed(ONE, "layers", []), "layers: expected 1 to 1024 layers, found 0"),
    "layers missing": (changed(ONE, "layers", ...), "layers is missing; found the keys 'in_shape'"),
    "layers no array": (changed(ONE, "layers", {}), "layers: expected an array, found an object"),
    "very many layers": (changed(ONE, "layers", [{}] * 5000), "expected 1 to 1024 layers, found 5000"),
    "a layer no object": (
        changed(ONE, "layers", 1, 7),
        "layer 1 (no object): the layer: expected an object, found 7",
    ),
    "type missing": (changed(ONE, "layers", 0, "type", ...), "layer 0 (no type): type is missing"),
    "type no text": (changed(ONE, "layers", 0, "type", 5), "layer 0 (5): type: expected text, found 5"),
    "unknown layer": (
        changed(ONE, "layers", 2, "type", "attention"),
        "layer 2 (attention): type: expected one of",
    ),
    "unknown activation": (changed(ONE, "layers", 2, "activation", "gelu"), "found 'gelu'"),
    "activation no text": (changed(ONE, "layers", 2, "activation", ["tanh"]), "activation: expected one of"),
    "shape missing": (changed(ONE, "layers", 0, "shape", ...), "layer 0 (dense): shape is missing"),
    "shape null": (
        changed(ONE, "layers", 0, "shape", [None, None, None]),
        "shape, last entry: expected a whole",
    ),
    "shape empty": (changed(ONE, "layers", 0, "shape", []), "shape: expected an array that ends with a size"),
    "size zero": (changed(ONE, "layers", 0, "shape", [None, 0]), "found 0"),
    "size negative": (changed(ONE, "layers", 0, "shape", [None, -4]), "found -4"),
    "size true": (changed(ONE, "layers", 0, "shape", [None, True]), "found true"),
    "size a fraction": (
        changed(ONE, "in_shape", [None, 6.0]),
        "in_shape, last entry: expected a whole number",
    ),
    "size claims more": (
        changed(ONE, "layers", 0, "shape", [None, 2_000_000_000]),
        "expected [6][2000000000], fou",
    ),
    "size beyond any": (changed(ONE, "layers", 0, "shape", [None, 10**30]), "a whole number of at least 1"),
    "input claims more": (changed(ONE, "in_shape", [None, 10**9]), "expected [1000000000][7], found [6][7]"),
    "weights missing": (changed(ONE, "layers", 0, "weights", ...), "layer 0 (dense): weights is missing"),
    "weights no array": (
        changed(ONE, "layers", 0, "weights", "abc"),
        "weights: expected an array, found 'abc'",
    ),
    "weights too few": (
        changed(ONE, "layers", 1, "weights", [[1.0]]),
        "weights: expected 2 or 3 arrays, found 1",
    ),
    "weights too many": (
        changed(ONE, "layers", 0, "weights", [[1.0]] * 3),
        "expected 1 or 2 arrays, found 3",
    ),
    "kernel too long": (
        changed(ONE, "layers", 0, "weights", 0, [[1.0] * 7] * 9),
        "expected [6][7], found [9][7]",
    ),
    "kernel flat": (changed(ONE, "layers", 0, "weights", 0, [1.0] * 6), "weights[0][0]: expected an array"),
    "kernel too deep": (
        changed(ONE, "layers", 0, "weights", 0, [[[1.0]] * 7] * 6),
        "expected a number, found an ar",
    ),
    "ragged": (changed(ONE, "layers", 0, "weights", 0, 3, [1.0] * 5), "weights[0][3]: expected 7 values"),
    "a row that is no row": (
        changed(ONE, "layers", 0, "weights", 0, 3, 1.0),
        "weights[0][3]: expected an array",
    ),
    "an empty row": (
        changed(ONE, "layers", 0, "weights", 0, [[]] * 6),
        "weights[0]: expected [6][7], found [6][0]",
    ),
    "a null among numbers": (
        changed(ONE, "layers", 0, "weights", 0, 2, 3, None),
        "[2][3]: expected a number, found n",
    ),
    "a text among numbers": (
        changed(ONE, "layers", 0, "weights", 0, 2, 3, "1.5"),
        "expected a number, found '1.5'",
    ),
    "true among numbers": (
        changed(ONE, "layers", 0, "weights", 0, 2, 3, True),
        "expected a number, found true",
    ),
    "bias too short": (
        changed(ONE, "layers", 0, "weights", 1, [1.0]),
        "layer 0 (dense): weights[1]: expected [7]",
    ),
    "lstm kernel mis-sized": (
        changed(ONE, "layers", 1, "weights", 0, [[1.0] * 19] * 7),
        "expected [7][20], found ",
    ),
    "metadata no object": ({**ONE, "metadata": 3}, "metadata: expected an object, found 3"),
    "status no text": ({**ONE, "metadata": {"status": 3}}, "metadata.status: expected text, found 3"),
    "prelu mis-sized": (
        changed(ONE, "layers", [*ONE["layers"], PRELU]),
        "layer 3 (prelu): weights[0]: expected 4",
    ),
    "conv1d without dilation": (alone(CONV1D, "dilation", ...), "layer 0 (conv1d): dilation is missing"),
    "conv1d groups": (
        alone(CONV1D, "groups", 4),
        "groups: expected a divisor of 6 inputs and 2 outputs, found 4",
    ),
    "conv1d dilation absurd": (
        alone(CONV1D, "dilation", [2_000_000_000]),
        "layer 0 (conv1d): dilation: expected",
    ),
    "conv1d history": (
        alone(CONV1D, "dilation", [4_000_000]),
        "layer 0 (conv1d): kernel_size and dilation: this",
    ),
    "conv1d kernel claims": (
        alone(CONV1D, "kernel_size", [10**6]),
        "weights[0]: expected [1000000][6][2], found [2]",
    ),
    "conv2d padding": (
        alone(CONV2D, "padding", "causal"),
        "padding: expected 'same' or 'valid', found 'causal'",
    ),
    "conv2d sizes": (
        alone(CONV2D, "num_features_in", 5),
        "layer 0 (conv2d): num_features_in x num_filters_in: exp",
    ),
    "conv2d outputs": (
        alone(CONV2D, "shape", [None, None, 4, 2]),
        "layer 0 (conv2d): outputs: expected 3 features",
    ),
    "batchnorm epsilon": (alone(NORM, "epsilon", ...), "layer 0 (batchnorm): epsilon is missing"),
    "batchnorm arrays": (
        alone(NORM, "weights", [[1.0] * 6] * 3),
        "expected 4 arrays (gamma, beta, mean, variance)",
    ),
    "batchnorm variance": (
        alone(NORM, "weights", 3, [-1.0] * 6),
        "layer 0 (batchnorm): variance: expected more",
    ),
    "wide activation": (
        {"in_shape": [10**9], "layers": [{"type": "activation", "activation": "tanh"}]},
        "inputs: expected 1 to 65536, found 1000000000",
    ),
    # dialect 2
    "2: sizes do not follow": (
        changed(TWO, "layers", 1, "in_size", 9),
        "layer 1 (lstm): in_size: expected 7, found 9",
    ),
    "2: transposed": (
        changed(TWO, "layers", 0, "weights", TENSORS["first.weight"].T.tolist()),
        "layer 0 (dense): weights: expected [7][6], found [6][7]",
    ),
    "2: bias": (
        changed(TWO, "layers", 0, "bias", [1.0] * 6),
        "layer 0 (dense): bias: expected [7], found [6]",
    ),
    "2: three gates": (
        changed(TWO, "layers", 1, "weights_ih", [[[1.0] * 7] * 5] * 3),
        "weights_ih: expected [4][5][7]",
    ),
    "2: gate bias": (
        changed(TWO, "layers", 1, "bias_hh", [[1.0] * 5] * 3),
        "bias_hh: expected [4][5], found [3][5]",
    ),
    "2: unknown layer": (
        changed(TWO, "layers", 1, "type", "gru"),
        "layer 1 (gru): type: expected dense or lstm",
    ),
    "2: metadata lies": (
        changed(TWO, "metadata", "input_size", 9),
        "metadata.input_size: expected 6, found 9",
    ),
    # dialect 3
    "3: shape": (
        changed(THREE, "layers", 0, "shape", [6, 7]),
        "layer 0 (dense): shape[0] (out): expected 7, found 6",
    ),
    "3: shape no pair": (
        changed(THREE, "layers", 0, "shape", [7]),
        "shape: expected [7, 6], found an array of 1",
    ),
    "3: bidirectional": (changed(THREE, "layers", 2, "bidirectional", True), "bidirectional: expected false"),
    "3: stack": (
        changed(THREE, "layers", 2, "num_layers", 2),
        "weights_ih: expected 2 entries, one for each stacked",
    ),
    "3: stack claims": (changed(THREE, "layers", 2, "num_layers", 10**9), "expected 1000000000 entries"),
    "3: sizes": (changed(THREE, "output_size", 5), "output_size: expected 4, found 5"),
    "3: do not follow": (changed(THREE, "layers", 2, ...), "layer 2 (dense): inputs: expected 7, found 5"),
    "3: activation": (
        changed(THREE, "layers", 1, "activation", "gelu"),
        "layer 1 (activation): activation: expected",
    ),
    "3: unknown": (
        changed(THREE, "layers", 1, "type", "batchnorm2d"),
        "layer 1 (batchnorm2d): type: expected dense",
    ),
    # dialect 4
    "4: other tensors": ({**FOUR, "emb.weights": [1.0]}, "'emb.weights': expected a tensor of"),
    "4: both directions": (
        {**FOUR, "lstm.weight_ih_l0_reverse": [[1.0]]},
        "'lstm.weight_ih_l0_reverse': expected",
    ),
    "4: bias alone": ({"a.bias": [1.0]}, "layer 0 ('a'): weight: expected [out][in] (dense)"),
    "4: layer norm": (
        {"a.weight": [1.0], "a.bias": [1.0]},
        "layer 0 ('a'): weight: expected [out][in] (dense)",
    ),
    "4: plain rnn": (
        {"r.weight_ih_l0": [[1.0]], "r.weight_hh_l0": [[1.0]]},
        "[4 n][n] (lstm) or [3 n][n] (gru)",
    ),
    "4: half an lstm": ({"r.weight_ih_l0": [[1.0]]}, "weight_hh is missing; found weight_ih"),
    "4: do not follow": (
        {**FOUR, "last.weight": [[1.0] * 9] * 4},
        "layer 2 (dense 'last'): inputs: expected 5, fo",
    ),
    "4: a scalar": ({**FOUR, "last.weight": 3}, "layer 2 ('last'): weight: expected"),
    "4: bias": ({**FOUR, "last.bias": [1.0]}, "layer 2 (dense 'last'): bias: expected [4], found [1]"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_gets_one_error_with_place_expected_and_found(case: str, tmp_path: Path) -> None:
    content, message = CASES[case]
    file = write(tmp_path / "bad.json", content)
    with pytest.raises(ModelError) as caught:
        load_model(file)
    text = str(caught.value)
    assert text.startswith(f"{file}: ")
    assert message in text
    assert "\n" not in text
    assert len(text) < 600


def test_the_cases_are_bad_only_where_they_were_changed(tmp_path: Path) -> None:
    for content in (ONE, TWO, THREE, FOUR, alone(CONV1D), alone(CONV2D), alone(NORM)):
        load_model(write(tmp_path / "good.json", content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such file"):
        load_model(tmp_path / "missing.json")
    with pytest.raises(ModelError, match="not a file"):
        load_model(tmp_path)
    with pytest.raises(ModelError):
        load_model("a\0b")  # no file can be called so


@pytest.mark.skipif(sys.platform == "win32", reason="needs /dev/zero")
def test_a_device_is_not_read() -> None:
    with pytest.raises(ModelError, match="not a file"):
        load_model("/dev/zero")


def test_a_network_of_the_wrong_size_for_its_role_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "model.json", ONE)
    with pytest.raises(ModelError) as caught:
        load_model(file, "emotion")
    assert (
        str(caught.value)
        == f"{file}: inputs -> outputs: expected 128 -> 64 for the role emotion, found 6 -> 4"
    )


def test_wrong_activations_in_the_call_are_named(tmp_path: Path) -> None:
    file = write(tmp_path / "model.json", FOUR)
    with pytest.raises(
        ModelError, match="activations: expected 3, one for each of dense, lstm, dense, found 2"
    ):
        load_model(file, activations=["tanh", "tanh"])
    with pytest.raises(ModelError, match=r"layer 0 \(dense 'first'\): activation: expected one of"):
        load_model(file, activations=["swish", "", ""])
    with pytest.raises(ModelError, match=r"layer 1 \(lstm 'lstm.l0'\): activation: expected '' or 'tanh'"):
        load_model(file, activations=["tanh", "relu", ""])
    with pytest.raises(ModelError, match="dilations: expected 0, one for each convolution, found 1"):
        load_model(file, dilations=[2])


def test_a_role_that_does_not_exist_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="role: expected one of emotion, melody"):
        load_model(write(tmp_path / "model.json", ONE), "bass")


def test_a_claim_takes_no_memory(tmp_path: Path) -> None:
    """A few hundred bytes that claim gigabytes are refused without asking for them."""
    tracemalloc = pytest.importorskip("tracemalloc")
    for content in (
        changed(ONE, "layers", 0, "shape", [None, 2_000_000_000]),
        alone(CONV1D, "dilation", [4_000_000]),
        changed(THREE, "layers", 2, "num_layers", 2_000_000_000),
    ):
        file = write(tmp_path / "claims.json", content)
        tracemalloc.start()
        try:
            with pytest.raises(ModelError):
                load_model(file)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 100 * file.stat().st_size + 1_000_000
