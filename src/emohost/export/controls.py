"""What the control changes of a MIDI file follow: valence, arousal and other readings of the host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emohost.config.music import Control, Music
from emohost.export.song import Song
from emohost.recording.smf import CONTROLS

ControlNames = Mapping[tuple[int, int], str]
"""By channel (0-15) and controller."""


def names_of(controls: Iterable[Control]) -> ControlNames:
    return {(control.channel - 1, control.controller): control.source for control in controls}


def usual_names(song: Song) -> ControlNames:
    """Those of a rig that does not say, where the song has a track as emohost calls it: other programs' controllers
    follow other things."""
    channels = {part.channel for part in song.parts if part.name == CONTROLS}
    return {at: name for at, name in names_of(Music().controls).items() if at[0] in channels}
