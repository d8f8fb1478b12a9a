"""`engine.precision`: what auto chooses is the smallest that does, and it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import reference

from emohost.cli.common.files import rig_for_files
from emohost.config.load import parse_rig
from emohost.config.schema import Engine, Networks
from emohost.config.schema import Network as NetworkSettings
from emohost.errors import ConfigError, ModelError
from emohost.midi.notes import Note
from emohost.networks import ROLES, Network, find_model, load_set, network_files
from emohost.networks import precision as choice
from emohost.networks.calibration import hear
from emohost.networks.features import DEFAULTS, feature_settings
from emohost.networks.load import Parsed, parse_model
from emohost.offline.performance import perform
from emohost.packaged import packaged

SAME_PLACE_S = 0.02


def loaded(precision: str = "auto") -> dict[str, Network]:
    """The packaged networks."""
    networks = load_set(network_files(Networks()), None, precision)
    return {role: network for role, network in networks.items() if isinstance(network, Network)}


def exact(parsed: Parsed, x: np.ndarray) -> np.ndarray:
    return reference.run([layer.native() for layer in parsed.draft.layers], x)


def test_every_output_under_auto_is_within_5e_3_of_double_precision_as_the_chain_runs() -> None:
    parsed = {role: parse_model(find_model(role, None, None), role) for role in ROLES}
    networks = loaded()
    session = hear(feature_settings(networks["emotion"].info))
    felt = networks["emotion"].process(session.features)
    truly_felt = exact(parsed["emotion"], session.features)
    assert np.abs(felt - truly_felt).max() <= 5e-3
    for role in ("melody", "harmony", "dynamics", "groove"):
        found = networks[role].process(session.inputs(role, felt))
        expected = exact(parsed[role], session.inputs(role, truly_felt.astype(np.float32)))
        assert np.abs(found - expected).max() <= 5e-3, role
        deviation = networks[role].info.deviation
        assert deviation is not None
        assert deviation <= 5e-3


def dense_file(tmp_path: Path, name: str, kernel: np.ndarray, inputs: int, outputs: int) -> Path:
    """A network of one layer as the loader reads it."""
    import json

    layer = {"type": "dense", "shape": [None, outputs], "weights": [kernel.tolist(), [0.0] * outputs]}
    path = tmp_path / name
    path.write_text(json.dumps({"in_shape": [None, inputs], "layers": [layer]}))
    return path


def chosen(tmp_path: Path, kernel: np.ndarray) -> str:
    parsed = {"groove": parse_model(dense_file(tmp_path, "groove.json", kernel, 64, 32), "groove")}
    networks, errors = choice.build_all(parsed, "auto")
    assert not errors
    return networks["groove"].info.precision


def test_auto_takes_the_smallest_precision_that_does(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    assert chosen(tmp_path, np.eye(64, 32) * 0.5) == "int8"  # of one weight a row, kept exactly
    assert chosen(tmp_path, random.uniform(-0.3, 0.3, (64, 32))) == "float16"
    assert (
        chosen(tmp_path, random.uniform(-30, 30, (64, 32))) == "float32"
    )  # 5e-3 is less than float16's step
    assert chosen(tmp_path, np.full((64, 32), 1e5)) == "float32"  # more than float16 holds


def test_a_precision_that_is_asked_for_is_used_for_all(tmp_path: Path) -> None:
    for precision in ("float32", "float16", "int8"):
        networks = loaded(precision)
        assert list(networks) == list(ROLES)
        assert {network.info.precision for network in networks.values()} == {precision}
        assert all(network.info.deviation is None for network in networks.values())


def test_weights_that_a_precision_cannot_keep_are_an_error_that_names_file_and_layer(tmp_path: Path) -> None:
    file = dense_file(tmp_path, "loud.json", np.full((64, 32), 1e5), 64, 32)
    settings = Networks(groove=NetworkSettings(file=file))
    with pytest.raises(
        ModelError, match=r"loud.json: layer 0 \(dense\): kernel: the weight 100000 .* float16"
    ):
        load_set(network_files(settings), None, "float16")
    assert isinstance(load_set(network_files(settings), None, "auto")["groove"], Network)


def test_auto_works_without_an_emotion_network() -> None:
    file = NetworkSettings(file=Path("/nowhere/at-all.json"), optional=True)
    networks = load_set(network_files(Networks(emotion=file)), None, "auto")
    assert isinstance(networks["emotion"], ModelError)
    assert isinstance(networks["melody"], Network)


def test_the_configuration_says_what_may_be_asked_for() -> None:
    rig = parse_rig("audio: {backend: dummy}\nengine: {precision: int8}\n")
    assert rig.engine.precision == "int8"
    assert parse_rig("audio: {backend: dummy}\n").engine.precision == "auto"
    with pytest.raises(ConfigError, match=r"engine.precision: found 'int4'; expected .*'float16' or 'int8'"):
        parse_rig("audio: {backend: dummy}\nengine: {precision: int4}\n")


def test_the_session_is_music_and_the_same_every_time() -> None:
    session = hear(DEFAULTS)
    assert session.heard["sounding"].any()
    assert not session.heard["sounding"].all()
    hear.__globals__["_hear"].cache_clear()
    assert np.array_equal(hear(DEFAULTS).features, session.features)
    for role, inputs in (("melody", 64), ("harmony", 128), ("dynamics", 32), ("groove", 64)):
        x = session.inputs(role, session.heard_embedding)
        assert x.dtype == np.float32
        assert x.shape[1] == inputs
        assert np.isfinite(x).all()


def test_the_demo_under_auto_keeps_98_percent_of_float32s_notes() -> None:
    rig, base = rig_for_files(packaged("configs") / "demo.yaml", None)
    notes = {}
    for precision in ("float32", "auto"):
        with_it = rig.model_copy(update={"engine": Engine(precision=precision)})
        notes[precision] = perform(packaged("configs") / "demo.flac", with_it, base, 512).notes
    assert kept(notes["float32"], notes["auto"]) >= 0.98 * len(notes["float32"]) > 100


def kept(before: Sequence[Note], after: Sequence[Note]) -> int:
    """How many are there again, of the same part and pitch, at the same place: the beat that is heard may be a few
    milliseconds off."""
    starts: dict[tuple[int, int], list[float]] = {}
    for note in after:
        starts.setdefault((note.part, note.pitch), []).append(note.start)
    found = 0
    for note in before:
        same = starts.get((note.part, note.pitch), [])
        near = min(same, key=lambda start: abs(start - note.start), default=np.inf)
        if abs(near - note.start) <= SAME_PLACE_S:
            same.remove(near)
            found += 1
    return found
