"""The first command on a fresh machine says what it is doing, and about how long it takes, before each slow step."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLOW = ("-m venv", "pip install", "build_ext")


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", ["run", "setup", "bench", "fuzz", "train"])
def test_no_slow_step_is_silent(tmp_path: Path, target: str) -> None:
    """From nothing; pip itself comes with the environment, under the same words."""
    # As from a shell: what a make around the tests hands on would change what this one says.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    dry = subprocess.run(
        ["make", "-n", target, f"VENV={tmp_path / 'venv'}", "DATA=data"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in dry.stdout.splitlines() if line.strip()]
    assert "Setting up, once: about" in lines[0]
    slow = [number for number, line in enumerate(lines) if any(step in line for step in SLOW)]
    assert len(slow) >= 4
    for number in slow:
        if "--upgrade pip" not in lines[number]:
            assert lines[number - 1].startswith("echo "), f"nothing is said before: {lines[number]}"
