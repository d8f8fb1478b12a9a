"""The host process: starts the engine's process and the MIDI port's, sends the MIDI, watches, answers, ends."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emohost._core import Shared
from emohost.config.engine_settings import engine_settings
from emohost.config.loaded import LoadedRig
from emohost.control.local import ControlServer
from emohost.errors import AudioError, ControlError
from emohost.histogram import Histogram
from emohost.host import parameters
from emohost.host.bridge import Bridge
from emohost.host.engine_handle import EngineHandle
from emohost.host.memory import remove_leftovers
from emohost.host.monitor import Monitor, spread
from emohost.host.overload import OverloadNews
from emohost.host.status import Status, Summary
from emohost.host.supervisor import EngineState, Playing, Supervisor
from emohost.labels import ROOTS, chord_label
from emohost.midi.ports import PortSettings, ProcessPort
from emohost.midi.sender import Event, Sender
from emohost.midi.smf import SmfWriter, channel_names
from emohost.process.child import Child

STEP_S = 0.01
STATUS_S = 0.1
LAST_NOTES_S = 10.0  # for the last events to become due
MESSAGES = 100  # of the latest that are kept
EVENTS_FOR_PICTURE = 200_000
_log = logging.getLogger("emohost.host")


class Host:
    """One run of one rig. `run` may be called once, on the thread that is to own it; the rest from any thread."""

    def __init__(self, loaded: LoadedRig, ahead: Child | None = None) -> None:
        """`ahead`: a process from `emohost.host.ahead`, which saves the time that it takes to start."""
        self._ahead = ahead
        self._loaded, self._rig = loaded, loaded.rig
        self._messages: deque[str] = deque(maxlen=MESSAGES)
        self._parameters: dict[str, float] = {}
        self._bridge: Bridge | None = None
        self._commands = threading.Lock()  # one producer at a time on the command ring
        self._ending = threading.Event()
        self._monitor = Monitor(keep_track=self._rig.output.plot is not None)
        self._overload = OverloadNews()
        self._memory = ""
        self._sender: Sender | None = None
        self._supervisor: Supervisor | None = None
        self._playing: Playing | None = None
        self._port: ProcessPort | None = None
        self._files: tuple[Path, ...] = ()
        self._dropped_before: dict[str, int] = {}
        self._done = False

    # --- the run ----------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event, on_status: Callable[[Status], None] | None = None) -> Summary:
        """Plays until `stop` is set, the source ends, or somebody sends "stop". Raises EmohostError; whatever
        happens, every note is ended and every process that was started."""
        with contextlib.ExitStack() as ends:
            self._open(ends)
            gc.collect()
            gc.freeze()  # what is there now stays: no collection needs to look at it again
            self._loop(stop, on_status)
        assert self._sender is not None
        if self._sender.failure is not None:
            raise self._sender.failure
        return self._summary()

    def _open(self, ends: contextlib.ExitStack) -> None:
        """The slowest first: processes start up while this one goes on."""
        remove_leftovers()
        self._parameters["emotion_weight"] = self._rig.bridge.weight
        self._bridge = bridge = Bridge(self._rig.bridge, self.say)
        ends.callback(lambda: bridge.close(os.getpid()))
        self._supervisor = Supervisor(self._rig.supervision, self._start_engine, self)
        ends.callback(self._supervisor.stop)
        self._port = self._start_port(ends)
        file = self._open_file(ends)
        if self._port is not None:
            self._port.wait_open()
        self._sender = Sender(
            self._port,
            file,
            delay_s=self._rig.midi.delay_ms / 1000,
            active_sensing=self._rig.midi.active_sensing,
            keep=EVENTS_FOR_PICTURE if self._rig.output.plot is not None else 0,
        )
        ends.callback(self._sender.close)  # before the engine ends: notes go off first
        self._sender.start()
        self._open_control(ends)

    def _loop(self, stop: threading.Event, on_status: Callable[[Status], None] | None) -> None:
        assert self._supervisor is not None
        assert self._sender is not None
        assert self._bridge is not None
        next_status = 0.0
        while not (stop.is_set() or self._ending.is_set() or self._done):
            self._supervisor.step()
            self._bridge.step()
            self._read_reports()
            if self._sender.failure is not None:
                raise self._sender.failure
            if on_status is not None and (now := time.monotonic()) >= next_status:
                next_status = now + STATUS_S
                on_status(self.status())
            stop.wait(STEP_S)
        self._read_reports()

    def _start_engine(self, wait: bool, played_s: float) -> EngineHandle:
        # The source alone knows rate, width and block size, the emotion network its features: the engine fills them in.
        settings = engine_settings(self._rig, sample_rate=0, channels_in=0, max_block=0, features={})
        ahead, self._ahead = self._ahead, None
        return EngineHandle(
            {
                "audio": self._rig.audio.model_dump(mode="json"),
                "settings": settings,
                "networks": self._rig.networks.model_dump(mode="json"),
                "base": str(self._loaded.base),
                "lanes": self._bridge.lanes() if self._bridge is not None else [],
                "precision": self._rig.engine.precision,
                "wait": wait,
                "retry_s": [self._rig.supervision.retry_min_s, self._rig.supervision.retry_max_s],
                "played_s": played_s,
            },
            ahead,
        )

    def _start_port(self, ends: contextlib.ExitStack) -> ProcessPort | None:
        midi = self._rig.midi
        if midi.api == "none":
            return None
        port = ProcessPort(PortSettings(midi.api, midi.client, midi.port, midi.connect))
        ends.callback(port.close)
        return port

    def _open_file(self, ends: contextlib.ExitStack) -> SmfWriter | None:
        path = self._rig.output.midi_file
        if path is None:
            return None
        file = SmfWriter(path, self._rig.music.tempo, channel_names(self._rig.music))
        ends.callback(file.close)
        self._files = (path,)
        return file

    def _open_control(self, ends: contextlib.ExitStack) -> None:
        try:
            server = ControlServer(self._rig.name, self._answer, self._rig.bridge.ring)
        except ControlError as error:  # it plays all the same
            self.say(f"no control from outside: {error}", logging.WARNING)
            return
        ends.callback(server.close)

    def _read_reports(self) -> None:
        assert self._supervisor is not None
        if self._playing is not None:
            self._monitor.add(self._supervisor.engine.shared.pop_reports())
            self._supervisor.block_s = self._monitor.block_s
            if (news := self._overload.of(int(self._monitor.last["flags"]))) is not None:
                self.say(news, logging.WARNING)

    # --- what the supervisor tells (its Listener) -------------------------------------------------------------------

    def networks_loaded(self, networks: list[dict[str, Any]]) -> None:
        for network in networks:
            if "error" in network:
                text = f"no {network['role']} network, its part is silent: {network['error']}"
                self.say(text, logging.WARNING)
                continue
            _log.info(
                "%(role)s: %(file)s (%(dialect)s; %(architecture)s; %(parameters)d parameters, %(memory_bytes)d bytes, "
                "%(latency_us).0f µs a step, %(precision)s, %(isa)s)",
                network,
            )
            for warning in network["warnings"]:
                self.say(warning, logging.WARNING)
        untrained = [network["role"] for network in networks if network.get("status") == "untrained"]
        if untrained:
            self.say(f"UNTRAINED networks: {', '.join(untrained)}. What they say is random.", logging.WARNING)

    def engine_plays(self, engine: EngineHandle, playing: Playing) -> None:
        assert self._sender is not None
        self._playing = playing
        if playing.memory not in ("", "locked", self._memory):
            self.say(playing.memory, logging.WARNING)
        self._memory = playing.memory
        self._monitor.begin(playing.sample_rate)
        with self._commands:
            for name, value in self._parameters.items():
                engine.shared.set_parameter(name, value)
        self._sender.attach(engine.shared, playing.sample_rate, playing.paced)

    def engine_lost(self) -> None:
        if self._sender is not None:
            self._sender.detach()
        if self._playing is not None:
            self._read_reports()
            self._dropped_before = self._dropped()
            self._playing = None

    def engine_finished(self, last_events: list[Event], message: Mapping[str, Any]) -> None:
        assert self._sender is not None
        self._sender.play_out(last_events, LAST_NOTES_S)
        self._done = True
        if message["failure"]:
            raise AudioError(message["failure"])

    def say(self, text: str, level: int = logging.INFO) -> None:
        self._messages.append(text)
        _log.log(level, "%s", text)

    # --- control ----------------------------------------------------------------------------------------------------

    def panic(self) -> None:
        """Ends every note at once, and what the engine has planned."""
        shared = self._shared()
        if shared is not None:
            with self._commands:
                shared.command("panic")
        if self._sender is not None:
            self._sender.panic()

    def set_parameter(self, name: object, value: object) -> None:
        """Sets what `parameters.RANGES` lists, now and for every engine to come. Raises ControlError."""
        checked_name, checked_value = parameters.checked(name, value)
        shared = self._shared()
        with self._commands:
            if shared is not None and not shared.set_parameter(checked_name, checked_value):
                raise ControlError("the engine takes no commands just now; try again")
            self._parameters[checked_name] = checked_value

    def status(self) -> Status:
        """A snapshot."""
        last, monitor, sender = self._monitor.last, self._monitor, self._sender
        state = self._supervisor.state if self._supervisor is not None else EngineState.starting
        shared, playing = self._shared(), self._playing
        return Status(
            state="ending" if self._done or self._ending.is_set() else state.value,
            detail=playing.description if playing is not None else "".join(list(self._messages)[-1:]),
            seconds=monitor.audio_s,
            valence=float(last["valence"]),
            arousal=float(last["arousal"]),
            level_db=float(last["level_db"]),
            key=_key(int(last["tonic"]), bool(last["minor"])),
            chord_heard=_chord(int(last["chord_heard"])),
            chord_played=_chord(int(last["chord_played"])),
            notes=sender.counts.notes if sender else 0,
            sounding=sender.sounding if sender else 0,
            load=monitor.recent_load(),
            lateness_ms=spread(sender.lateness_ms if sender else Histogram()),
            flags=dict(monitor.flags),
            restarts=self._supervisor.restarts if self._supervisor is not None else 0,
            blocks=monitor.blocks,
            late_blocks=monitor.late_blocks,
            latest_late=tuple(monitor.latest_late),
            dropped=self._dropped(),
            first_sound_frame=shared.first_sound_frame if shared is not None else None,
            side_b=self._bridge.status(shared) if self._bridge is not None else {},
            messages=tuple(self._messages),
            memory=self._memory,
        )

    def _answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answers a request of the control socket, on one of its threads."""
        command = request["command"]
        if command == "panic":
            self.panic()
            return {}
        if command == "set":
            self.set_parameter(request.get("name"), request.get("value"))
            return {}
        if command == "side_b":
            on = request.get("on")
            if not isinstance(on, bool):
                raise ControlError(f"side_b: on: found {on!r}; expected true or false")
            self.set_parameter("emotion_weight", self._rig.bridge.weight if on else 0)
            return {}
        if command == "status":
            assert self._supervisor is not None
            engine = self._supervisor.engine
            processes = {"pid": os.getpid(), "engine_pid": engine.pid, "memory": engine.memory_path}
            return {"status": dataclasses.asdict(self.status()), **processes}
        if command == "stop":
            self._ending.set()
            return {}
        raise ControlError(f"there is no command {command!r}; expected panic, set, side_b, status or stop")

    def _shared(self) -> Shared | None:
        """The rings of the engine that plays."""
        return (
            self._supervisor.engine.shared
            if self._playing is not None and self._supervisor is not None
            else None
        )

    def _dropped(self) -> dict[str, int]:
        shared = self._shared()
        now = shared.dropped if shared is not None else {}
        before = self._dropped_before
        return {
            name: count for name in {**before, **now} if (count := before.get(name, 0) + now.get(name, 0))
        }

    def _summary(self) -> Summary:
        assert self._sender is not None
        counts, port = self._sender.counts, self._port
        return Summary(
            last=dataclasses.replace(self.status(), state="ending", load=spread(self._monitor.all_loads)),
            blocks=self._monitor.blocks,
            files=self._files,
            sample_rate=self._monitor.sample_rate,
            sent=counts.sent,
            stale=counts.stale,
            unsent=counts.unsent,
            port_losses=0 if port is None else port.losses,
            reports=self._monitor.track(),
            events=list(self._sender.kept),
        )


def _key(tonic: int, minor: bool) -> str:
    return f"{ROOTS[tonic]} {'minor' if minor else 'major'}" if tonic >= 0 else ""


def _chord(chord: int) -> str:
    return chord_label(chord) if chord >= 0 else ""
