"""What every training relies on: splits that never move, scores that say what they are, errors that say what is
missing, and a cache that notices when what it depends on has changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from emohost.cli import cli
from emohost.errors import EmohostError
from emohost.networks import ROLES
from emohost.training import registry
from emohost.training.data_sets.folders import DataError, data_set, kept, stamp
from emohost.training.data_sets.splits import require_all, split_of
from emohost.training.score import Score


def test_a_piece_stays_in_its_split_for_ever() -> None:
    """Should this fail, every model file's scores are of songs it was trained on."""
    assert {name: split_of(name) for name in KNOWN} == KNOWN


KNOWN = {
    "001": "train",
    "002": "train",
    "003": "train",
    "004": "train",
    "005": "train",
    "006": "train",
    "007": "train",
    "008": "train",
    "009": "train",
    "010": "test",
    "011": "train",
}


def test_the_shares_of_the_splits_are_as_asked() -> None:
    counts = {"train": 0, "validation": 0, "test": 0}
    for index in range(4000):
        counts[split_of(f"song {index}", validation=0.1, test=0.2)] += 1
    assert counts["test"] / 4000 == pytest.approx(0.2, abs=0.03)
    assert counts["validation"] / 4000 == pytest.approx(0.1, abs=0.03)


@given(st.floats(-10, 10), st.floats(-10, 10), st.booleans())
def test_a_score_is_reached_on_the_better_side_of_its_target(
    value: float, target: float, higher: bool
) -> None:
    score = Score("x", value, target, higher)
    assert score.reached == (value >= target if higher else value <= target)
    assert Score("x", value).reached is None
    assert json.loads(json.dumps(score.as_json()))["reached"] == score.reached


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"groove-midi.*info\.csv"):
        data_set(tmp_path, "groove-midi", "info.csv")


def test_the_cache_computes_again_only_when_something_changed(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"x": np.arange(3), "names": np.array(["a", "bc"])}

    for version in (1, 1, 2, 1):
        arrays = kept(tmp_path / "cache", "thing", {"version": version}, make)
        assert arrays["x"].tolist() == [0, 1, 2]
        assert arrays["names"].tolist() == ["a", "bc"]
    assert len(made) == 2
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:-40])  # damaged: made anew
    assert kept(tmp_path / "cache", "thing", {"version": 1}, make)["x"].tolist() == [0, 1, 2]
    assert len(made) == 3


def test_a_file_that_comes_changes_or_goes_changes_the_stamp_of_its_folder(tmp_path: Path) -> None:
    song = tmp_path / "songs" / "a.mid"
    song.parent.mkdir()
    stamps = [stamp(tmp_path)]
    song.write_bytes(b"MThd")
    stamps.append(stamp(tmp_path))
    song.write_bytes(b"MThd more")
    stamps.append(stamp(tmp_path))
    assert len(set(stamps)) == 3
    song.unlink()
    assert stamp(tmp_path) == stamps[0]


def test_too_little_data_is_said_with_the_splits_that_go_without() -> None:
    require_all({"train": 8, "validation": 1, "test": 1}, "songs")
    with pytest.raises(
        DataError, match=r"songs: expected some.*found 9 in all and none for validation and test"
    ):
        require_all({"train": 9, "validation": 0}, "songs")


def test_a_role_without_training_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for name in ROLES:
        with pytest.raises(EmohostError, match=f"training of the role {name} is not in this version"):
            registry.trainer(name)
        with pytest.raises(EmohostError, match=f"scoring of the role {name} is not in this version"):
            registry.scorer(name)


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(EmohostError, match=r"emohost\[train\]"):
        registry.trainer("groove")


def test_the_command_line_refuses_what_does_not_exist(tmp_path: Path) -> None:
    for arguments in (["train", "drums", "--data", str(tmp_path)], ["train", "groove", "--data", "/nowhere"]):
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 2
    done = CliRunner().invoke(cli, ["models", "evaluate", "--data", str(tmp_path), "--file", "x.json"])
    assert done.exit_code == 2
    assert "--file needs --role" in done.stderr
