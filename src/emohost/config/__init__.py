"""The rig's YAML file: what it may say (schema), reading it with every mistake named at its place (load)."""

from emohost.config.load import load_rig
from emohost.config.loaded import LoadedRig

__all__ = ["LoadedRig", "load_rig"]
