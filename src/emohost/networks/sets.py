"""The five networks of a rig."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emohost.errors import ModelError
from emohost.networks.find import find_model
from emohost.networks.load import Network, load_model
from emohost.networks.roles import ROLES

if TYPE_CHECKING:  # pydantic is slow to import, and whoever only loads a model does not need it
    from emohost.config.schema import Networks


def load_set(networks: Networks, config_dir: Path | None) -> dict[str, Network | ModelError]:
    """By role, each network, or for an optional one the error why it is not there. Raises ModelError, one line for
    each network that is not optional and cannot be loaded."""
    found: dict[str, Network | ModelError] = {}
    failures = []
    for role in ROLES:
        settings = getattr(networks, role)
        try:
            path = find_model(role, settings.file, config_dir)
            found[role] = load_model(
                path, role, settings.activations, dilations=settings.dilations, groups=settings.groups
            )
        except ModelError as error:
            found[role] = error
            if not settings.optional:
                failures.append(str(error))
    if failures:
        raise ModelError("\n".join(failures))
    return found
