"""The field of the rig whose Side B this process is: joined before the script runs, which finds it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emohost.bridge.field.field import EmotionalField
from emohost.bridge.field.network import FieldSettings
from emohost.bridge.ring import EmotionRing
from emohost.errors import FieldError

_joined: EmotionalField | None = None


def rig_field() -> EmotionalField:
    """For a rig's script: `rig_field().share(framework.shared_state)`. Raises FieldError outside of Side B's process,
    and where the rig takes no part in a field."""
    if _joined is None:
        raise FieldError(
            "this rig has no field; expected bridge.field.enabled, in a script that the host runs"
        )
    return _joined


def join_rig_field(section: Mapping[str, Any], ring: str) -> EmotionalField:
    """Joins as the rig's `bridge.field` says, and writes to the ring of that name. Raises FieldError, RingError."""
    global _joined
    settings = FieldSettings.of(section)
    # People of other rigs have let their state be shared; that it may be recorded here nobody has said.
    writer = EmotionRing(ring, about=f"the field '{settings.name}'", withheld=True)
    _joined = EmotionalField(settings, writer, patient=True)
    return _joined
