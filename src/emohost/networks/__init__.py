"""Networks: model files in four layouts, where they are found, and how they run."""

from __future__ import annotations

from emohost.networks.features import FeatureSettings, feature_settings
from emohost.networks.find import find_model
from emohost.networks.latency import measure_latency_us
from emohost.networks.load import Info, Network, load_model
from emohost.networks.roles import ROLES, Role
from emohost.networks.sets import load_set, network_files

__all__ = [
    "ROLES",
    "FeatureSettings",
    "Info",
    "Network",
    "Role",
    "feature_settings",
    "find_model",
    "load_model",
    "load_set",
    "measure_latency_us",
    "network_files",
]
