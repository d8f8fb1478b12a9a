"""The stub of the native module says what is there: every name, every member, every parameter."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from emohost import _core

TOOL = Path(__file__).resolve().parents[1] / "tools" / "stubs.py"
spec = importlib.util.spec_from_file_location("stubs", TOOL)
assert spec is not None
assert spec.loader is not None
stubs = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stubs)
TEXT = stubs.STUB.read_text(encoding="utf-8")


def test_the_stub_says_what_is_there() -> None:
    assert stubs.differences(TEXT, _core) == []


@pytest.mark.parametrize(
    ("said", "instead", "difference"),
    [
        ("def monotonic_ns(", "def monotonic_us(", "monotonic_ns: not in the stub"),
        ("def monotonic_ns(", "def no() -> int: ...\ndef monotonic_ns(", "no: in the stub, but not in the module"),
        ("set_parameter(self, name", "set_parameter(self, nome", "Shared.set_parameter: the stub says (nome"),
        ("    def set_parameter(", "    def set_parameters(", "Shared.set_parameter: not in the stub"),
    ],
)  # fmt: skip
def test_a_difference_is_found(said: str, instead: str, difference: str) -> None:
    assert said in TEXT
    found = stubs.differences(TEXT.replace(said, instead), _core)
    assert any(line.startswith(difference) for line in found), found
