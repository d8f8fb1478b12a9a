"""Builds a wheel with each Python that is here, installs it where no compiler works, and lets it play.

From one source distribution, each Python builds its wheel; a new environment gets it and what it depends on, wheels
alone and with CC=false. A dependency that has no wheel there is named, and only that one is compiled.
tools/wheel_smoke.py then runs with the newest numpy, and with the oldest that is allowed, too, for the Python that runs
this. All must render the same bytes.
Usage: python tools/check_wheels.py [PYTHON ...]   (default: 3.10 to 3.14 of PATH and of pyenv, those that are here)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MINORS = range(10, 15)
OLDEST_NUMPY = "numpy==1.26.*"
NEWEST_NUMPY = "numpy>=2"


def main(arguments: list[str]) -> int:
    pythons = arguments or found_pythons()
    absent = sorted({f"3.{minor}" for minor in MINORS} - {version_of(python) for python in pythons})
    if absent and not arguments:
        print(f"not here, so not run: Python {', '.join(absent)}", flush=True)
    runs = []
    with tempfile.TemporaryDirectory(prefix="emohost-wheels-") as folder:
        sdist = source_distribution(Path(folder))
        for python in pythons:
            for run in runs_with(python, sdist, Path(folder)):
                runs.append(run)
                print(row(run), flush=True)
    if len({run["midi"] for run in runs}) != 1:
        print("the demo is not the same everywhere", file=sys.stderr)
        return 1
    print(f"{len(runs)} runs, the same bytes")
    return 0


def row(run: dict[str, Any]) -> str:
    compiled = f"; no wheel of {', '.join(run['compiled'])}" if run["compiled"] else ""
    return f"Python {run['python']}, numpy {run['numpy']}: golden {run['golden']:g}, demo {run['midi'][:16]}{compiled}"


def found_pythons() -> list[str]:
    """One of each minor version, that which runs this first."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    named = [shutil.which(f"python3.{minor}") for minor in MINORS]
    candidates = [sys.executable, *sorted(map(str, versions.glob("3.*/bin/python"))), *filter(None, named)]
    found: dict[str, str] = {}
    for candidate in candidates:
        found.setdefault(version_of(candidate), candidate)
    return [found[version] for version in sorted(found) if version in {f"3.{minor}" for minor in MINORS}]


def version_of(python: str) -> str:
    """'3.12'; empty for what does not run, such as a shim of pyenv without its version."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def source_distribution(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--outdir", str(folder / "sdist"), str(ROOT)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (sdist,) = (folder / "sdist").glob("*.tar.gz")
    return sdist


def runs_with(python: str, sdist: Path, folder: Path) -> list[dict[str, Any]]:
    """What tools/wheel_smoke.py tells of the wheel that this Python builds."""
    place = folder / version_of(python)
    print(f"{python}: building, installing, playing", flush=True)
    pip(environment(python, place / "building"), "wheel", "--no-deps", "--wheel-dir", str(place), str(sdist))
    (wheel,) = place.glob("*.whl")
    numpys = [NEWEST_NUMPY]
    if version_of(python) == version_of(sys.executable):
        numpys.append(OLDEST_NUMPY)
    return [played(python, wheel, numpy, place / re.sub(r"\W", "-", numpy)) for numpy in numpys]


def played(python: str, wheel: Path, numpy: str, place: Path) -> dict[str, Any]:
    clean = environment(python, place)
    compiled = installed(clean, str(wheel), numpy)
    done = subprocess.run(
        [str(clean), str(ROOT / "tools" / "wheel_smoke.py")],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=place,
        env=without_sources(),
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return {**told, "compiled": compiled}


def installed(clean: Path, *wanted: str) -> list[str]:
    """Returns the dependencies without a wheel for this Python and system, which alone were compiled here."""
    install = ["install", "--no-cache-dir", *wanted, "--only-binary=:all:"]
    compiled: list[str] = []
    while True:
        done = pip_says(clean, *install, **({} if compiled else {"CC": "false", "CXX": "false"}))
        if done.returncode == 0:
            return compiled
        missing = re.search(r"No matching distribution found for ([\w-]+)", done.stderr)
        if missing is None or missing[1] in compiled:
            raise SystemExit(f"{clean}: {done.stderr}")
        compiled.append(missing[1])
        install.append(f"--no-binary={missing[1]}")


def environment(python: str, place: Path) -> Path:
    """The Python of a new environment."""
    subprocess.run([python, "-m", "venv", str(place)], check=True, env=without_sources())
    return place / ("Scripts" if os.name == "nt" else "bin") / "python"


def pip(python: Path, *arguments: str) -> None:
    done = pip_says(python, *arguments)
    if done.returncode != 0:
        raise SystemExit(f"{python} -m pip {' '.join(arguments)}: {done.stderr}")


def pip_says(python: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**without_sources(), **variables},
    )


def without_sources() -> dict[str, str]:
    """This process's variables, less what would lead to the sources."""
    return {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "EMOHOST_MODELS"}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
