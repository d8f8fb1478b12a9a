"""Feeds the model loader with what libFuzzer thinks of: `python tests/fuzz/fuzz_model.py [CORPUS] [libFuzzer options]`.

Needs atheris (`pip install atheris`; Linux and macOS, CPython). Ends at the first input for which loading gives
anything but a network or a ModelError; libFuzzer leaves that input in a file beside. `-max_total_time=60` bounds the
run. Without a folder for the corpus it starts from one small file of each layout.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("fuzz_model: needs atheris, which is not installed here: pip install atheris")

with atheris.instrument_imports(include=["emohost"]):
    from emohost import load_model
    from emohost.errors import ModelError
    from emohost.networks import ROLES

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "networks"))
from model_files import plugin_export, random_network, rtneural, rtneural_json, state_dict

FOLDER = tempfile.TemporaryDirectory(prefix="emohost-fuzz-")
FILE = Path(FOLDER.name) / "fuzz.json"
CHOICES = [None, *ROLES]


def load_one(content: bytes) -> None:
    """The first byte chooses a role or none, the rest is the file."""
    FILE.write_bytes(content[1:])
    try:
        network = load_model(FILE, CHOICES[content[0] % len(CHOICES)] if content else None)
    except ModelError:
        return
    network.process([[0.5] * network.info.inputs] * 2)


def seeds() -> str:
    """A folder with a good file of each layout."""
    folder = Path(FOLDER.name) / "corpus"
    folder.mkdir()
    tensors = random_network(inputs=2, hidden=1, outputs=1)
    for number, layout in enumerate((rtneural, plugin_export, rtneural_json, state_dict)):
        (folder / f"{number}").write_bytes(b"\0" + json.dumps(layout(tensors)).encode())
    return str(folder)


if __name__ == "__main__":
    arguments = sys.argv
    if not any(not argument.startswith("-") for argument in arguments[1:]):
        arguments = [*arguments, seeds()]
    atheris.Setup(arguments, load_one)
    atheris.Fuzz()
