"""What is exported plays in the host as it did in torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra `train`")

from torch import Tensor, nn  # noqa: E402

from emohost.networks import ROLES, load_model  # noqa: E402
from emohost.training.fitting.checkpoint import Checkpoint  # noqa: E402
from emohost.training.fitting.export import export, layers_of  # noqa: E402


class Recurrent(nn.Module):
    """Layers in the order in which they are applied."""

    def __init__(self, kind: type[nn.LSTM] | type[nn.GRU]) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Linear(64, 12), nn.ReLU(), nn.Dropout(0.5))
        self.memory = kind(12, 9, num_layers=2, batch_first=True)
        self.last = nn.Sequential(nn.Linear(9, 128), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.memory(self.first(x))[0])


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_a_recurrent_network_plays_as_in_torch(tmp_path: Path, kind: type) -> None:
    torch.manual_seed(1)
    module = Recurrent(kind).eval()
    export(tmp_path / "m.json", ROLES["melody"], layers_of(module), {"role": "melody", "status": "trained"})
    network = load_model(tmp_path / "m.json", "melody")
    x = np.random.default_rng(1).normal(size=(50, 64)).astype(np.float32)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)[None])[0].numpy()
    assert np.abs(network.process(x) - expected).max() < 1e-5
    assert network.info.status == "trained"


@pytest.mark.parametrize(
    "activation", [nn.Tanh(), nn.ReLU(), nn.Sigmoid(), nn.Softmax(dim=-1), nn.ELU(), nn.Identity()]
)
def test_every_activation_plays_as_in_torch(tmp_path: Path, activation: nn.Module) -> None:
    torch.manual_seed(2)
    module = nn.Sequential(nn.Linear(64, 20), activation, nn.Linear(20, 32, bias=False), nn.Tanh())
    export(tmp_path / "m.json", ROLES["groove"], layers_of(module), {})
    x = np.random.default_rng(2).normal(size=(20, 64)).astype(np.float32)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    assert np.abs(load_model(tmp_path / "m.json", "groove").process(x) - expected).max() < 1e-5


def test_what_has_no_layer_in_the_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="LayerNorm"):
        layers_of(nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4)))
    with pytest.raises(ValueError, match="expected a Linear before it"):
        layers_of(nn.Sequential(nn.Tanh()))
    with pytest.raises(ValueError, match="bidirectional"):
        layers_of(nn.Sequential(nn.LSTM(4, 4, bidirectional=True)))
    with pytest.raises(ValueError, match="64 -> 32, the layers 64 -> 31"):
        export(tmp_path / "m.json", ROLES["groove"], layers_of(nn.Sequential(nn.Linear(64, 31))), {})


def test_a_weight_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    module = nn.Sequential(nn.Linear(64, 32))
    with torch.no_grad():
        module[0].bias[3] = float("nan")
    with pytest.raises(ValueError, match=r"layer 0 \(dense\)"):
        export(tmp_path / "m.json", ROLES["groove"], layers_of(module), {})
    assert not (tmp_path / "m.json").exists()


def test_a_checkpoint_is_resumed_only_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "c.checkpoint"
    assert Checkpoint(file, resume=True).load() is None
    Checkpoint(file, resume=True).save({"epoch": 3, "weights": torch.arange(3)})
    assert Checkpoint(file, resume=False).load() is None
    kept = Checkpoint(file, resume=True).load()
    assert kept is not None
    assert kept["epoch"] == 3
    file.write_bytes(b"no checkpoint")
    with pytest.raises(Exception, match=r"c\.checkpoint: no checkpoint that can be resumed"):
        Checkpoint(file, resume=True).load()


def test_time_is_over_when_it_is_over(tmp_path: Path) -> None:
    assert not Checkpoint(tmp_path / "c", False).out_of_time
    assert not Checkpoint(tmp_path / "c", False, minutes=60).out_of_time
    assert Checkpoint(tmp_path / "c", False, minutes=0).out_of_time
