"""The one way to an engine: from what is asked, the source's format, and the networks that are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emohost import vocabulary
from emohost._core import Engine, Shared
from emohost.audio.backend import AudioFormat
from emohost.engine.request import EngineRequest
from emohost.errors import ModelError
from emohost.networks import Network, feature_settings
from emohost.networks.features import DEFAULTS

CONTROL_INTERVAL_S = 0.05
LARGEST_BLOCK = int(vocabulary.BLOCK.high)

NetworkSet = Mapping[str, Network | ModelError]


def features_of(networks: NetworkSet) -> Mapping[str, Any]:
    """What the listener computes for the emotion network, or for nobody."""
    emotion = networks.get("emotion")
    return feature_settings(emotion.info) if isinstance(emotion, Network) else DEFAULTS


def engine_settings(
    request: EngineRequest,
    form: AudioFormat,
    features: Mapping[str, Any],
    *,
    between_ticks: bool = True,
    replays: bool = False,
) -> dict[str, Any]:
    """The fields of the core's EngineSettings. A source that waits for the engine is no live rig: nothing is left out
    there under overload. Without `between_ticks` the networks run on their ticks only. What `replays` recorded blocks
    goes by their clock."""
    return {
        "sample_rate": float(form.sample_rate),
        "max_block": form.block_size or LARGEST_BLOCK,
        "channels_in": form.channels_in,
        "heard": list(form.heard),
        "channels_out": form.channels_out,
        "pass_through": form.pass_through,
        "sheds": not form.waits,
        "between_ticks": between_ticks,
        "replays": replays,
        "listener": {**request.listener, **features},
        "music": {**request.music, "control_interval_s": CONTROL_INTERVAL_S},
    }


def continuation_for(start: Mapping[str, Any], form: AudioFormat) -> dict[str, Any]:
    """Where an engine goes on. A source that waited for it, a file, stood still meanwhile: its steps lie where they
    lie in the file. Otherwise time went on. `start`: what the engine before it said, with its `played_frames`."""
    taken = dict(start)
    played = taken.pop("played_frames")
    if form.waits:
        taken["step_ns"] = 0
        taken["step_frame"] = max(0, taken["step_frame"] - played)
    return taken


def build_engine(
    request: EngineRequest,
    form: AudioFormat,
    networks: NetworkSet,
    shared: Shared | None = None,
    *,
    between_ticks: bool = True,
    replays: bool = False,
) -> Engine:
    """Takes over the networks. Raises ValueError that names the setting which is out of range and says why."""
    models = {
        role: network.native if isinstance(network, Network) else None for role, network in networks.items()
    }
    settings = engine_settings(
        request, form, features_of(networks), between_ticks=between_ticks, replays=replays
    )
    return Engine(settings, models, shared)
