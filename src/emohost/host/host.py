"""The host process: starts the engine's process and the MIDI port's, sends the MIDI, watches, answers, ends."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emohost._core import Shared
from emohost.audio.input_check import InputCheck
from emohost.config.loaded import LoadedRig
from emohost.config.schema import Rig
from emohost.control.local import ControlServer, running_hosts
from emohost.control.page import open_page
from emohost.control.reload import Swap
from emohost.engine.request import MUSICAL, EngineRequest, NetworksRequest, Start
from emohost.errors import AudioError, ControlError, EmohostError
from emohost.host.bridge import Bridge
from emohost.host.engine_handle import EngineHandle
from emohost.host.latency import Latency, sound_to_note
from emohost.host.monitor import Monitor, spread
from emohost.host.outputs import MIDI_FILE, PLOT, hold
from emohost.host.overload import OverloadNews
from emohost.host.readings import Readings
from emohost.host.requests import Requests
from emohost.host.spare import Spare
from emohost.host.status import Spread, Status, Summary
from emohost.host.steering import Steering
from emohost.host.supervisor import EngineState, Playing, Supervisor
from emohost.host.swap import Exchange
from emohost.midi.held import HeldInputs
from emohost.midi.lateness import NEVER_LATE
from emohost.midi.ports import PortSettings, ProcessPort
from emohost.midi.sender import Event, Sender
from emohost.process.child import Child
from emohost.process.flag import Flag
from emohost.process.shared_memory import remove_leftovers
from emohost.recording.conductor import Conductor
from emohost.recording.smf import channel_names
from emohost.recording.smf_writer import SmfWriter
from emohost.recording.takes import Takes

if TYPE_CHECKING:
    from emohost.sessions.recorder import Recorder

STEP_S = 0.01
STATUS_S = 0.1
SLOWER_S = 0.25  # likewise, of what is dear to find out
LAST_NOTES_S = 10.0  # for the last events to become due
MESSAGES = 100  # of the latest that are kept
EVENTS_FOR_PICTURE = 200_000
_log = logging.getLogger("emohost.host")


class Host:
    """One run of one rig. `run` may be called once, on the thread that is to own it; the rest from any thread."""

    def __init__(
        self,
        loaded: LoadedRig,
        ahead: Child | None = None,
        takes: Takes | None = None,
        record: Path | None = None,
    ) -> None:
        """`ahead`: a process from `emohost.host.ahead`, which saves the time that it takes to start. `takes`: the names
        of its files from `emohost.host.outputs.hold`, which the caller releases; without, the run holds them itself.
        `record`: a new folder in which the run is kept."""
        self._record = record
        self._recorder: Recorder | None = None
        self._takes = takes
        self._loaded, self._rig = loaded, loaded.rig
        self._exchange = Exchange(
            EngineRequest.of(loaded.rig, loaded.base),
            loaded.base,
            lambda: self._supervisor.engine if self._playing is not None and self._supervisor else None,
            self._exchanged,
        )
        self._spare = Spare(self._preparation(), ahead)
        self._messages: deque[str] = deque(maxlen=MESSAGES)
        self._requests = Requests(self)
        self.steering = Steering(loaded, self, self._requests.answer)
        self._bridge: Bridge | None = None
        self._ending = threading.Event()
        self.monitor = Monitor(keep_track=self._rig.output.plot is not None)
        self._overload = OverloadNews()
        self._input = InputCheck(self._rig.music.gate_db, expects_sound=self._rig.audio.backend != "dummy")
        self._memory = ""
        self._latency: Latency | None = None
        self._sender: Sender | None = None
        self._supervisor: Supervisor | None = None
        self._playing: Playing | None = None
        self._port: ProcessPort | None = None
        self._file: SmfWriter | None = None
        self._conductor = Conductor()
        self._dropped_before: dict[str, int] = {}
        self._done = False
        self._continuation: dict[str, Any] | None = None
        self._wires: Mapping[str, Any] | None = None  # what the next engine is to be connected to
        self._connections: Mapping[str, Any] | None = None  # what this one is
        self._rate: Mapping[str, Any] | None = None
        self._audio_client = ""
        self._networks: tuple[Mapping[str, Any], ...] = ()
        self._recent: tuple[float, dict[str, Any]] = (-math.inf, {})
        self._readings = Readings()

    # --- the run ----------------------------------------------------------------------------------------------------

    def run(
        self,
        stop: Flag,
        on_status: Callable[[Status], None] | None = None,
        reload: Flag | None = None,
    ) -> Summary:
        """Plays until `stop` is set, the source ends, or somebody sends "stop". Whenever `reload` is set, the rig is
        read again. Raises EmohostError; whatever happens, every note is ended and every process that was started."""
        with contextlib.ExitStack() as ends:
            self._open(ends)
            gc.collect()
            gc.freeze()  # what is there now stays: no collection needs to look at it again
            self._loop(stop, on_status, reload)
        assert self._sender is not None
        if self._sender.failure is not None:
            raise self._sender.failure
        return self._summary()

    def _open(self, ends: contextlib.ExitStack) -> None:
        """Names of files first, then the slowest: processes start up while this one goes on."""
        if self._takes is None:
            self._takes = ends.enter_context(hold(self._loaded))
        for path in self._takes.completed:
            self.say(f"{path}: completed; the run that recorded it was killed")
        remove_leftovers()
        if self._record is not None:
            from emohost.sessions.recorder import Recorder

            self._recorder = Recorder(
                self._record, self._loaded, self._say_only, self.steering.controls.set_by
            )
            ends.callback(self._recorder.close)
            _log.info("keeps this session in %s", self._record)
        self._audio_client = audio_client(self._rig, alone=not running_hosts())
        self._bridge = bridge = Bridge(self._rig.bridge, self.say)
        ends.callback(bridge.close)
        self._supervisor = Supervisor(self._rig.supervision, self._start_engine, self)
        ends.callback(self._supervisor.stop)
        ends.callback(self._spare.close)
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
            on_input=self.steering.midi_map.take,
            held=HeldInputs(
                number for number, each in enumerate(self._rig.midi.inputs) if {*MUSICAL} & {*each.use}
            ),
        )
        ends.callback(self._sender.close)  # before the engine ends: notes go off first
        self._sender.start()
        self.steering.clocks.open(ends, f"{self._audio_client}-clock", self.say)
        self._open_control(ends)

    def _loop(
        self,
        stop: Flag,
        on_status: Callable[[Status], None] | None,
        reload: Flag | None,
    ) -> None:
        assert self._supervisor is not None
        assert self._sender is not None
        assert self._bridge is not None
        next_status = 0.0
        while not (stop.is_set() or self._ending.is_set() or self._done):
            self._supervisor.step()
            self._bridge.step()
            self.steering.step()
            if reload is not None and reload.is_set():
                reload.clear()
                threading.Thread(target=self._reload, name="reload", daemon=True).start()
            if self._rig.supervision.spare and self._rig.supervision.restart:
                self._spare.step(self._playing is not None)
            self._read_reports()
            self.steering.clocks.step(self.shared, self.monitor, self.delay_ms / 1000, self.steering.commands)
            if self._sender.failure is not None:
                raise self._sender.failure
            if on_status is not None and (now := time.monotonic()) >= next_status:
                next_status = now + STATUS_S
                on_status(self.status())
            stop.wait(STEP_S)
        self._read_reports()

    def _reload(self) -> None:
        """On a thread of its own: the engine is loading while this one goes on."""
        try:
            self.steering.reload()
        except EmohostError as error:
            self.say(f"nothing was reloaded: {error}", logging.WARNING)

    def _start_engine(self, wait: bool, played_s: float) -> EngineHandle:
        rules = self._rig.supervision
        recorder = self._recorder
        start = Start(
            engine=self._exchange.request,
            audio=self._audio(),
            wires=self._wires,
            rate=self._rate,
            queues=self._bridge.queues() if self._bridge is not None else [],
            wait=wait,
            retry_s=(rules.retry_min_s, rules.retry_max_s),
            played_s=played_s,
            continuation=self._continuation,
            record=None if recorder is None else recorder.memory(),
        )
        if recorder is not None:
            recorder.engine_starts(start)
        return EngineHandle(start, self._spare.take())

    def _audio(self) -> dict[str, Any]:
        """The rig's section, with the name that JACK is to know the engine's ports by."""
        audio = self._rig.audio.model_dump(mode="json")
        return {**audio, "client": self._audio_client} if "client" in audio else audio

    def _start_port(self, ends: contextlib.ExitStack) -> ProcessPort | None:
        midi = self._rig.midi
        if midi.api == "none":
            return None
        port = ProcessPort(PortSettings.of(midi, await_existing=True))
        ends.callback(port.close)
        return port

    def _open_file(self, ends: contextlib.ExitStack) -> SmfWriter | None:
        claim = None if self._takes is None else self._takes.claim(MIDI_FILE)
        if claim is None:
            return None
        music = self._rig.music
        file = SmfWriter(claim.path, music.tempo, channel_names(music), music.beats_per_bar, claim)
        ends.callback(file.close)
        self._file = file
        _log.info("records %s", claim.path)
        return file

    def _open_control(self, ends: contextlib.ExitStack) -> None:
        if (osc := self._rig.control.osc) is not None:
            from emohost.control.osc import OscServer

            ends.callback(OscServer(osc.host, osc.port, osc.allow, self._requests.answer).close)
            _log.info("listens to OSC at %s:%d", osc.host, osc.port)
        if (web := self._rig.control.web) is not None:
            ends.callback(open_page(web, self._requests.answer, osc).close)
        try:
            server = ControlServer(self._rig.name, self._requests.answer, self._rig.bridge.ring)
        except ControlError as error:  # it plays all the same
            self.say(f"no control from outside: {error}", logging.WARNING)
            return
        ends.callback(server.close)
        if server.name != self._rig.name:
            self.say(
                f"another host is called '{self._rig.name}': this one is '{server.name}' (--rig {server.name})"
            )

    def _read_reports(self) -> None:
        assert self._supervisor is not None
        if self._playing is not None:
            reports = self._supervisor.engine.shared.pop_reports()
            self.monitor.add(reports)
            if self._recorder is not None:
                self._recorder.reports(reports, self._playing.sample_rate)
            for strange in self._input.of(reports, self._playing.sample_rate):
                self.say(strange, logging.WARNING)
            if self._file is not None and self._sender is not None:
                for frame, method, arguments in self._conductor.of(reports, self._playing.sample_rate):
                    self._sender.conduct(frame, method, *arguments)
            self._supervisor.block_s = self.monitor.block_s
            if (lost := self.steering.timing.news(bool(self.monitor.last["clock_lost"]))) is not None:
                self.say(lost, logging.WARNING)
            if (news := self._overload.of(int(self.monitor.last["flags"]))) is not None:
                self.say(news, logging.WARNING)

    # --- what the supervisor tells (its Listener) -------------------------------------------------------------------

    def age_measured(self, age_s: float | None) -> None:
        self._read_reports()
        before = self._latency
        self._latency = sound_to_note(age_s, self.monitor.block_s, self.delay_ms)
        if before is None:
            _log.info("%s", self._latency)

    def swap_answered(self, message: Mapping[str, Any]) -> None:
        self._exchange.answered(message)

    def ports_connected(self, wires: Mapping[str, Any]) -> None:
        self._wires = self._connections = wires
        _log.debug("audio ports: %s", dict(wires))

    def rate_found(self, rate: Mapping[str, Any]) -> None:
        self._rate = rate

    def networks_loaded(self, networks: list[dict[str, Any]]) -> None:
        for network in networks:
            if "error" in network:
                text = f"no {network['role']} network, its part is silent: {network['error']}"
                self.say(text, logging.WARNING)
                continue
            _log.info("%(role)s: %(file)s (%(precision)s, %(latency_us).0f µs a step)", network)
            _log.debug(
                "%(role)s: %(dialect)s; %(architecture)s; %(parameters)d parameters, %(memory_bytes)d bytes, %(isa)s",
                network,
            )
            for warning in network["warnings"]:
                self.say(warning, logging.WARNING)
        loaded = {network["role"]: _shown_network(network) for network in networks}
        self._networks = tuple({**{each["role"]: each for each in self._networks}, **loaded}.values())
        untrained = [network["role"] for network in networks if network.get("status") == "untrained"]
        if untrained:
            self.say(f"UNTRAINED networks: {', '.join(untrained)}. What they say is random.", logging.WARNING)

    def engine_plays(self, engine: EngineHandle, playing: Playing) -> None:
        assert self._sender is not None
        self._playing, self._connections = playing, playing.connections
        self._recent = (-SLOWER_S, {})
        if playing.memory not in ("", "locked", self._memory):
            self.say(playing.memory, logging.WARNING)
        self._memory = playing.memory
        self.monitor.begin(playing.sample_rate)
        self._input.begin()
        self.steering.engine_plays(engine.shared)
        self._sender.attach(engine.shared, playing.sample_rate, playing.paced)
        if self._recorder is not None:
            self._recorder.engine_plays(playing.form, playing.networks)

    def engine_lost(self) -> None:
        self._exchange.engine_lost()
        if self._sender is not None:
            self._sender.detach()
        if self._playing is not None:
            self._read_reports()
            self._dropped_before = self._dropped_by_engines()
            self._remember(self._supervisor)
            self._playing = None
        if self._recorder is not None:
            self._recorder.engine_ended()

    def _remember(self, supervisor: Supervisor | None) -> None:
        """Where the music has come to, for the engine after this one."""
        assert supervisor is not None
        shared = supervisor.engine.shared
        where, point = shared.continuation(), shared.time()
        if where is not None and point is not None:
            self._continuation = {**where, "played_frames": point[0]}

    def engine_finished(self, last_events: list[Event], message: Mapping[str, Any]) -> None:
        assert self._sender is not None
        if self._recorder is not None:
            self._recorder.engine_ended(last_events)
        self._sender.play_out(last_events, LAST_NOTES_S)
        self._done = True
        if message["failure"]:
            raise AudioError(message["failure"])

    def say(self, text: str, level: int = logging.INFO) -> None:
        self._say_only(text, level)
        if self._recorder is not None:
            self._recorder.said(text, level)

    def asked(self, request: Mapping[str, Any]) -> None:
        """Somebody asked this of it: kept where the session is."""
        if self._recorder is not None:
            point = None if (shared := self.shared) is None else shared.time()
            self._recorder.asked(request, None if point is None else point[0])

    def _say_only(self, text: str, level: int) -> None:
        self._messages.append(text)
        _log.log(level, "%s", text)

    # --- what is asked of it ----------------------------------------------------------------------------------------

    def status(self) -> Status:
        """A snapshot."""
        monitor, sender = self.monitor, self._sender
        state = self._supervisor.state if self._supervisor is not None else EngineState.starting
        shared, playing = self.shared, self._playing
        return Status(
            state="ending" if self._done or self._ending.is_set() else state.value,
            detail=playing.description if playing is not None else "".join(list(self._messages)[-1:]),
            seconds=monitor.audio_s,
            peak_db=monitor.peak_db,
            notes=sender.counts.notes if sender else 0,
            sounding=sender.sounding if sender else 0,
            worst_lateness=sender.lateness.worst if sender else NEVER_LATE,
            flags=dict(monitor.flags),
            restarts=self._supervisor.restarts if self._supervisor is not None else 0,
            blocks=monitor.blocks,
            late_blocks=monitor.late_blocks,
            latest_late=tuple(monitor.latest_late),
            dropped=self._dropped(),
            first_sound_frame=shared.first_sound_frame if shared is not None else None,
            messages=tuple(self._messages),
            memory=self._memory,
            latency=self._latency,
            networks=self._networks,
            audio=self._audio_facts(),
            midi={} if self._port is None else self._port.described(),
            **self._readings.of(monitor.last),
            **self._slower(shared),
        )

    def _slower(self, shared: Shared | None) -> dict[str, Any]:
        """What of the status is dear to find out: anew every SLOWER_S at most, however many ask."""
        now_s, sender = time.monotonic(), self._sender
        if now_s - self._recent[0] >= SLOWER_S:
            self._recent = (
                now_s
                if shared is not None
                else -SLOWER_S,  # before there is an engine nothing is worth keeping
                {
                    "load": self.monitor.recent_load(),
                    "lateness_ms": Spread(*sender.lateness.recent_ms(sender.run_s)) if sender else Spread(),
                    "side_b": self._bridge.status(shared) if self._bridge is not None else {},
                },
            )
        return self._recent[1]

    def _audio_facts(self) -> dict[str, Any]:
        playing = self._playing
        if playing is None:
            return {}
        return {
            "sample_rate": playing.sample_rate,
            "block_size": playing.block_size,
            **(self._connections or {}),
        }

    def exchange(self, swap: Swap) -> list[str]:
        """Networks and the user's own style, between two blocks; any thread but the one that runs the host. Roles whose
        networks need another start all the same. Raises EmohostError, after which nothing has changed."""
        return self._exchange.ask(swap)

    def _exchanged(
        self, networks: list[dict[str, Any]], request: NetworksRequest | None, style: object
    ) -> None:
        self.networks_loaded(networks)
        if self._recorder is not None:
            self._recorder.swapped(request, networks, style)
        self._spare.renew(self._preparation())

    def _preparation(self) -> dict[str, Any]:
        """What the spare engine is told."""
        return {"type": "prepare", "networks": self._exchange.request.networks.as_json()}

    def end(self) -> None:
        """As if `run`'s `stop` were set."""
        self._ending.set()

    def end_notes(self) -> None:
        """Every note that sounds ends now."""
        if self._sender is not None:
            self._sender.panic()

    def engine_process(self) -> dict[str, Any]:
        """The present engine's number and memory, for tools."""
        assert self._supervisor is not None
        engine = self._supervisor.engine
        return {"engine_pid": engine.pid, "memory": engine.memory_path}

    @property
    def shared(self) -> Shared | None:
        """The rings of the engine that plays."""
        return (
            self._supervisor.engine.shared
            if self._playing is not None and self._supervisor is not None
            else None
        )

    @property
    def delay_ms(self) -> float:
        """As it is in force: a port may need more than was asked for."""
        return self._rig.midi.delay_ms if self._sender is None else self._sender.delay_s * 1e3

    def _dropped(self) -> dict[str, int]:
        dropped = self._dropped_by_engines()
        if self._port is not None and (inputs := self._port.inputs_dropped):
            dropped["input"] = dropped.get("input", 0) + inputs
        return dropped

    def _dropped_by_engines(self) -> dict[str, int]:
        shared = self.shared
        now = shared.dropped if shared is not None else {}
        before = self._dropped_before
        return {
            name: count for name in {**before, **now} if (count := before.get(name, 0) + now.get(name, 0))
        }

    def _summary(self) -> Summary:
        assert self._sender is not None
        counts, port = self._sender.counts, self._port
        return Summary(
            last=dataclasses.replace(
                self.status(),
                state="ending",
                load=spread(self.monitor.all_loads),
                lateness_ms=spread(self._sender.lateness.all_ms),
            ),
            blocks=self.monitor.blocks,
            files=(self._file.path,) if self._file is not None and self._file.written else (),
            picture=None if self._takes is None else self._takes.path(PLOT),
            sample_rate=self.monitor.sample_rate,
            sent=counts.sent,
            stale=counts.stale,
            unsent=counts.unsent,
            ended=counts.ended,
            port_losses=0 if port is None else port.losses,
            reports=self.monitor.track(),
            events=list(self._sender.kept),
        )


def audio_client(rig: Rig, alone: bool) -> str:
    """What JACK knows the engine by. Each client has a name of its own: 'emohost' is that of the MIDI ports. The rig's
    name tells two hosts apart."""
    chosen = getattr(rig.audio, "client", None)
    return str(chosen or f"{rig.midi.client if alone else rig.name}-audio")


def _shown_network(told: Mapping[str, Any]) -> dict[str, Any]:
    names = ("role", "error") if "error" in told else ("role", "file", "precision", "status")
    return {name: told[name] for name in names}
