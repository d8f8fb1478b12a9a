"""Models are looked for in the config's folder, $EMOHOST_MODELS, the user's data folder, the package, in that order."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest
from model_files import random_network, rtneural, write

from emohost.config.schema import Network as NetworkSettings
from emohost.config.schema import Networks
from emohost.errors import ModelError
from emohost.networks import ROLES, Network, find_model, load_set, network_files
from emohost.packaged import packaged

Folders = tuple[Path, Path, Path]  # the configuration's, $EMOHOST_MODELS, the user's


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """Empty."""
    config, models, user = (tmp_path / name for name in ("config", "env", "user"))
    for folder in (config, models, user / "models"):
        folder.mkdir(parents=True)
    monkeypatch.setenv("EMOHOST_MODELS", str(models))
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *args, **kwargs: user)
    return config, models, user / "models"


def test_the_first_folder_that_holds_the_file_wins(folders: Folders) -> None:
    config, *others = folders
    name = ROLES["melody"].file
    assert find_model("melody", None, config) == packaged("models") / name
    for folder in reversed(folders):
        (folder / name).write_text("{}")
        assert find_model("melody", None, config) == folder / name
    assert find_model("melody", None, None) == others[0] / name


def test_a_relative_name_is_looked_for_in_the_same_folders(folders: Folders) -> None:
    (folders[1] / "mine").mkdir()
    (folders[1] / "mine" / "tune.json").write_text("{}")
    assert find_model("melody", Path("mine/tune.json"), folders[0]) == folders[1] / "mine" / "tune.json"


def test_an_absolute_name_is_that_file_or_an_error(folders: Folders, tmp_path: Path) -> None:
    file = tmp_path / "here.json"
    with pytest.raises(ModelError, match=r"melody: .*here\.json: no such file"):
        find_model("melody", file, folders[0])
    file.write_text("{}")
    assert find_model("melody", file, None) == file


def test_the_error_lists_every_folder_that_was_searched(folders: Folders) -> None:
    with pytest.raises(ModelError) as caught:
        find_model("groove", Path("absent.json"), folders[0])
    text = str(caught.value)
    assert text.startswith("groove: absent.json: not found. Looked in the configuration's folder: ")
    for folder in (*folders, packaged("models")):
        assert str(folder) in text


def test_without_a_word_in_the_configuration_the_packaged_five_are_loaded(folders: Folders) -> None:
    found = load_set(network_files(Networks()), folders[0])
    assert list(found) == list(ROLES)
    for role, network in found.items():
        assert isinstance(network, Network)
        assert network.info.role == role
        assert network.info.file == packaged("models") / ROLES[role].file


def test_one_that_fails_stops_the_set_unless_it_is_optional(folders: Folders) -> None:
    config = folders[0]
    write(config / "small.json", rtneural(random_network()))
    wrong = NetworkSettings(file=Path("small.json"))
    absent = NetworkSettings(file=Path("absent.json"))
    with pytest.raises(ModelError) as caught:
        load_set(network_files(Networks(melody=wrong, groove=absent)), config)
    first, second = str(caught.value).splitlines()
    assert "small.json: inputs -> outputs: expected 64 -> 128 for the role melody, found 6 -> 4" in first
    assert second.startswith("groove: absent.json: not found")

    optional = absent.model_copy(update={"optional": True})
    found = load_set(network_files(Networks(groove=optional)), config)
    assert isinstance(found["groove"], ModelError)
    assert all(isinstance(found[role], Network) for role in ROLES if role != "groove")


def test_what_the_configuration_says_of_activations_counts(folders: Folders) -> None:
    settings = NetworkSettings(activations=["relu", "relu", "linear"])
    network = load_set(network_files(Networks(harmony=settings)), folders[0])["harmony"]
    assert isinstance(network, Network)
    assert network.info.architecture == "dense 256 relu, dense 128 relu, dense 64"


def test_a_folder_at_nobodys_home_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOHOST_MODELS", "~no-such-user-here/models")
    with pytest.raises(ModelError, match=r"\$EMOHOST_MODELS: found ~no-such-user-here/models"):
        find_model("melody", None, None)
