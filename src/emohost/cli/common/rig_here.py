"""The rig that is meant where none is named: the one in the current folder."""

from __future__ import annotations

import re
from pathlib import Path

import click

from emohost.errors import ConfigError

NAMES = ("rig.yaml", "rig.yml")
_LOOKS_LIKE_A_RIG = re.compile(rb"^audio\s*:", re.MULTILINE)
_ENOUGH = 65536  # bytes of a file that are looked at


def rig_here(folder: Path) -> Path:
    """`rig.yaml` in `folder`, else the only YAML file there that describes a rig. Raises ConfigError that says how to
    make one, or which there are."""
    for name in NAMES:
        if (folder / name).is_file():
            return folder / name
    found = sorted(path for path in folder.glob("*.y*ml") if _looks_like_a_rig(path))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(path.name for path in found)
        raise ConfigError(f"found {len(found)} rigs in {folder.absolute()}: {names}; say which")
    raise ConfigError(
        f"found no rig in {folder.absolute()}; expected rig.yaml: `emohost init` makes one from the devices here"
    )


def or_rig_here(context: click.Context, parameter: click.Parameter, config: Path | None) -> Path | None:
    """The callback of a CONFIG argument that may be left out."""
    return config if config is not None or context.resilient_parsing else rig_here(Path())


def _looks_like_a_rig(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return path.suffix in (".yaml", ".yml") and bool(_LOOKS_LIKE_A_RIG.search(file.read(_ENOUGH)))
    except OSError:
        return False
