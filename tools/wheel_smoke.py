"""What an installed emohost must do wherever a wheel goes: import, compute RTNeural's outputs, render the demo.

Needs nothing that the wheel does not bring along but the golden vectors beside it. Prints one line of JSON: what it ran
with, and the digest of the MIDI, by which runs are compared (on one machine, they are the same bytes).
Usage: python tools/wheel_smoke.py
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import emohost
from emohost import _core
from emohost.packaged import packaged

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden"
TOLERANCE = 1e-5  # tests/nn/test_golden.py says the same


def main() -> int:
    if ROOT / "src" in Path(emohost.__file__).resolve().parents:
        print(f"this is the emohost of the sources ({emohost.__file__}), not of a wheel", file=sys.stderr)
        return 2
    deviation = worst_deviation()
    if not deviation <= TOLERANCE:
        print(f"golden vectors: off by {deviation:g}, expected {TOLERANCE:g} at most", file=sys.stderr)
        return 1
    told = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "isas": _core.available_isas(),
        "golden": float(f"{deviation:.2g}"),
        "midi": digest_of_demo(),
    }
    print(json.dumps(told))
    return 0


def worst_deviation() -> float:
    """Of every network from RTNeural's double precision, on every instruction set of this machine."""
    folders = sorted(folder for folder in GOLDEN.iterdir() if folder.is_dir())
    if not folders:
        raise SystemExit(f"there are no golden vectors in {GOLDEN}")
    return max(deviation_of(folder, isa) for folder in folders for isa in _core.available_isas())


def deviation_of(folder: Path, isa: str) -> float:
    network = emohost.load_model(folder / "model.json", isa=isa)
    found = network.process(np.load(folder / "input.npy"))
    return float(np.abs(found - np.load(folder / "output_f64.npy")).max())


def digest_of_demo() -> str:
    with tempfile.TemporaryDirectory() as folder:
        midi = Path(folder) / "demo.mid"
        source = packaged("configs") / "demo.flac"
        subprocess.run(
            [sys.executable, "-m", "emohost", "render", str(source), str(midi)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        return hashlib.sha256(midi.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
