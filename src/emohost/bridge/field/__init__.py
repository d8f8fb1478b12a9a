"""QEF, the field between rigs: each tells the others how it feels, and hears what all feel together.

    field = rig_field()                     # in a rig's script, where bridge.field is enabled
    field.share(framework.shared_state)     # None without consent to share: then nothing leaves
    print(field.collective().resonance)

    with EmotionalField(FieldSettings(interface="eth0", connect=("10.0.0.2",))) as field: ...   # anywhere else

Zenoh (the extra `field`) is loaded when a field is opened.
"""

from __future__ import annotations

from emohost.bridge.field.collective import Collective
from emohost.bridge.field.field import EmotionalField
from emohost.bridge.field.network import FieldSettings
from emohost.bridge.field.rig import rig_field

__all__ = ["Collective", "EmotionalField", "FieldSettings", "rig_field"]
