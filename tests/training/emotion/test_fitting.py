"""The emotion network learns, goes on where it was ended, and is exported as it was fitted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from emohost.emotion import decode  # noqa: E402
from emohost.networks import ROLES, load_model  # noqa: E402
from emohost.training.emotion import fitting as emotion_fitting  # noqa: E402
from emohost.training.emotion import training  # noqa: E402
from emohost.training.emotion.module import EmotionModule, Usual  # noqa: E402
from emohost.training.fitting.checkpoint import Checkpoint  # noqa: E402
from emohost.training.fitting.export import export, layers_of  # noqa: E402
from emohost.training.progress import silent  # noqa: E402

HOPS = 300


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    """Sessions of which two features say valence and arousal."""
    random = np.random.default_rng(0)
    labels = np.repeat(random.uniform(-0.8, 0.8, (40, 2)), HOPS, axis=0).astype(np.float32)
    features = random.normal(0, 0.1, (len(labels), 128))
    features[:, 100:110], features[:, 120:128] = labels[:, :1], labels[:, 1:]
    return {
        "features": features.astype(np.float16),
        "labels": labels,
        "since": np.tile(0.02 * np.arange(HOPS, dtype=np.float32), 40),
        "starts": HOPS * np.arange(41),
        "validation": np.array(32),
    }


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emotion_fitting, "STAGES", ((4, 6), (1, 2)))
    monkeypatch.setattr(training, "TEACHERS", 2)
    monkeypatch.setattr(training, "CALM", 20.0)
    monkeypatch.setattr(training, "CALM_TAUGHT", 20.0)


@pytest.mark.usefixtures("short")
def test_it_learns_and_plays_the_same_from_the_file(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    module = training.fit(arrays, 1, silent, Checkpoint(tmp_path / "checkpoint", resume=False))
    export(
        tmp_path / "emotion.json",
        ROLES["emotion"],
        layers_of(module),
        {"role": "emotion", **training.METADATA},
    )
    network = load_model(tmp_path / "emotion.json", "emotion")
    found, wanted = [], []
    for session in range(32, 40):
        own = slice(session * HOPS, (session + 1) * HOPS)
        features = arrays["features"][own].astype(np.float32)
        network.reset()
        embedding = network.process(features)
        with torch.no_grad():
            expected = module.eval()(torch.from_numpy(features)[None])[0][0].numpy()
        np.testing.assert_allclose(embedding, expected, atol=1e-4)
        found.append([float(axis[-1]) for axis in decode(embedding)])
        wanted.append(arrays["labels"][own][-1])
    for axis in (0, 1):
        assert np.corrcoef(np.array(found)[:, axis], np.array(wanted)[:, axis])[0, 1] > 0.9


@pytest.mark.usefixtures("short")
def test_a_finished_training_goes_on_to_the_same_network(
    tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    first = training.fit(arrays, 2, silent, Checkpoint(tmp_path / "checkpoint", resume=False)).state_dict()
    again = training.fit(arrays, 2, silent, Checkpoint(tmp_path / "checkpoint", resume=True)).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_what_was_learnt_from_standardised_features_is_told_of_them_as_they_are(
    arrays: dict[str, np.ndarray],
) -> None:
    """Also of a feature that hardly varies, which is not blown up beyond all measure."""
    flat = {**arrays, "features": arrays["features"].copy()}
    flat["features"][:, 0] = 0.7
    usual = Usual.of(flat)
    features = flat["features"][:HOPS].astype(np.float32)
    module = EmotionModule().eval()
    with torch.no_grad():
        wanted = module(torch.from_numpy(usual.standardised(features))[None])[0]
        found = usual.folded_into(module)(torch.from_numpy(features)[None])[0]
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert np.abs(usual.standardised(np.ones((1, 128), np.float32))[0, 0]) < 40
