"""Where model files are looked for."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from emohost.errors import ModelError
from emohost.networks.roles import role_named
from emohost.packaged import packaged


def search_folders(config_dir: Path | None) -> list[tuple[str, Path]]:
    """(what it is, folder), in the order of the search: the config's folder, $EMOHOST_MODELS, the user's data folder,
    the package. Raises ModelError."""
    folders = []
    if config_dir is not None:
        folders.append(("the configuration's folder", config_dir))
    if os.environ.get("EMOHOST_MODELS"):
        folders.append(("$EMOHOST_MODELS", _folder_of_variable("EMOHOST_MODELS")))
    user = platformdirs.user_data_path("emohost", appauthor=False) / "models"
    return [*folders, ("the user's data folder", user), ("the package", packaged("models"))]


def find_model(role: str, file: Path | None, config_dir: Path | None) -> Path:
    """The model file for `role`: `file` itself if it is absolute, else `file` (or the role's standard name) in the
    first folder of the search that holds it. Raises ModelError that lists where it looked."""
    name = Path(role_named(role).file) if file is None else file
    if name.is_absolute():
        if name.is_file():
            return name
        raise ModelError(f"{role}: {name}: no such file")
    places = search_folders(config_dir)
    for _, folder in places:
        if (folder / name).is_file():
            return folder / name
    looked = "; ".join(f"{what}: {folder}" for what, folder in places)
    raise ModelError(f"{role}: {name}: not found. Looked in {looked}")


def _folder_of_variable(name: str) -> Path:
    try:
        return Path(os.environ[name]).expanduser()
    except RuntimeError:  # '~somebody' without such a home
        raise ModelError(
            f"${name}: found {os.environ[name]}; expected a folder; that is nobody's home"
        ) from None
