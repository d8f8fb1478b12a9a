"""Reads styles: those that come with emohost, and one of the user's own."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emohost.packaged import packaged
from emohost.vocabulary import STYLES

if TYPE_CHECKING:  # slow to import
    from emohost.styles.schema import Style

AUTO, OWN = STYLES[0].name, STYLES[-1].name
SHIPPED = tuple(style.name for style in STYLES[1:-1])


def load_style(path: Path) -> Style:
    """Raises ConfigError, one line per mistake: `file:line:column: key.path: found X; expected Y`."""
    from emohost.config.checked import read_text_file

    return parse_style(read_text_file(path, "a style's YAML file"), str(path))


def parse_style(text: str, file: str = "<text>") -> Style:
    """The style that YAML `text` describes. `file` is what errors call it. Raises ConfigError."""
    from emohost.config.checked import parse_as
    from emohost.styles.schema import Style

    return parse_as(Style, style_schema(), text, file, prepare=written_out)


@cache
def style_schema() -> dict[str, Any]:
    """The JSON Schema of a style as the models have it: every line a mapping in a list."""
    from emohost.styles.schema import Style

    return Style.model_json_schema()


def style_file(name: str) -> Path:
    """Of a style that comes with emohost."""
    return packaged("styles") / f"{name}.yaml"


@cache
def shipped(name: str) -> Style:
    """A style that comes with emohost; `name`: of SHIPPED."""
    return load_style(style_file(name))


def own_file(asked: str) -> Path | None:
    """The user's file that `music.style` names; None where it names none."""
    return None if asked == AUTO or asked in SHIPPED else Path(asked)


def style_choice(asked: str) -> str:
    """The live parameter's value for what `music.style` says."""
    return asked if own_file(asked) is None else OWN


def compiled_styles(asked: str, base: Path) -> list[dict[str, Any]]:
    """All that an engine is given, in the vocabulary's order: those that come with emohost, and the user's own where
    `music.style` names one. Raises ConfigError."""
    own = own_file(asked)
    styles = list(_compiled_shipped())
    if own is not None:
        from emohost.styles.compiled import compiled

        styles.append(compiled(load_style(base / own.expanduser())))
    return styles


@cache
def _compiled_shipped() -> tuple[dict[str, Any], ...]:
    from emohost.styles.compiled import compiled

    return tuple(compiled(shipped(name)) for name in SHIPPED)


def written_out(data: Any) -> Any:
    """A copy in which a line that is a text is the mapping that it stands for, and one that stands alone a list."""
    data = copy.deepcopy(data)
    if not isinstance(data, dict):
        return data
    _write_out(data.get("drums"))
    for part in ("chords", "bass"):
        section = data.get(part)
        if isinstance(section, dict) and "lines" in section:
            section["lines"] = _lines(section["lines"])
    fills = data.get("fills")
    for fill in fills if isinstance(fills, list) else []:
        if isinstance(fill, dict):
            _write_out(fill.get("lines"))
    return data


def _write_out(voices: Any) -> None:
    if isinstance(voices, dict):
        for voice, lines in voices.items():
            voices[voice] = _lines(lines)


def _lines(lines: Any) -> Any:
    listed = lines if isinstance(lines, list) else [lines]
    return [{"steps": each} if isinstance(each, str) else each for each in listed]
