"""Prints what pyproject.toml needs to build, one requirement a line, for `pip install -r`."""

import sys
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    from pip._vendor import tomli as tomllib

pyproject = Path(__file__).parent.parent / "pyproject.toml"
print("\n".join(tomllib.loads(pyproject.read_text(encoding="utf-8"))["build-system"]["requires"]))
