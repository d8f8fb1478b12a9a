"""A configuration that has been read, checked and resolved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emohost.config.schema import Rig


@dataclass(frozen=True)
class LoadedRig:
    """What `load_rig` returns. Immutable; any thread may read it."""

    rig: Rig
    """The rig with every path absolute, save names of networks that are to be searched for (see `load_rig`)."""
    path: Path
    """The file it was read from, absolute."""
    base: Path
    """The folder that relative paths in the file are relative to, absolute."""
    overridden: frozenset[str] = frozenset()
    """Keys that the command line has changed: 'music.seed' …"""
