"""Which keys and pedals are down at the MIDI inputs whose notes an engine goes by: one that takes a lost one's place is
told of them, and where the port itself is lost nothing stays down for ever."""

from __future__ import annotations

from collections.abc import Iterable

from emohost.midi.ledger import CONTROL, HALF, NOTE_ON, SUSTAIN, is_note_off, is_note_on

ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
Message = tuple[bytes, int]  # MIDI bytes, number of the input


class HeldInputs:
    """One thread."""

    def __init__(self, sources: Iterable[int] = ()) -> None:
        """`sources`: numbers of those inputs."""
        self._sources = frozenset(sources)
        self._notes: dict[
            tuple[int, int, int], None
        ] = {}  # input, channel, note; in the order in which they came
        self._pedals: dict[tuple[int, int], None] = {}  # input, channel

    def take(self, data: bytes, source: int) -> None:
        """A message that came in."""
        if source not in self._sources or len(data) != 3:
            return
        channel = data[0] & 15
        if is_note_on(data):
            self._notes[source, channel, data[1]] = None
        elif is_note_off(data):
            self._notes.pop((source, channel, data[1]), None)
        elif data[0] & 0xF0 == CONTROL:
            self._control(source, channel, data[1], data[2])

    def _control(self, source: int, channel: int, controller: int, value: int) -> None:
        if controller == SUSTAIN and value >= HALF:
            self._pedals[source, channel] = None
        elif controller in (SUSTAIN, RESET_CONTROLLERS):
            self._pedals.pop((source, channel), None)
        elif controller == ALL_SOUND_OFF or controller >= ALL_NOTES_OFF:
            for key in [key for key in self._notes if key[:2] == (source, channel)]:
                del self._notes[key]

    def messages(self) -> list[Message]:
        """What tells it all to somebody who knows of none. What a pedal alone keeps is not known any more."""
        pedals = [(bytes([CONTROL | channel, SUSTAIN, 127]), source) for source, channel in self._pedals]
        notes = [(bytes([NOTE_ON | channel, note, 64]), source) for source, channel, note in self._notes]
        return pedals + notes

    def release(self) -> list[Message]:
        """Every hand is up; what tells so."""
        self._notes.clear()
        self._pedals.clear()
        # What a pedal kept may be on any channel.
        ends = [bytes([CONTROL | channel, ALL_NOTES_OFF, 0]) for channel in range(16)]
        lifts = [bytes([CONTROL | channel, RESET_CONTROLLERS, 0]) for channel in range(16)]
        return [(data, source) for source in sorted(self._sources) for data in [*ends, *lifts]]
