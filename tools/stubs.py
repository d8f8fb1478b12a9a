"""Holds the native module against its stub, src/emohost/_core.pyi: every name, every member, every parameter.

The stub is written by hand: the binding knows no array shapes, units or threads to write it from. Prints a line for
each difference, and then ends with 1.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

STUB = Path(__file__).resolve().parents[1] / "src" / "emohost" / "_core.pyi"
OF_THE_STUB = {"Float32"}  # types that are only said there


def differences(stub: str, core: ModuleType) -> list[str]:
    """Of a stub's text and the module, a line each."""
    body = ast.parse(stub).body
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    said = {*(node.name for node in [*classes, *functions]), *_variables(body)} - OF_THE_STUB
    there = {name for name, value in _public(core) if not inspect.ismodule(value)}
    found = list(_missing("", said, there))
    for cls in (each for each in classes if each.name in there):
        real = getattr(core, cls.name)
        methods = [item for item in cls.body if isinstance(item, ast.FunctionDef) and item.name != "__init__"]
        members = {*(item.name for item in methods), *_variables(cls.body)}
        found += _missing(f"{cls.name}.", members, {name for name, _ in _public(real)})
        for item in methods:
            if not item.decorator_list and hasattr(real, item.name):
                found += _parameters(f"{cls.name}.{item.name}", item, getattr(real, item.name))
    for item in functions:
        if item.name in there:
            found += _parameters(item.name, item, getattr(core, item.name))
    return found


def _public(of: Any) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in vars(of).items() if not name.startswith("_"))


def _variables(body: list[ast.stmt]) -> set[str]:
    return {
        item.target.id
        for item in body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }


def _missing(prefix: str, said: set[str], there: set[str]) -> Iterator[str]:
    yield from (f"{prefix}{name}: not in the stub" for name in sorted(there - said))
    yield from (f"{prefix}{name}: in the stub, but not in the module" for name in sorted(said - there))


def _parameters(name: str, node: ast.FunctionDef, function: Any) -> Iterator[str]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    said = [argument.arg for argument in arguments if argument.arg != "self"]
    starred = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    real = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind not in starred and parameter.name != "self"
    ]
    if said != real:
        yield f"{name}: the stub says ({', '.join(said)}), the module ({', '.join(real)})"


def main() -> int:
    from emohost import _core

    found = differences(STUB.read_text(encoding="utf-8"), _core)
    for line in found:
        print(line)
    print(f"{STUB.name}: {f'{len(found)} differences' if found else 'says all that the module has'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
