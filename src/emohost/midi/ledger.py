"""What is sounding at one destination, so that it can always be ended and, on a new port, put right again."""

from __future__ import annotations

from collections import Counter

from emohost.vocabulary import PANIC

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
SUSTAIN, HALF = 64, 64  # a pedal's controller, and the value from which it is down
_MODE_MESSAGES = 120  # controllers from here on are channel mode messages, not values


def is_note_on(data: bytes) -> bool:
    return len(data) == 3 and data[0] & 0xF0 == NOTE_ON and data[2] > 0


def is_note_off(data: bytes) -> bool:
    return len(data) == 3 and (data[0] & 0xF0 == NOTE_OFF or (data[0] & 0xF0 == NOTE_ON and data[2] == 0))


def panic_messages(channel: int) -> list[bytes]:
    """What a panic sends on a channel (0-15) besides its note-offs."""
    return [bytes([CONTROL | channel, controller.number, 0]) for controller in PANIC]


class Ledger:
    """Follows the messages sent to one destination. Not thread-safe: one thread at a time."""

    def __init__(self) -> None:
        self._sounding: Counter[tuple[int, int]] = (
            Counter()
        )  # (channel, note) -> note-ons without their note-off
        self._channels: set[int] = set()
        self._values: dict[tuple[int, int], bytes] = {}  # (status, controller) -> the last message

    @property
    def sounding(self) -> int:
        """Notes that are on."""
        return self._sounding.total()

    def enter(self, data: bytes) -> bool:
        """Takes note of a message about to be sent. False if it need not be: the end of a note that is not on."""
        channel, kind = data[0] & 0x0F, data[0] & 0xF0
        if is_note_on(data):
            self._sounding[channel, data[1]] += 1
        elif is_note_off(data):
            if not self._sounding[channel, data[1]]:
                del self._sounding[channel, data[1]]
                return False
            self._sounding[channel, data[1]] -= 1
            if not self._sounding[channel, data[1]]:
                del self._sounding[channel, data[1]]
        else:
            self.remember(data)
        if kind < 0xF0:
            self._channels.add(channel)
        return True

    def remember(self, data: bytes) -> None:
        """Keeps a program or controller value for `restore`, as one that could not be sent."""
        kind = data[0] & 0xF0
        if kind == PROGRAM or (kind == CONTROL and data[1] < _MODE_MESSAGES):
            self._values[data[0], data[1] if kind == CONTROL else -1] = data

    def silence(self) -> list[bytes]:
        """The note-offs owed; nothing is on afterwards."""
        owed = [
            bytes([NOTE_OFF | channel, note, 0])
            for (channel, note), count in sorted(self._sounding.items())
            for _ in range(count)
        ]
        self._sounding.clear()
        return owed

    def lift_pedals(self) -> list[bytes]:
        """Sustain off where it is on: it would keep what `silence` ends."""
        down = [key for key, data in self._values.items() if key[1] == SUSTAIN and data[2] >= HALF]
        lifted = [bytes([status, SUSTAIN, 0]) for status, _ in sorted(down)]
        for data in lifted:
            self.remember(data)
        return lifted

    def reset_messages(self) -> list[bytes]:
        """What a panic sends on each channel used. For receivers that lost a message."""
        return [message for channel in sorted(self._channels) for message in panic_messages(channel)]

    def restore(self) -> list[bytes]:
        """Programs and controller values last sent, for a destination that may have lost them; programs first."""
        return [self._values[key] for key in sorted(self._values, key=lambda key: (key[1] >= 0, key))]
