"""What the engine's process does: load the networks, build the engine, open the source, wait."""

from __future__ import annotations

import gc
import threading
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from emohost._core import Engine, Shared, lock_memory
from emohost.audio.backend import AudioFormat, Backend
from emohost.audio.backends import make_backend
from emohost.bridge.lanes import map_lane
from emohost.errors import AudioError, EngineError, ModelError, RingError
from emohost.host.memory import map_memory
from emohost.networks import Network, feature_settings, load_set, measure_latency_us
from emohost.networks.features import DEFAULTS
from emohost.process.parent import Parent

if TYPE_CHECKING:
    from emohost.config.schema import Networks

STOP_S = 0.5  # given to a driver to stop
WATCH_S = 0.02
LARGEST_BLOCK = 8192  # frames
LATENCY_STEPS = 64


def run(parent: Parent, start: Mapping[str, Any], stop: threading.Event) -> None:
    """Until `stop` or the end of the source. Raises EmohostError."""
    backend = make_backend(start["audio"], start["played_s"])
    form = backend.prepare()
    engine = _make_engine(parent, start, form)
    # Once all is there, and before the first block. A source that waits for us needs no locked memory.
    memory = "" if form.waits else lock_memory() or "locked"
    gc.collect()
    gc.disable()  # nothing is made from here on that would need it
    if _open(parent, backend, engine, start, stop):
        parent.send(
            "playing",
            sample_rate=form.sample_rate,
            block_size=form.block_size,
            paced=form.paced,
            description=backend.description,
            memory=memory,
        )
        while not backend.finished and not stop.wait(WATCH_S):
            pass
    if stop.is_set():
        _stop(backend)
        return
    events = [(frame, list(data), part) for frame, data, part in engine.finish()]
    parent.send("finished", events=events, frame=engine.frame, failure=str(backend.failure or ""))


def _make_engine(parent: Parent, start: Mapping[str, Any], form: AudioFormat) -> Engine:
    """Raises ModelError, one line for each network that cannot be loaded, and EngineError."""
    requests = {
        role: SimpleNamespace(**{**request, "file": Path(request["file"]) if request["file"] else None})
        for role, request in start["networks"].items()
    }
    networks = load_set(
        cast("Networks", SimpleNamespace(**requests)), Path(start["base"]), start["precision"]
    )
    parent.send("networks", networks=[_described(role, network) for role, network in networks.items()])
    settings = {
        **start["settings"],
        "sample_rate": form.sample_rate,
        "max_block": form.block_size or LARGEST_BLOCK,
        "channels_in": form.channels_in,
        "channels_out": form.channels_out,
        "pass_through": form.pass_through,
        "sheds": not form.waits,
    }
    emotion = networks["emotion"]
    features = feature_settings(emotion.info) if isinstance(emotion, Network) else DEFAULTS
    settings["listener"] = {**start["settings"]["listener"], **features}
    models = {
        role: network.native if isinstance(network, Network) else None for role, network in networks.items()
    }
    try:
        engine = Engine(settings, models, Shared(map_memory(start["memory"])))
        for path in start["lanes"]:
            engine.listen(map_lane(path))
    except (ValueError, RingError) as error:
        raise EngineError(f"the engine cannot be built: {error}") from None
    return engine


def _described(role: str, network: Network | ModelError) -> dict[str, Any]:
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
    parent: Parent, backend: Backend, engine: Engine, start: Mapping[str, Any], stop: threading.Event
) -> bool:
    """Starts the source; where it is allowed to wait for a device, tries until it is there. False if stopped."""
    pause_s, longest_s = start["retry_s"]
    while not stop.is_set():
        parent.send("trying")
        try:
            backend.start(engine)
            return True
        except AudioError as error:
            if not (start["wait"] and backend.waits_for_device):
                raise
            parent.send("waiting", text=str(error))
        stop.wait(pause_s)
        pause_s = min(2 * pause_s, longest_s)
    return False


def _stop(backend: Backend) -> None:
    """A driver may never return from it; the process ends all the same."""
    thread = threading.Thread(target=backend.stop, daemon=True)
    thread.start()
    thread.join(STOP_S)
