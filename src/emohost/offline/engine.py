"""An engine for a file: a rig's networks and music, at the file's rate and width."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from emohost._core import Engine
from emohost.config.engine_settings import engine_settings
from emohost.config.schema import Rig
from emohost.networks import Network, feature_settings, load_set
from emohost.networks.features import DEFAULTS


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
    ticks alone: what is played is the same, what the reports say of emotion is that of the last tick.

    Raises ModelError, one line for each network that cannot be loaded and is not optional; ValueError naming a
    setting that is out of range at this rate.
    """
    networks = load_set(rig.networks, base, rig.engine.precision)
    emotion = networks["emotion"]
    features = feature_settings(emotion.info) if isinstance(emotion, Network) else DEFAULTS
    settings = engine_settings(
        rig,
        sample_rate=sample_rate,
        channels_in=channels,
        max_block=block_size,
        features=features,
        between_ticks=between_ticks,
    )
    loaded = {role: network for role, network in networks.items() if isinstance(network, Network)}
    models = {role: loaded[role].native if role in loaded else None for role in networks}
    untrained = tuple(role for role, network in loaded.items() if network.info.status == "untrained")
    return Built(Engine(settings, models), float(features["hop_s"]), untrained)
