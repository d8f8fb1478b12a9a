"""The stub of the native module says what is there: every name, every method, every parameter."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest

import emohost
from emohost import _core

STUB = ast.parse((Path(emohost.__file__).parent / "_core.pyi").read_text(encoding="utf-8"))
CLASSES = [node for node in STUB.body if isinstance(node, ast.ClassDef)]
FUNCTIONS = [node for node in STUB.body if isinstance(node, ast.FunctionDef)]
VARIABLES = [node.target.id for node in STUB.body if isinstance(node, ast.AnnAssign)]  # type: ignore[union-attr]


def parameters(node: ast.FunctionDef) -> list[str]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [argument.arg for argument in arguments if argument.arg != "self"]


def real_parameters(function: Any) -> list[str]:
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    found = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in found if parameter.kind not in kinds and parameter.name != "self"]


def members(node: ast.ClassDef) -> set[str]:
    named = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    return named | {item.target.id for item in node.body if isinstance(item, ast.AnnAssign)}  # type: ignore[union-attr]


@pytest.mark.parametrize("node", CLASSES, ids=lambda node: node.name)
def test_a_class_has_the_members_and_parameters_that_the_stub_says(node: ast.ClassDef) -> None:
    real = getattr(_core, node.name)
    public = {name for name in vars(real) if not name.startswith("_")}
    assert public == members(node) - {"__init__"}
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and not item.decorator_list and item.name != "__init__":
            assert real_parameters(getattr(real, item.name)) == parameters(item), item.name


@pytest.mark.parametrize("node", FUNCTIONS, ids=lambda node: node.name)
def test_a_function_has_the_parameters_that_the_stub_says(node: ast.FunctionDef) -> None:
    assert real_parameters(getattr(_core, node.name)) == parameters(node)


def test_every_name_is_in_the_stub_and_every_name_of_the_stub_is_there() -> None:
    stubbed = {*(node.name for node in CLASSES), *(node.name for node in FUNCTIONS), *VARIABLES} - {"Float32"}
    public = {
        name
        for name, value in vars(_core).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert public == stubbed
