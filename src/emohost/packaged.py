"""Where the files that come with emohost are: `models`, `configs` and `styles`, in a wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent


def packaged(kind: Literal["models", "configs", "styles"]) -> Path:
    """The folder of the packaged files of a kind: `emohost/data/KIND` where emohost is installed from a
    wheel, `KIND` in the project's root where it runs from its sources."""
    checkout = HERE.parent.parent
    if HERE.parent.name == "src" and (checkout / "pyproject.toml").is_file():
        return checkout / kind
    return HERE / "data" / kind
