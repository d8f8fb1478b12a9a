"""What comes in through RtMidi: into the memory that the host reads, and on to the synth where that is wanted."""

from __future__ import annotations

import mmap

from emohost._core import PortMemory
from emohost.midi.rtmidi_inputs import RtMidiInputs

ON, BEND, CLOCK = [0x93, 60, 80], [0xE3, 0, 80], [0xF8]


def test_only_messages_of_channels_go_on_and_only_from_inputs_that_pass_them() -> None:
    memory = PortMemory(mmap.mmap(-1, PortMemory.size), create=True)
    inputs = RtMidiInputs("alsa", "emohost", [("a", None), ("b", None)], memory, [False, True])
    passed: list[bytes] = []
    inputs._take((ON, 0.0), 1)  # before there is an output
    inputs.pass_on(passed.append)
    for number in (0, 1):
        for message in (ON, BEND, CLOCK, [0xF0, 1, 2, 0xF7]):
            inputs._take((message, 0.0), number)
    assert passed == [bytes(ON), bytes(BEND)]
    came = [(data, number) for _, _, data, number in memory.pop_inputs()]
    assert came == [(bytes(ON), 1), *((bytes(each), n) for n in (0, 1) for each in (ON, BEND, CLOCK))]
