"""One vocabulary: the headers are those of the tables, and every name does in the core what it says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_engine import MakeEngine, make_networks, make_settings

from emohost import _core, vocabulary

ROOT = Path(__file__).resolve().parents[2]
PARTS = list(vocabulary.PART_NAMES)
OF_DYNAMICS = [each for each in vocabulary.CONTROL_SOURCES if each.dynamics_output is not None]
ALL_ON = {name: {"enabled": True} for name in PARTS}
TABLES: dict[str, Sequence[Any]] = {  # of rows that have a name
    "control sources": vocabulary.CONTROL_SOURCES,
    "parameters": vocabulary.PARAMETERS,
    "commands": vocabulary.COMMANDS,
    "flags": vocabulary.FLAGS,
    "features": vocabulary.FEATURES,
    "chord qualities": vocabulary.QUALITIES,
    "clock sources": vocabulary.CLOCK_SOURCES,
    "fallbacks": vocabulary.FALLBACKS,
    "ways to enter": vocabulary.ENTER,
    "ways to listen": vocabulary.LISTEN,
    "what the band does": vocabulary.PLAYING,
    "when it plays": vocabulary.PLAY,
    "kinds of sound": vocabulary.SOUNDS,
}
SPOKEN = {  # lists of names, of which the vocabulary has the only one
    "parts": PARTS,
    "roles": list(vocabulary.ROLE_NAMES),
    **{kind: [each.name for each in table] for kind, table in TABLES.items()},
}


def test_the_headers_are_those_of_the_tables() -> None:
    done = subprocess.run(
        [sys.executable, "tools/vocabulary.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_binding_knows_every_name_and_no_other() -> None:
    assert list(_core.PARAMETERS) == [parameter.name for parameter in vocabulary.PARAMETERS]
    assert list(_core.COMMANDS) == [command.name for command in vocabulary.COMMANDS]
    assert dict(_core.FLAGS) == {flag.name: 1 << flag.bit for flag in vocabulary.FLAGS}


def test_features_lie_side_by_side() -> None:
    ends = [0]
    for feature in vocabulary.FEATURES:
        assert feature.first == ends[-1], feature.name
        ends.append(feature.first + feature.size)
    assert ends[-1] == vocabulary.ROLES[0].inputs


def written_lists(source: str) -> Iterator[set[str]]:
    """The texts of each list, tuple and set that stands in Python source, those of Literal among them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            yield {
                each.value
                for each in node.elts
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }


def repeats(kind: str, text: str, python: bool) -> bool:
    """Whether a source lists these names: in Python in any order, elsewhere in that of the vocabulary, as names or
    texts."""
    if python:
        return any(set(SPOKEN[kind]) <= listed for listed in written_lists(text))
    squeezed = "".join(text.split())
    return any(
        ",".join(quote.format(name) for name in SPOKEN[kind]) in squeezed for quote in ('"{}"', "{}", "k{}")
    )


@pytest.mark.parametrize("kind", SPOKEN)
def test_no_list_of_names_stands_twice(kind: str) -> None:
    made = {
        ROOT / "ext/core/vocabulary.h",
        ROOT / "ext/bindings/vocabulary.pxi",
        ROOT / "src/emohost/vocabulary.py",
    }
    folders = (("src/emohost", "*.py"), ("ext/core", "*.h"), ("ext/core", "*.cpp"), ("ext/bindings", "*.pxi"))
    for file in {file for folder, pattern in folders for file in (ROOT / folder).rglob(pattern)} - made:
        again = repeats(kind, file.read_text(encoding="utf-8"), file.suffix == ".py")
        assert not again, f"{file.relative_to(ROOT)} lists the {kind} again"


@pytest.mark.parametrize("kind", SPOKEN)
def test_a_list_that_stands_twice_is_found(kind: str) -> None:
    backwards = SPOKEN[kind][::-1]
    assert repeats(kind, f"CHOICES = Literal[{', '.join(map(repr, backwards))}]", python=True)
    assert not repeats(kind, f"CHOICES = Literal[{', '.join(map(repr, backwards[1:]))}]", python=True)
    assert repeats(kind, f"enum class Kind {{ {', '.join(SPOKEN[kind])} }};", python=False)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_turned_off_by_its_own_parameter(
    part: str, make_engine: MakeEngine, music: np.ndarray
) -> None:
    def heard(off: str | None) -> set[int]:
        engine = make_engine(parts=ALL_ON, tempo=160, key="C major", play="always")
        if off is not None:
            assert engine.shared.set_parameter(f"{off}_enabled", 0)
        events = engine.render(music, 480)
        return {number for _, data, number in events if data[0] & 0xF0 == 0x90}

    everything = heard(None)
    assert everything == set(range(len(PARTS)))
    assert heard(part) == everything - {PARTS.index(part)}


@pytest.mark.parametrize("part", vocabulary.PARTS, ids=PARTS)
def test_a_part_plays_on_its_usual_channel_and_program(
    part: vocabulary.Part, make_engine: MakeEngine, music: np.ndarray
) -> None:
    engine = make_engine(parts=ALL_ON, tempo=160, key="C major", play="always")
    events = engine.render(music, 480)
    own = [data for _, data, number in events if number == PARTS.index(part.name)]
    assert {data[0] & 15 for data in own} == {part.channel - 1}
    programs = [data[1] for data in own if data[0] & 0xF0 == 0xC0]
    assert programs == ([] if part.program is None else [part.program])
    notes = [data[1] for data in own if data[0] & 0xF0 == 0x90]
    assert notes
    assert part.low <= min(notes) <= max(notes) <= part.high


@pytest.mark.parametrize("source", OF_DYNAMICS, ids=[each.name for each in OF_DYNAMICS])
def test_a_control_follows_its_own_source(
    source: vocabulary.ControlSource, make_engine: MakeEngine, music: np.ndarray
) -> None:
    """Where the dynamics network says 1 at one output and 0 at the others, only what reads it is high."""
    controls = [
        {"source": each.name, "controller": 20 + number, "channel": 16}
        for number, each in enumerate(vocabulary.CONTROL_SOURCES)
    ]
    weights = np.zeros((32, 16), np.float32)
    bias = np.full(16, -20, np.float32)
    bias[source.dynamics_output] = 20
    layer = {
        "kind": "dense",
        "activation": "sigmoid",
        "inputs": 32,
        "outputs": 16,
        "weights": [weights, bias],
    }
    networks = {**make_networks(), "dynamics": _core.Model(32, [layer])}
    events = _core.Engine(make_settings(controls=controls), networks, None).render(music, 480)
    for number, each in enumerate(vocabulary.CONTROL_SOURCES):
        if each.dynamics_output is None:
            continue
        sent = [data[2] for _, data, _ in events if data[0] == 0xBF and data[1] == 20 + number]
        assert sent[-1] == (127 if each is source else 0), each.name
