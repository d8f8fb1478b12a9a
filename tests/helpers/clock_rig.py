"""Leaders and followers for one host on the tests' JACK server, and where on their grids the host plays."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from jack_rig import RATE, JackPeer
from waiting import wait_for

from emohost.control.local import send_command
from emohost.errors import ControlError

TICK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
TICKS, BAR = 24, 4  # a beat, beats


def song_position(sixteenths: int) -> bytes:
    return bytes([0xF2, sixteenths & 127, sixteenths >> 7])


def tick_frames(start: float, tempo: float, count: int) -> list[int]:
    return [round(start + i * 60 * RATE / tempo / TICKS) for i in range(count)]


def clock_messages(start: float, tempo: float, beats: float) -> Iterator[tuple[int, bytes]]:
    return ((frame, TICK) for frame in tick_frames(start, tempo, round(beats * TICKS)))


def wrapped(beats: np.ndarray, around: float) -> np.ndarray:
    return (np.asarray(beats) + around / 2) % around - around / 2


class Heard:
    """What a peer received of the host, from now on."""

    def __init__(self, peer: JackPeer) -> None:
        self._peer, self._since = peer, len(peer.received)

    @property
    def messages(self) -> list[tuple[int, bytes]]:
        return self._peer.received[self._since :]

    def attacks(self, low: int = 0, high: int = 2**62) -> np.ndarray:
        """JACK frames of the note-ons between."""
        ons = [f for f, data in self.messages if data[0] & 0xF0 == 0x90 and data[2] and low <= f < high]
        return np.array(ons, dtype=np.int64)

    def ticks(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the host's MIDI clock since it was last started: frames, and beats since the song's beginning."""
        frames: list[int] = []
        begins, runs, position = 0.0, False, 0
        for frame, data in self.messages:
            if data[0] == 0xF2:
                position = data[1] | data[2] << 7
            elif data in (START, CONTINUE):
                frames, begins, runs = [], position / 4 if data == CONTINUE else 0.0, True
            elif data == STOP:
                runs = False
            elif data == TICK and runs:
                frames.append(frame)
        return np.array(frames, dtype=np.int64), begins + np.arange(len(frames)) / TICKS


class Line:
    """An even beat: at `frame` of JACK's it is `beat`, at `tempo` beats per minute."""

    def __init__(self, frame: float, beat: float, tempo: float) -> None:
        self.frame, self.beat, self.tempo = frame, beat, tempo

    def beats(self, frames: np.ndarray | float) -> np.ndarray:
        return self.beat + (np.asarray(frames) - self.frame) * self.tempo / 60 / RATE

    def frame_of(self, beat: float) -> int:
        return round(self.frame + (beat - self.beat) * 60 * RATE / self.tempo)

    def ms_off(self, frames: np.ndarray, per_beat: int = 4) -> np.ndarray:
        """From the nearest of its sixteenths, late above 0."""
        return wrapped(self.beats(frames) * per_beat, 1) / per_beat * 60e3 / self.tempo

    def bar_ms_off(self, frames: np.ndarray, beats: np.ndarray) -> np.ndarray:
        """What was said to be `beats` at these frames, against this line, place in the bar by place in the bar."""
        return wrapped(self.beats(frames) - beats, BAR) * 60e3 / self.tempo


class Conductor:
    """A JACK client that rolls the transport, and may be its timebase master."""

    def __init__(self) -> None:
        import jack

        self._client = jack.Client("conductor", no_start_server=True)
        self._rolling = jack.ROLLING
        self.tempo = 120.0
        self._told = False
        self._client.activate()

    def start(self) -> None:
        self._client.transport_start()

    def stop(self) -> None:
        self._client.transport_stop()

    def locate(self, frame: int) -> None:
        self._client.transport_frame = frame

    @property
    def rolls(self) -> bool:
        return bool(self._client.transport_state == self._rolling)

    def conduct(self, tempo: float) -> None:
        """Master from now on, with an even beat from the transport's beginning on."""
        self.tempo = tempo
        if not self._told:
            self._told = True
            self._client.set_timebase_callback(self._tell, conditional=False)

    def _tell(self, _state: object, _blocksize: int, pos: Any, _new: bool) -> None:
        beats = pos.frame / RATE * self.tempo / 60
        bar, beat = divmod(beats, BAR)
        pos.valid = 0x10
        pos.bar, pos.beat, pos.tick = int(bar) + 1, int(beat) + 1, int(beat % 1 * 960)
        pos.bar_start_tick = int(bar) * BAR * 960.0
        pos.beats_per_bar, pos.beat_type, pos.ticks_per_beat = float(BAR), 4.0, 960.0
        pos.beats_per_minute = self.tempo

    def release(self) -> None:
        if self._told:
            self._told = False
            self._client.release_timebase()

    def began(self) -> float:
        """The JACK frame at which the transport that rolls was, or would have been, at its beginning. The middle of
        many looks: a cycle may begin within one."""
        looks = []
        for _ in range(15):
            looks.append(self._client.last_frame_time - self._client.transport_query()[1]["frame"])
            time.sleep(0.003)
        return median(looks)

    def read(self) -> tuple[np.ndarray, np.ndarray, float]:
        """What the timebase master says for a while: frames, beats since the transport's beginning, and the tempo."""
        frames, beats = [], []
        for _ in range(50):
            before = self._client.last_frame_time
            _, at = self._client.transport_query()
            if self._client.last_frame_time == before:
                frames.append(before)
                beats.append(
                    (at["bar"] - 1) * at["beats_per_bar"] + at["beat"] - 1 + at["tick"] / at["ticks_per_beat"]
                )
                tempo = at["beats_per_minute"]
            time.sleep(0.01)
        return np.array(frames), np.array(beats), tempo

    def close(self) -> None:
        self.release()
        self._client.close()


class LinkPeer:
    """A peer of Ableton Link's session, in the tests' process."""

    def __init__(self, tempo: float) -> None:
        import link

        self._link: Any = link.Link(tempo)
        self._link.startStopSyncEnabled = True
        self._link.enabled = True

    @property
    def peers(self) -> int:
        return int(self._link.numPeers())

    @property
    def plays(self) -> bool:
        return bool(self._link.captureSessionState().isPlaying())

    def change(self, tempo: float | None = None, beats: float = 0.0, plays: bool | None = None) -> None:
        """The session's tempo, its beat by so many `beats`, whether it plays."""
        state, now = self._link.captureSessionState(), self._link.clock().micros()
        if tempo is not None:
            state.setTempo(tempo, now)
        if beats:
            state.forceBeatAtTime(state.beatAtTime(now, BAR) + beats, now, BAR)
        if plays is not None:
            state.setIsPlaying(plays, now)
        self._link.commitSessionState(state)

    def line(self, peer: JackPeer) -> Line:
        """Where its beat lies among JACK's frames. The latest of many looks: a cycle is called late, never early."""
        ahead = []
        for _ in range(40):
            ahead.append(peer.frame - self._link.clock().micros() * RATE / 1e6)
            time.sleep(0.005)
        state, now = self._link.captureSessionState(), self._link.clock().micros()
        return Line(now * RATE / 1e6 + max(ahead), state.beatAtTime(now, BAR), state.tempo())

    def close(self) -> None:
        self._link.enabled = False


def median(values: Iterable[float]) -> float:
    return float(np.median(np.asarray(list(values), dtype=float)))


def ask(what: str, **how: Any) -> None:
    """Of the host that runs; again while its engine is being replaced, as on a machine that is far too busy."""

    def taken() -> bool:
        try:
            send_command(what, **how)
        except ControlError as error:
            if "nothing plays just now" not in str(error):
                raise
            return False
        return True

    wait_for(taken, f"the host to take {what}")


def lead(source: str) -> None:
    ask("clock", source=source)
