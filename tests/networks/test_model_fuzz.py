"""Whatever a file holds, loading it gives a network or a ModelError, and nothing else."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_files import plugin_export, random_network, rtneural, rtneural_json, state_dict

from emohost import load_model
from emohost.errors import ModelError
from emohost.networks import ROLES

Place = tuple[str | int, ...]  # keys and indices that lead there
TENSORS = random_network(hidden=2, outputs=2)
FILES = [rtneural(TENSORS), plugin_export(TENSORS), rtneural_json(TENSORS), state_dict(TENSORS)]
SETTINGS = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def load(tmp_path: Path, content: bytes, role: str | None = None) -> bool:
    """True if it is a network, which then also runs; False for a ModelError of one line that names the file."""
    file = tmp_path / "fuzz.json"
    file.write_bytes(content)
    try:
        network = load_model(file, role)
    except ModelError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert refusal.startswith(f"{file}: ")
        assert "\n" not in refusal
        return False
    assert network.process(np.ones((2, network.info.inputs), np.float32)).shape == (2, network.info.outputs)
    return True


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Every place in a JSON document."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(min(len(value), 3)):
            yield from places(value[index], (*path, index))


PLACES = [(number, path) for number, file in enumerate(FILES) for path in places(file) if path]


@SETTINGS
@given(st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    load(tmp_path, content)


@SETTINGS
@given(JSON)
def test_any_json(tmp_path: Path, document: Any) -> None:
    load(tmp_path, json.dumps(document).encode())


@SETTINGS
@given(st.sampled_from(PLACES), JSON, st.sampled_from([None, *ROLES]))
def test_a_good_file_with_anything_in_one_place(
    tmp_path: Path, place: tuple[int, Place], value: Any, role: str | None
) -> None:
    number, path = place
    content = copy.deepcopy(FILES[number])
    inner: Any = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    load(tmp_path, json.dumps(content).encode(), role)


@SETTINGS
@given(st.sampled_from(PLACES))
def test_a_good_file_with_something_missing(tmp_path: Path, place: tuple[int, Place]) -> None:
    number, path = place
    content = copy.deepcopy(FILES[number])
    inner: Any = content
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    load(tmp_path, json.dumps(content).encode())


@SETTINGS
@given(st.integers(0, 3), st.floats(0, 1, exclude_max=True), st.binary(max_size=4))
def test_a_good_file_cut_or_with_other_bytes_in_it(
    tmp_path: Path, number: int, where: float, inserted: bytes
) -> None:
    content = json.dumps(FILES[number]).encode()
    at = math.floor(where * len(content))
    assert not load(tmp_path, content[:at])
    load(tmp_path, content[:at] + inserted + content[at + len(inserted) :])


def test_the_files_are_good_to_begin_with(tmp_path: Path) -> None:
    assert all(load(tmp_path, json.dumps(content).encode()) for content in FILES)
