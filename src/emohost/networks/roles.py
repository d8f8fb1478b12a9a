"""The five roles: what goes in and out of each network, and the architecture it normally has."""

from __future__ import annotations

from emohost import vocabulary
from emohost.vocabulary import Role

__all__ = ["ROLES", "Role", "role_named"]

ROLES = {role.name: role for role in vocabulary.ROLES}


def role_named(name: str) -> Role:
    """Raises ValueError for a name that is none of the five."""
    if name not in ROLES:
        raise ValueError(f"role: expected one of {', '.join(ROLES)}, found {name!r}")
    return ROLES[name]
