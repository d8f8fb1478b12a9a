"""Side B: emotion from people to the music (docs/side-b.md). Names are loaded when they are first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

_HOMES = {
    "Consent": "consent",
    "ConsentError": "consent",
    "ConsentStore": "consent",
    "EmotionRing": "ring",
    "Result": "result",
    "SignalError": "signals",
    "UnifiedFramework": "framework",
    "extract_emotion_embedding": "result",
}
__all__ = [
    "Consent",
    "ConsentError",
    "ConsentStore",
    "EmotionRing",
    "Result",
    "SignalError",
    "UnifiedFramework",
    "extract_emotion_embedding",
]

if TYPE_CHECKING:
    from emohost.bridge.consent import Consent, ConsentError, ConsentStore
    from emohost.bridge.framework import UnifiedFramework
    from emohost.bridge.result import Result, extract_emotion_embedding
    from emohost.bridge.ring import EmotionRing
    from emohost.bridge.signals import SignalError


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'emohost.bridge' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"emohost.bridge.{_HOMES[name]}"), name)
