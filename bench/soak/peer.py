"""The other end of the soak's rig, a process of its own: plays a sound file round and round, and counts the MIDI.

`python peer.py SOUND`. Answers each line on its input with a line of JSON; ends with its input.
"""

from __future__ import annotations

import contextlib
import gc
import json
import sys
from dataclasses import asdict
from typing import Any

import jack
import numpy as np
import soundfile
from notes import NoteCounter

AUDIO_IN, MIDI_OUT = "emohost-audio:in_", "emohost:midi_out"


class Peer:
    """A JACK client. Its callback runs on JACK's thread, the rest on the main one."""

    def __init__(self, sound: str) -> None:
        audio, _ = soundfile.read(sound, dtype="float32", always_2d=True)
        self._audio = np.ascontiguousarray(audio.mean(axis=1))
        self._position = 0
        self._counter = NoteCounter()
        self._xruns = 0
        self._client = jack.Client("soak", no_start_server=True)
        self._out = self._client.outports.register("audio")
        self._midi = self._client.midi_inports.register("midi")
        self._client.set_process_callback(self._process)
        self._client.set_xrun_callback(self._count_xrun)
        self._client.activate()

    def _process(self, frames: int) -> None:
        rest = self._audio[self._position : self._position + frames]
        self._position += frames
        buffer = self._out.get_array()
        buffer[: len(rest)] = rest
        if len(rest) < frames:
            self._position = frames - len(rest)
            buffer[len(rest) :] = self._audio[: self._position]
        for _, data in self._midi.incoming_midi_events():
            self._counter.enter(bytes(data))

    def _count_xrun(self, _delay: float) -> None:
        self._xruns += 1

    def connect(self) -> None:
        """To the host, whenever it is there. Its MIDI first: no note-on may be missed."""
        for port in self._client.get_ports(MIDI_OUT, is_output=True):
            self._join(port, self._midi)
            for capture in self._client.get_ports(AUDIO_IN, is_input=True):
                self._join(self._out, capture)

    def _join(self, source: jack.Port, destination: jack.Port) -> None:
        with contextlib.suppress(jack.JackError):  # it just went
            if destination not in self._client.get_all_connections(source):
                self._client.connect(source, destination)

    def report(self) -> dict[str, Any]:
        return {"notes": asdict(self._counter.notes), "xruns": self._xruns}


def main() -> None:
    peer = Peer(sys.argv[1])
    gc.disable()
    sys.setswitchinterval(1e-4)  # the callback needs the interpreter lock
    for _ in sys.stdin:
        peer.connect()
        print(json.dumps(peer.report()), flush=True)


if __name__ == "__main__":
    main()
