"""emohost: a headless audio host for live rigs. Five small networks on every block, MIDI out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "load_model"]

if TYPE_CHECKING:
    from emohost.networks import load_model


def __getattr__(name: str) -> Any:
    # Loaded on first use: `emohost --help` must not wait for the native core.
    if name == "load_model":
        from emohost.networks import load_model

        return load_model
    raise AttributeError(f"module 'emohost' has no attribute {name!r}")
