"""Packages that come with the extra `train`."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from emohost.errors import EmohostError

TRAIN_EXTRA = "pip install 'emohost[train]'"


def needed(package: str, what: str = "training") -> Any:
    """The module of that name. Raises EmohostError, which says what needs it, where it is not installed."""
    if importlib.util.find_spec(package) is None:
        raise EmohostError(f"{what} needs {package}, which is not installed here: {TRAIN_EXTRA}")
    return importlib.import_module(package)
