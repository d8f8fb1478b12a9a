"""What emohost writes it reads again bit by bit; the five files in models/ are what their seed says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emohost import _core, load_model
from emohost.errors import ModelError
from emohost.networks import ROLES, Info, feature_settings
from emohost.networks.features import LAYOUTS, RANGES
from emohost.networks.formats.layers import Layer
from emohost.networks.formats.write import write_model
from emohost.networks.untrained import main, untrained_layers, untrained_metadata
from emohost.packaged import packaged

PARAMETERS = {
    "emotion": 403_264,
    "melody": 641_664,
    "harmony": 74_176,
    "dynamics": 13_520,
    "groove": 18_656,
    "beat": 98_594,
}


def tensor(random: np.random.Generator, *shape: int) -> np.ndarray:
    return random.standard_normal(shape).astype(np.float32) * np.float32(random.choice([1e-30, 1e-3, 1, 1e4]))


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_read_back_bit_by_bit_and_short(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    layer = Layer("dense", 9, 8, [tensor(random, 9, 8), tensor(random, 8)], "tanh")
    file = tmp_path / "model.json"
    write_model(file, [layer], {"status": "trained"})
    record = json.loads(file.read_text())["layers"][0]
    for written, array in zip(record["weights"], layer.weights, strict=True):
        assert np.array_equal(np.array(written, dtype=np.float32), array)
    assert len(file.read_bytes()) < 200 + 16 * 80


def test_every_layer_type_survives_writing_and_reading(tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    conv2d = {
        "kernel_size": 2,
        "kernel_size_feature": 3,
        "dilation": 2,
        "stride": 2,
        "filters_in": 2,
        "features_in": 6,
        "filters_out": 3,
        "same_padding": True,
    }
    variance = np.array([1, 2, 3], np.float32)
    layers = [
        Layer("conv2d", 12, 9, [tensor(random, 2, 3, 2, 3), tensor(random, 3)], "elu", extra=conv2d),
        Layer(
            "batchnorm2d",
            9,
            9,
            [*(tensor(random, 3) for _ in range(3)), variance],
            extra={"epsilon": 0.5, "filters_in": 3},
        ),
        Layer("prelu", 9, 9, [tensor(random, 9)]),
        Layer(
            "conv1d",
            9,
            6,
            [tensor(random, 2, 3, 6)],
            "relu",
            extra={"kernel_size": 2, "dilation": 3, "groups": 3},
        ),
        Layer("gru", 6, 5, [tensor(random, 6, 15), tensor(random, 5, 15), tensor(random, 2, 15)]),
        Layer("lstm", 5, 4, [tensor(random, 5, 16), tensor(random, 4, 16), tensor(random, 16)]),
        Layer("batchnorm", 4, 4, [tensor(random, 4), np.ones(4, np.float32)], extra={"epsilon": 0.0}),
        Layer("activation", 4, 4, [], "softmax"),
    ]
    write_model(tmp_path / "a.json", layers, {})
    network = load_model(tmp_path / "a.json")
    assert network.info.architecture == (
        "conv2d 9 elu, batchnorm2d 9, prelu, conv1d 6 relu, gru 5, lstm 4, batchnorm 4 softmax"
    )
    expected = network.native.__class__(12, [layer.native() for layer in layers])
    x = random.uniform(-1, 1, (20, 12)).astype(np.float32)
    assert np.array_equal(network.process(x), expected.process(x))


@pytest.mark.parametrize("role", ROLES)
def test_the_packaged_models_have_their_roles_architecture_and_size(role: str) -> None:
    network = load_model(packaged("models") / ROLES[role].file, role)
    info = network.info
    assert info.architecture == ROLES[role].architecture
    assert info.parameters == PARAMETERS[role]
    assert info.memory_bytes < 4_000_000
    assert info.metadata["role"] == role
    assert info.warnings == ()
    assert {"version", "status", "tick", "outputs", "data", "licence", "scores"} <= set(info.metadata)
    assert info.status in ("trained", "untrained")


def test_the_roles_have_one_million_parameters_together() -> None:
    assert sum(PARAMETERS.values()) - PARAMETERS["beat"] == 1_151_280


def test_untrained_models_are_what_their_seed_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["untrained", str(tmp_path)])
    assert main() == 0
    assert len(capsys.readouterr().out.splitlines()) == len(ROLES)
    for role in ROLES.values():
        network = load_model(tmp_path / role.file, role.name)
        assert network.info.status == "untrained"
        shipped = packaged("models") / role.file
        if load_model(shipped).info.status == "untrained":
            assert shipped.read_bytes() == (tmp_path / role.file).read_bytes()


@pytest.mark.parametrize("role", ROLES)
def test_untrained_outputs_are_alive(role: str, tmp_path: Path) -> None:
    """They move with the input, in every output, within the activation's range."""
    file = tmp_path / "model.json"
    write_model(file, untrained_layers(ROLES[role]), untrained_metadata(ROLES[role]))
    x = np.random.default_rng(2).uniform(-1, 1, (50, ROLES[role].inputs))
    y = load_model(file, role).process(x)
    assert (y.std(axis=0) > 1e-3).all()
    assert (np.abs(y) < 0.999).all()


def test_the_emotion_network_says_on_which_features_it_stands() -> None:
    info = load_model(packaged("models") / ROLES["emotion"].file, "emotion").info
    assert set(feature_settings(info)) == {"layout", "window_s", "hop_s", "fmin_hz", "fmax_hz"}
    assert feature_settings(info)["layout"] == "emohost1"


def emotion_with(features: Any, tmp_path: Path) -> Info:
    metadata = {} if features is ... else {"features": features}
    file = tmp_path / "emotion.json"
    write_model(file, [Layer("dense", 128, 64, [np.zeros((128, 64), np.float32)])], metadata)
    return load_model(file, "emotion").info


def test_a_file_without_metadata_gets_mel128_with_the_listeners_defaults(tmp_path: Path) -> None:
    expected = {"layout": "mel128", "window_s": 0.04, "hop_s": 0.02, "fmin_hz": 30.0, "fmax_hz": 11025.0}
    assert feature_settings(emotion_with(..., tmp_path)) == expected
    assert feature_settings(emotion_with({}, tmp_path)) == expected
    assert feature_settings(emotion_with({"hop_s": 0.01}, tmp_path)) == {**expected, "hop_s": 0.01}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("window_s", RANGES["window_s"])
@pytest.mark.parametrize("hop_s", RANGES["hop_s"])
@pytest.mark.parametrize(("fmin_hz", "fmax_hz"), [(0, 101), (0, 12_000), (11_899, 12_000), (90_000, 192_000)])
def test_the_listener_takes_whatever_passes(
    layout: str, window_s: float, hop_s: float, fmin_hz: float, fmax_hz: float, tmp_path: Path
) -> None:
    if layout == "emohost1" and fmax_hz > 12_000:
        return
    features = {
        "layout": layout,
        "window_s": window_s,
        "hop_s": hop_s,
        "fmin_hz": fmin_hz,
        "fmax_hz": fmax_hz,
    }
    _core.Listener(48000.0, **feature_settings(emotion_with(features, tmp_path)))


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([], "metadata.features: expected an object"),
        ({"layout": "mfcc"}, "metadata.features.layout: expected mel128 or emohost1, found 'mfcc'"),
        ({"hop_s": "20 ms"}, "metadata.features.hop_s: expected a finite number, found '20 ms'"),
        ({"hop_s": True}, "metadata.features.hop_s: expected a finite number, found true"),
        ({"hop_s": 0}, "metadata.features.hop_s: expected 0.004 to 0.2, found 0"),
        ({"fmin_hz": 12000}, "fmin_hz 101 Hz or more below fmax_hz, found 12000 and 11025"),
        ({"fmax_hz": 16000, "layout": "emohost1"}, "fmax_hz: expected at most 12000 with layout emohost1"),
    ],
)
def test_feature_settings_out_of_range_are_named(tmp_path: Path, features: Any, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        feature_settings(emotion_with(features, tmp_path))
    assert message in str(caught.value)
