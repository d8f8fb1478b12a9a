"""What a rig says for a DAW: channels, names and control changes by its habits (docs/daw.md)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Daw:
    """How a DAW takes what the band plays."""

    label: str
    """For people."""
    follows_clock: bool
    """It can follow MIDI clock."""
    follows_jack: bool = False
    """It can follow JACK's transport and its timebase master."""

    def parts(self) -> tuple[str, ...]:
        """Of `music`: each part on a channel for a track of its own, without programs: the DAW chooses the sounds."""
        return (
            f"parts: # a track of {self.label} for each channel; no programs, it chooses the sounds",
            "  melody: {channel: 1, program: null}",
            "  chords: {channel: 2, program: null}",
            "  bass: {channel: 3, program: null}",
            "  drums: {channel: 10}",
            "  accents: {enabled: false, channel: 5, program: null} # answers each onset at once",
            "controls: # to automate anything by; valence and arousal on channel 16",
            "  - {source: valence, controller: 20}",
            "  - {source: arousal, controller: 21}",
            "  - {source: expression, channel: 1, controller: 11}",
            "  - {source: brightness, channel: 2, controller: 74}",
        )

    def clock(self, api: str) -> tuple[str, ...]:
        """Of `music`: who leads, where that is not by MIDI clock."""
        if self.follows_jack and api == "jack":
            return (
                f"clock: {{jack_timebase: true}} # {self.label} follows the beat heard by JACK's transport",
            )
        if not self.follows_clock:
            return (
                f"# {self.label} follows no MIDI clock; with the extra `link` Ableton Link leads it:",
                "# clock: {link: true}",
            )
        return ()

    def midi(self, api: str) -> tuple[str, ...]:
        """Of `midi`."""
        lines = ("active_sensing: false # it would be recorded",)
        if self.follows_clock and api != "none" and not (self.follows_jack and api == "jack"):
            return (
                f"clock_out: true # {self.label} follows the beat heard: its external sync is MIDI clock",
                *lines,
            )
        return lines


DAWS = {
    "ardour": Daw("Ardour", follows_clock=True, follows_jack=True),
    "bitwig": Daw("Bitwig Studio", follows_clock=True),
    "live": Daw("Ableton Live", follows_clock=True),
    "logic": Daw("Logic Pro", follows_clock=False),
    "pro-tools": Daw("Pro Tools", follows_clock=False),
    "reaper": Daw("Reaper", follows_clock=True),
}
