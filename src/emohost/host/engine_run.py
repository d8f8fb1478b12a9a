"""What the engine's process does: load the networks, build the engine, open the source, wait."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emohost._core import Engine, RecordMemory, Shared, lock_memory
from emohost.audio.backend import NO_RESTART, AudioFormat, Backend, NewRate, Restart
from emohost.audio.backends import make_backend
from emohost.bridge.queues import map_queue
from emohost.engine.build import NetworkSet, build_engine, continuation_for, features_of
from emohost.engine.request import NetworksRequest, Start
from emohost.errors import AudioError, EngineError, ModelError, RingError
from emohost.host.engine_swap import Swaps
from emohost.networks import Network, load_set, measure_latency_us
from emohost.process.memory import give_back
from emohost.process.parent import Parent
from emohost.process.shared_memory import map_memory

STOP_S = 0.5  # given to a driver to stop
WATCH_S = 0.02
LATENCY_STEPS = 64


def load_networks(request: NetworksRequest) -> NetworkSet:
    """Raises ModelError, one line for each network that cannot be loaded."""
    networks = load_set(request.files, Path(request.base), request.precision)
    give_back()  # the files' text takes many times what is kept of it
    return networks


def run(
    parent: Parent,
    start: Start,
    memory_path: str,
    stop: threading.Event,
    plays: Callable[[Swaps], None],
    networks: NetworkSet | None = None,
) -> None:
    """Until `stop` or the end of the source. `plays` is told once it plays. `networks`: those that are loaded already.
    Raises EmohostError."""
    parent.send("trying")  # PortAudio asks every driver as soon as its library is loaded
    backend = make_backend(start.audio, start.played_s, _restart(start))
    parent.send("loading")
    shared = Shared(map_memory(memory_path))
    taken = networks or load_networks(start.engine.networks)
    opened = _open(
        parent, backend, start, stop, lambda form: _make_engine(parent, start, form, shared, taken)
    )
    if opened is not None:
        plays(Swaps(parent, opened.engine, features_of(taken), locked=not opened.form.waits))
        _watch(parent, backend, opened, shared, stop)
    if opened is None or stop.is_set():
        _stop(backend)
        return
    engine = opened.engine
    events = [(frame, list(data), part) for frame, data, part in engine.finish()]
    parent.send("finished", events=events, frame=engine.frame, failure=str(backend.failure or ""))


@dataclass(frozen=True)
class _Opened:
    """An engine that hears its source."""

    engine: Engine
    form: AudioFormat
    memory: str


def _restart(start: Start) -> Restart:
    wires, rate = start.wires, start.rate
    if wires is None and rate is None:
        return NO_RESTART
    from emohost.audio.jack_wires import Wires

    return Restart(None if wires is None else Wires.of(wires), None if rate is None else NewRate(**rate))


def _watch(parent: Parent, backend: Backend, opened: _Opened, shared: Shared, stop: threading.Event) -> None:
    """Tells the host what there is to tell until the end. When the device goes to another rate, that is the last word:
    `stop` is set, and an engine for that rate takes over."""
    form = opened.form
    parent.send(
        "playing",
        sample_rate=form.sample_rate,
        block_size=form.block_size,
        paced=form.paced,
        form=asdict(form),
        description=backend.description,
        memory=opened.memory,
        connections=None if (wires := backend.connections()) is None else asdict(wires),
    )
    meter, measured = backend.age_meter(shared), not form.paced
    while not backend.finished and not stop.wait(WATCH_S):
        if not measured and (meter.look() if meter is not None else shared.blocks):
            measured = True
            parent.send("measured", age_s=None if meter is None else meter.age_s())
        if (wires := backend.new_connections()) is not None:
            parent.send("connected", **asdict(wires))
        if (rate := backend.new_rate(shared)) is not None:
            _tell_rate(parent, form, rate)
            stop.set()
            return
        _tell(parent, backend)
    _tell(parent, backend)


def _make_engine(
    parent: Parent, start: Start, form: AudioFormat, shared: Shared, networks: NetworkSet
) -> Engine:
    """Raises EngineError."""
    parent.send("networks", networks=[described(role, network) for role, network in networks.items()])
    try:
        engine = build_engine(start.engine, form, networks, shared)
        if start.record is not None:
            engine.record(RecordMemory(map_memory(start.record)))
        for path in start.queues:
            engine.listen(map_queue(path))
        if start.continuation is not None:
            engine.resume(continuation_for(start.continuation, form))
    except (ValueError, RingError, OSError) as error:
        raise EngineError(f"the engine cannot be built: {error}") from None
    return engine


def described(role: str, network: Network | ModelError) -> dict[str, Any]:
    """For the host's log."""
    if isinstance(network, ModelError):
        return {"role": role, "error": str(network)}
    info = network.info
    return {
        "role": role,
        "file": str(info.file),
        "dialect": info.dialect,
        "architecture": info.architecture,
        "parameters": info.parameters,
        "memory_bytes": info.memory_bytes,
        "isa": info.isa,
        "precision": info.precision,
        "latency_us": measure_latency_us(network, LATENCY_STEPS),
        "status": info.status,
        "warnings": list(info.warnings),
    }


def _open(
    parent: Parent,
    backend: Backend,
    start: Start,
    stop: threading.Event,
    build: Callable[[AudioFormat], Engine],
) -> _Opened | None:
    """Starts the source; where it is allowed to wait for a device, tries until it is there. None if stopped, or
    when it came at another rate than the engine was built for. Raises EmohostError."""
    pause_s, longest_s = start.retry_s
    opened: _Opened | None = None
    while not stop.is_set():
        try:
            if backend.waits_for_device:  # its driver may hang
                parent.send("trying")
            form = backend.prepare()
            if opened is None:
                opened = _Opened(build(form), form, _settle(form))
            elif form != opened.form:  # nothing but the rate is the device's own
                _tell_rate(parent, opened.form, NewRate(opened.form.sample_rate, form.sample_rate, told=True))
                return None
            parent.send("trying")
            backend.start(opened.engine)
            return opened
        except AudioError as error:
            if not (start.wait and backend.waits_for_device):
                raise
            parent.send("waiting", text=str(error))
        stop.wait(pause_s)
        pause_s = min(2 * pause_s, longest_s)
    return None


def _settle(form: AudioFormat) -> str:
    """Once all is there, and before the first block. Returns 'locked', why the memory is not, or nothing for a source
    that waits for us and needs no locked memory."""
    memory = "" if form.waits else lock_memory() or "locked"
    gc.collect()
    gc.disable()  # nothing is made from here on that would need it
    return memory


def _tell_rate(parent: Parent, form: AudioFormat, rate: NewRate) -> None:
    parent.send("rate", agreed=form.sample_rate, **asdict(rate))


def _tell(parent: Parent, backend: Backend) -> None:
    if news := backend.news():
        parent.send("news", text=news)


def _stop(backend: Backend) -> None:
    """A driver may never return from it; the process ends all the same."""
    thread = threading.Thread(target=backend.stop, daemon=True)
    thread.start()
    thread.join(STOP_S)
