"""What a session played, through the rig's MIDI port and in real time: every message when it was due."""

from __future__ import annotations

from collections import deque
from typing import Final

from emohost._core import monotonic_ns
from emohost.errors import MidiError
from emohost.midi.ports import PortSettings, ProcessPort
from emohost.midi.sender import Event, Sender
from emohost.process.flag import Flag
from emohost.sessions.replay import Replay

RATE: Final = 48000.0  # of the frames in which it is played
LAST_S: Final = 10.0
POLL_S: Final = 0.02


class Playback:
    """Events that come as an engine's would, from the moment at which this is made. The sender's thread."""

    def __init__(self, timed: list[tuple[float, bytes, int]]) -> None:
        """(seconds, MIDI bytes, part), in order of time."""
        self._events = deque((round(time_s * RATE), data, part) for time_s, data, part in timed)
        self._start_ns = monotonic_ns()

    @property
    def over(self) -> bool:
        """All is handed out. Any thread."""
        return not self._events

    def time(self) -> tuple[int, float, int]:
        now_ns = monotonic_ns()
        return self._frame(now_ns), 0.0, now_ns

    def pop_events(self, limit: int = 4096) -> list[Event]:
        frame, due = self._frame(monotonic_ns()), list[Event]()
        while self._events and self._events[0][0] <= frame and len(due) < limit:
            due.append(self._events.popleft())
        return due

    def push_input(self, frame: int, data: bytes, source: int = 0) -> bool:
        """Nothing listens."""
        return True

    def _frame(self, now_ns: int) -> int:
        return round((now_ns - self._start_ns) * 1e-9 * RATE)


def play_live(played: Replay, stop: Flag) -> None:
    """Until its end or `stop`; then every note has ended. Raises MidiError, also where the rig has no MIDI port."""
    midi = played.rig.midi
    if midi.api == "none":
        raise MidiError("midi.api: found none; expected a MIDI port to replay through (--with midi.api=auto)")
    port = ProcessPort(PortSettings.of(midi, await_existing=True))
    try:
        port.wait_open()
        sender = Sender(port, None, delay_s=midi.delay_ms / 1000)
        sender.start()
        try:
            playback = Playback(played.timed_events())
            sender.attach(playback, RATE)
            while not (playback.over or stop.wait(POLL_S) or sender.failure):
                pass
            if not stop.is_set():
                sender.play_out([], LAST_S)
        finally:
            sender.close()
    finally:
        port.close()
