"""Where the data lies, and where what was computed from it is kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emohost.errors import EmohostError
from emohost.files import replacing

Arrays = dict[str, NDArray[np.generic]]


class DataError(EmohostError):
    """The training data is not there, or is not what it should be; names the file and what was expected."""


def data_set(data: Path, name: str, holds: str) -> Path:
    """The folder `name` in `data` that holds `holds` (a path inside it). Raises DataError."""
    folder = data / name
    if not (folder / holds).exists():
        raise DataError(
            f"{folder}: expected the data set {name} with {holds} in it, found none "
            "(models/README.md says where it is published)"
        )
    return folder


def stamp(folder: Path) -> str:
    """Of the names, sizes and dates of all files in it: another when one of them is."""
    found = hashlib.sha256()
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        state = file.stat()
        found.update(f"{file.relative_to(folder)} {state.st_size} {state.st_mtime_ns}\n".encode())
    return found.hexdigest()[:16]


_DAMAGED = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)
CACHE_VARIABLE = "EMOHOST_CACHE"


def default_cache() -> Path:
    """Where training and scoring keep what they compute: $EMOHOST_CACHE, else the user's cache folder. Made when
    something is kept there."""
    import platformdirs

    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    return Path(platformdirs.user_cache_dir("emohost", appauthor=False)) / "training"


def kept(cache: Path, name: str, depends: Mapping[str, object], make: Callable[[], Arrays]) -> Arrays:
    """`make()`, or what it returned when it was last called with the same `depends` (whatever it depends on: paths,
    settings, a version of the code that must be counted up when that changes). One file per name."""
    key = hashlib.sha256(repr(sorted(depends.items())).encode()).hexdigest()[:16]
    file = cache / f"{name}-{key}.npz"
    if file.exists():
        # One that is damaged is made anew.
        with contextlib.suppress(*_DAMAGED), np.load(file, allow_pickle=False) as found:
            return {each: found[each] for each in found.files}
    arrays = make()
    cache.mkdir(parents=True, exist_ok=True)
    with replacing(file) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **arrays)
    return arrays
