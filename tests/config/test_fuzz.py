"""Whatever a configuration file holds: a rig or a ConfigError, never another exception; every line has its place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from emohost.config.load import parse_rig
from emohost.config.schema import Rig
from emohost.errors import ConfigError
from emohost.packaged import packaged

EXAMPLES = [
    yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(packaged("configs").glob("*.yaml"))
]
WHOLE = parse_rig("audio: {backend: file, path: x.wav}").model_dump(mode="json")
KEYS = st.sampled_from(
    ["audio", "backend", "music", "parts", "bass", "channel", "controls", "<<", "", "1", "on"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["file", "dummy", "portaudio", "auto", "1e3", "0x1f", "on", "~", "2001-13-45", "1:30", "!!int x"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
SNIPPETS = [
    ": ",
    ":",
    "\n",
    "\n  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "'",
    '"',
    "|",
    ">",
    "#",
    "?",
    "<<: ",
    "~",
    "\t",
]
SNIPPETS += [
    "audio",
    "backend",
    "dummy",
    "music",
    "&a ",
    "*a",
    "!!int ",
    "!!python/name:x ",
    "%YAML 1.2",
    "---",
    "...",
]
SNIPPETS += ["1", ".5", "-.inf", ".NaN", "0o9", "_", "é", "\\ud800", "\0", "\ufeff", "\x85"]
YAML_ISH = st.lists(st.sampled_from(SNIPPETS), max_size=40).map("".join)


def accepts(text: str) -> Rig | None:
    try:
        return parse_rig(text, "rig.yaml")
    except ConfigError as error:
        for line in str(error).splitlines():
            file, row, column, _ = line.split(":", 3)
            assert file == "rig.yaml"
            assert int(row) >= 1
            assert int(column) >= 1
            assert len(line) < 600
        return None


@settings(deadline=None, max_examples=300)
@given(st.text() | YAML_ISH)
def test_any_text_is_a_rig_or_a_config_error(text: str) -> None:
    accepts(text)


@settings(deadline=None, max_examples=300)
@given(VALUES)
def test_any_yaml_value_is_a_rig_or_a_config_error(value: Any) -> None:
    accepts(yaml.safe_dump(value, allow_unicode=True))


def _somewhere(data: Any, choose: st.DrawFn) -> tuple[Any, Any]:
    """A container inside `data` and one of its keys."""
    while True:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        key = choose(st.sampled_from(keys))
        if not data[key] or not isinstance(data[key], (dict, list)) or choose(st.integers(0, 3)) == 0:
            return data, key
        data = data[key]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    data = copy.deepcopy(draw(st.sampled_from([WHOLE, *EXAMPLES])))
    for _ in range(draw(st.integers(1, 4))):
        container, key = _somewhere(data, draw)
        action = draw(st.sampled_from(["replace", "rename", "delete", "duplicate"]))
        if action == "replace" or isinstance(container, list):
            container[key] = draw(VALUES)
        elif action == "duplicate" or len(container) == 1:
            container[f"{key}x"] = container[key]
        else:
            value = container.pop(key)
            if action == "rename":
                container[draw(KEYS)] = value
        if not isinstance(data, dict) or not data:
            break
    return data


@settings(deadline=None, max_examples=400)
@given(mutated())
def test_any_mutated_rig_is_a_rig_or_a_config_error(data: Any) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    rig = accepts(text)
    if rig is not None:
        assert accepts(yaml.safe_dump(rig.model_dump(mode="json"), allow_unicode=True)) == rig


def _leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(data, dict | list):
        for key in data if isinstance(data, dict) else range(len(data)):
            yield from _leaves(data[key], (*path, key))
    else:
        yield path


@pytest.mark.parametrize("path", list(_leaves(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_whatever_key_has_a_value_of_no_kind_is_named(path: tuple[Any, ...]) -> None:
    data = copy.deepcopy(WHOLE)
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = {"of no": "kind"}
    with pytest.raises(ConfigError, match=f"rig.yaml:[0-9]+:[0-9]+: .*{path[-1]}"):
        parse_rig(yaml.safe_dump(data), "rig.yaml")


@pytest.mark.parametrize(
    "text", ["\ufeffaudio: {backend: dummy}", "%YAML 1.2\n---\naudio: {backend: dummy}\n"]
)
def test_a_byte_order_mark_and_a_version_line_are_fine(text: str) -> None:
    assert accepts(text) is not None
