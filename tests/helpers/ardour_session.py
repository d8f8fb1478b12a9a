"""Ardour, a DAW as people use it, without a screen: a session on the tests' JACK server, led through its Lua."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from jack_rig import RATE
from waiting import wait_for

PROGRAM = "ardour7-lua"
SERVER = Path(__file__).with_name("ardour.lua")
CLIENT = "ardour"
TICKS = 1920
"""To which Ardour rounds, of a quarter note."""
STARTS = 6
KEEPS_S = 10.0  # within which a take that ended is a region
LATENCY = RATE // 5  # frames; far more than its own
UI = "ARDOUR.TransportRequestSource.TRS_UI"
ONE = "ARDOUR.ChanCount(ARDOUR.DataType('midi'), 1)"
LAST = "ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true"
# What Ardour follows when it is told to follow: a preference of the user's, which Lua cannot choose.
FOLLOWS_JACK = """<?xml version="1.0" encoding="UTF-8"?>
<Ardour><TransportMasters current="JACK">
  <TransportMaster type="Engine" name="JACK" removeable="0" sclock_synced="1" collect="1" connected="0"/>
  <TransportMaster type="MIDIClock" name="MIDI Clock" removeable="0" sclock_synced="0" collect="1" connected="0"/>
</TransportMasters></Ardour>
"""


@dataclass(frozen=True)
class Recording:
    """A MIDI region."""

    frames: np.ndarray
    """Of each message, on Ardour's time line, rounded to its ticks."""
    messages: list[bytes]


def is_whole(file: Path) -> bool:
    try:
        mido.MidiFile(file)
    except EOFError:
        return False
    return True


class Ardour:
    """A session that is open. `start_ardour` makes it."""

    def __init__(self, folder: Path, under: Sequence[str], follows: str) -> None:
        preferences = folder / "config" / "ardour7"
        preferences.mkdir(parents=True)
        if follows:
            (preferences / "config").write_text(follows)
        self._said = (folder / "ardour.txt").open("wb")
        answers, theirs = os.pipe()
        self._process = subprocess.Popen(
            [*under, PROGRAM, str(SERVER), f"/dev/fd/{theirs}"],
            stdin=subprocess.PIPE,
            stdout=self._said,
            stderr=self._said,
            pass_fds=(theirs,),
            text=True,
            env={**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")},
        )
        os.close(theirs)
        self._answers = os.fdopen(answers)
        self._before: dict[str, int] = {}
        """Regions on each track before the last take."""
        self.started = False
        self.run(f"AudioEngine:set_backend('JACK', '{CLIENT}', '')")
        self.run(f"S = create_session('{folder}/session', 'session', {RATE})")

    def ask(self, lua: str) -> str:
        """What `lua` is, evaluated in Ardour, as text; `S` is the session."""
        return self.run(f"return {lua}")

    def run(self, lua: str) -> str:
        assert self._process.stdin is not None
        try:
            print(" ".join(lua.split()), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise self._ended() from None
        done, _, result = self._answers.readline().rstrip("\n").partition(" ")
        if done == "done":
            return result
        raise RuntimeError(f"{result}: {self.said}") if done else self._ended()

    def _ended(self) -> RuntimeError:
        """Once it has started, its end is the end of the test: skipped, for Ardour 7.3 fails now and then by itself."""
        status = self._process.wait()
        if self.started:
            pytest.skip(f"Ardour has ended with status {status}: {self.said[-500:]}")
        return RuntimeError(f"Ardour has ended with status {status}: {self.said}")

    @property
    def said(self) -> str:
        return Path(self._said.name).read_text(errors="replace")

    @property
    def connected(self) -> bool:
        """To JACK."""
        return self.ask("AudioEngine:running()") == "true"

    def add_midi_track(self, name: str, channel: int) -> None:
        """It records that channel of what is connected to `ardour:NAME/midi_in 1`, and is armed."""
        self._arm(
            name,
            f"S:new_midi_track({ONE}, {ONE}, true, ARDOUR.PluginInfo(), nil, nil, 1, '{name}', {LAST})",
            f"track:to_track():to_midi_track():set_capture_channel_mode(ARDOUR.ChannelMode.FilterChannels, "
            f"{1 << (channel - 1)})",
        )

    def add_audio_track(self, name: str) -> None:
        """Mono, armed: `ardour:NAME/audio_in 1`."""
        self._arm(name, f"S:new_audio_track(1, 2, nil, 1, '{name}', {LAST})")

    def _arm(self, name: str, tracks: str, then: str = "") -> None:
        self._before[name] = 0
        self.run(
            f"for track in {tracks}:iter() do {then} track:input():disconnect_all(nil) "
            "track:rec_enable_control():set_value(1, PBD.GroupControlDisposition.NoGroup) end"
        )

    def set_tempo(self, tempo: float) -> None:
        self.run(
            f"local map = Temporal.TempoMap.write_copy() map:set_tempo(Temporal.Tempo({tempo}, {tempo}, 4), "
            "Temporal.timepos_t(0)) Temporal.TempoMap.update(map)"
        )

    @property
    def tempo(self) -> float:
        here = "Temporal.timepos_t(S:transport_sample())"
        return float(self.ask(f"Temporal.TempoMap.read():quarters_per_minute_at({here})"))

    def follow(self, external: bool) -> None:
        """What its preferences say it follows, or itself."""
        self.run(f"S:cfg():set_external_sync({str(external).lower()})")

    def roll(self) -> None:
        self.run(f"S:request_roll({UI})")
        wait_for(lambda: self.rolls and self.position > 0, "Ardour to roll")

    def record(self) -> None:
        """From now on, while it rolls. (What is recorded from the start of a roll on, Ardour 7.3 puts one cycle and 16
        frames earlier if it is MIDI than if it is sound.)"""
        assert self.rolls
        self.run("S:maybe_enable_record(false)")
        wait_for(lambda: self.ask("S:actively_recording()") == "true", "Ardour to record")
        self._before = {name: len(self._regions(name)) for name in self._before}
        self._go_on()

    def stop(self) -> bool:
        """All that came before is in the recording. Ardour leads itself for that: of a take that JACK's transport ends
        it keeps nothing. False where there is no recording: a dropout while it follows JACK ends it, too."""
        self._go_on()
        follows = self.ask("S:cfg():get_external_sync()") == "true"
        if follows:
            self.follow(False)
            self._go_on()
        self.halt()
        deadline = time.monotonic() + KEEPS_S
        while missing := [
            name for name, before in self._before.items() if len(self._regions(name)) == before
        ]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        self.run("S:save_state('')")  # brings the files up to date
        self.follow(follows)
        return not missing

    def halt(self) -> None:
        """Whatever it records is of no matter."""
        self.run(f"S:request_stop(false, false, {UI})")
        wait_for(lambda: not self.rolls, "Ardour to stop")

    def _go_on(self) -> None:
        """For longer than its latency: it records what is played to what is heard of it, which is some cycles later."""
        until = self.position + LATENCY
        wait_for(lambda: self.position > until, "Ardour to roll on")

    def locate(self, frame: int) -> None:
        self.run(
            f"S:request_locate({frame}, false, ARDOUR.LocateTransportDisposition.RollIfAppropriate, {UI})"
        )

    @property
    def rolls(self) -> bool:
        return self.ask("S:transport_rolling()") == "true"

    @property
    def position(self) -> int:
        """Frames from the session's beginning."""
        return int(self.ask("S:transport_sample()"))

    def recorded_midi(self, name: str) -> Recording:
        """Of the last take on that track."""
        begins, file = self._last_region(name)
        wait_for(lambda: is_whole(file), f"Ardour to write {file}")
        midi = mido.MidiFile(file)
        # The tempo of the session's beginning, which is that of all of it.
        frames_per_tick = 60 * RATE / self.tempo / midi.ticks_per_beat
        ticks, frames, messages = 0, [], []
        for message in mido.merge_tracks(midi.tracks):
            ticks += message.time
            if not message.is_meta:
                frames.append(begins + ticks * frames_per_tick)
                messages.append(bytes(message.bytes()))
        return Recording(np.array(frames), messages)

    def recorded_audio(self, name: str) -> tuple[int, np.ndarray]:
        """Its first frame on Ardour's time line, and the samples."""
        begins, file = self._last_region(name)
        samples, rate = soundfile.read(file, dtype="float32")
        assert rate == RATE
        return begins, samples

    def _last_region(self, name: str) -> tuple[int, Path]:
        """Where it begins, and its file; of the region that begins last."""
        begins, path = max(self._regions(name))
        return begins, Path(path)

    def _regions(self, name: str) -> list[tuple[int, str]]:
        found = self.run(
            f"local found = '' for region in S:route_by_name('{name}'):to_track():playlist():region_list():iter() do "
            "found = found .. region:position():samples() .. ' ' .. region:source(0):to_filesource():path() .. '|' end "
            "return found"
        )
        split = [each.partition(" ") for each in found.split("|") if each]
        return [(int(begins), path) for begins, _, path in split]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()


def skip_without_ardour() -> None:
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed (Debian: ardour)")


def start_ardour(
    folder: Path, prepare: Callable[[Ardour], object], under: Sequence[str] = (), follows: str = ""
) -> Ardour:
    """With its tracks and connections, which `prepare` makes. While it starts, Ardour 7.3 asks JACK from several
    threads at once, which its connection to the server does not always survive: then it is started again."""
    skip_without_ardour()
    for attempt in range(STARTS):
        own = folder / f"ardour-{attempt}"
        ardour = Ardour(own, under, follows)
        try:
            if ardour.connected:
                prepare(ardour)
                if ardour.connected:
                    ardour.started = True
                    return ardour
        except Exception:
            if ardour.connected:
                raise
        ardour.kill()
        print(f"start {attempt + 1} of Ardour: {ardour.said[-500:]}")
    pytest.skip(f"Ardour lost its connection to JACK in each of {STARTS} starts")
