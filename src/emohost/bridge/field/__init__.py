"""QEF, the field between rigs: each tells the others how it feels, and hears what all feel together.

    with EmotionalField(settings) as field:
        field.share(framework.shared_state)     # None without consent to share: then nothing leaves
        print(field.collective().resonance)

Zenoh (the extra `field`) is loaded when a field is opened.
"""

from __future__ import annotations

from emohost.bridge.field.collective import Collective
from emohost.bridge.field.field import EmotionalField
from emohost.bridge.field.network import FieldSettings

__all__ = ["Collective", "EmotionalField", "FieldSettings"]
