"""Making the backend that a rig asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emohost.audio.backend import NO_RESTART, Backend, Restart


def make_backend(
    settings: Mapping[str, Any], played_s: float = 0.0, restart: Restart = NO_RESTART
) -> Backend:
    """The backend for the `audio` section of a rig, as plain values. `played_s`: seconds that an engine before this
    one has played already; a file goes on from there. `restart`: what it told of a device. Libraries are loaded only
    for the backend chosen."""
    if settings["backend"] == "file":
        from emohost.audio.file import FileBackend

        return FileBackend(settings, played_s)
    if settings["backend"] == "dummy":
        from emohost.audio.dummy import DummyBackend

        return DummyBackend(settings, played_s)
    from emohost.audio.jack_name import LOOKS, name_client

    name_client(
        settings["client"] or LOOKS
    )  # before the library looks for JACK, which it does when it is imported
    from emohost.audio.portaudio import PortAudioBackend

    return PortAudioBackend(settings, restart)
