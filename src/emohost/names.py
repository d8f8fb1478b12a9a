"""Choosing one thing by its name, never by a number that changes when something is plugged in."""

from __future__ import annotations

from collections.abc import Sequence

from emohost.errors import EmohostError


def choose(
    wanted: str,
    names: Sequence[str],
    what: str,
    error: type[EmohostError],
    hint: str = "",
    absent: type[EmohostError] | None = None,
) -> str:
    """The name that is `wanted` exactly, else the only one that contains it (letter case aside).

    Raises `error` with the candidates if there is more than one, and `absent` (by default the same) if there is none.
    """
    if wanted in names:
        return wanted
    found = [name for name in names if wanted.casefold() in name.casefold()]
    if len(found) == 1:
        return found[0]
    tail = f". {hint}" if hint else ""
    if found:
        raise error(f"{what} {wanted!r} is ambiguous: {_listed(found)}{tail}")
    raise (absent or error)(
        f"there is no {what} {wanted!r}; there is: {_listed(names) or 'none at all'}{tail}"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
