"""An engine for a file: a rig's networks and music, at the file's rate and width."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emohost._core import Engine
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine import build
from emohost.engine.request import EngineRequest
from emohost.networks import Network, load_set


@dataclass(frozen=True)
class Built:
    """An engine, its hop in seconds, and the roles whose networks say of themselves that they are untrained."""

    engine: Engine
    hop_s: float
    untrained: tuple[str, ...]


def build_engine(
    rig: Rig, base: Path, sample_rate: int, channels: int, block_size: int, *, between_ticks: bool = True
) -> Built:
    """`base` is the folder in which networks are looked for first. Without `between_ticks` the networks run on their
    ticks only: what is played is the same, what the reports say of emotion is that of the last tick.

    Raises ModelError, one line for each network that cannot be loaded and is not optional; ValueError naming a
    setting that is out of range at this rate.
    """
    request = EngineRequest.of(rig, base)
    networks = load_set(request.networks.files, base, request.networks.precision)
    form = AudioFormat(sample_rate, block_size, channels, paced=False, waits=True)
    engine = build.build_engine(request, form, networks, between_ticks=between_ticks)
    untrained = tuple(
        role
        for role, network in networks.items()
        if isinstance(network, Network) and network.info.status == "untrained"
    )
    return Built(engine, float(build.features_of(networks)["hop_s"]), untrained)
