"""The five networks of a rig."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emohost.errors import ModelError
from emohost.networks.find import find_model
from emohost.networks.load import Network, Parsed, parse_model
from emohost.networks.precision import build_all
from emohost.networks.roles import ROLES

if TYPE_CHECKING:  # pydantic is slow to import, and whoever only loads a model does not need it
    from emohost.config.schema import Networks


@dataclass(frozen=True)
class NetworkFile:
    """Where one role's network is, and what its file does not say: the fields of the rig's `networks`."""

    file: str | None = None
    optional: bool = False
    activations: list[str] | None = None
    dilations: list[int] | None = None
    groups: list[int] | None = None


def network_files(networks: Networks) -> dict[str, NetworkFile]:
    """By role, of a rig's section."""
    return {role: NetworkFile(**each) for role, each in networks.model_dump(mode="json").items()}


def load_set(
    files: Mapping[str, NetworkFile], config_dir: Path | None, precision: str = "auto"
) -> dict[str, Network | ModelError]:
    """By role of `files`, each network, or for an optional one the error why it is not there. `precision`: 'auto'
    (`emohost.networks.precision` chooses for each), float32, float16 or int8 for all. Raises ModelError, one line for
    each network that is not optional and cannot be loaded."""
    parsed: dict[str, Parsed] = {}
    errors: dict[str, ModelError] = {}
    roles = [role for role in ROLES if role in files]
    for role in roles:
        settings = files[role]
        try:
            parsed[role] = parse_model(
                find_model(role, None if settings.file is None else Path(settings.file), config_dir),
                role,
                settings.activations,
                dilations=settings.dilations,
                groups=settings.groups,
            )
        except ModelError as error:
            errors[role] = error
    found, wrong = build_all(parsed, precision)
    errors.update(wrong)
    failures = [str(errors[role]) for role in roles if role in errors and not files[role].optional]
    if failures:
        raise ModelError("\n".join(failures))
    return {role: errors[role] if role in errors else found[role] for role in roles}
