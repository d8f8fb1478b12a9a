"""A source distribution builds a wheel, and the wheel works in an environment of its own, away from the sources."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from emohost import __version__

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = {path.name for path in (ROOT / "configs").glob("*.yaml")}
STYLES = {path.name for path in (ROOT / "styles").glob("*.yaml")}
MODELS = {path.name for path in (ROOT / "models").iterdir() if path.suffix in {".json", ".npz"}}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def environment() -> dict[str, str]:
    """This process's, without what would lead to the sources."""
    return {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "EMOHOST_MODELS"}}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source distribution and of the wheel built from it (not from the working copy)."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def clean(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment with the wheel in it. Its dependencies are the running environment's: a path
    line takes in its packages, but not the paths that they add, such as an editable emohost."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    (wheel,) = built.glob("*.whl")
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True, env=environment())
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return scripts


def run(clean: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of the clean environment in an empty folder, knowing nothing of the sources."""
    empty = clean.parent / "empty"
    empty.mkdir(exist_ok=True)
    program = [str(clean / command[0]), *command[1:]]
    return subprocess.run(program, capture_output=True, text=True, env=environment(), cwd=empty, timeout=120)


def packaged(clean: Path, kind: str) -> Path:
    code = f"from emohost.packaged import packaged; print(packaged({kind!r}))"
    return Path(run(clean, "python", "-c", code).stdout.strip())


def test_the_wheel_holds_code_stubs_models_styles_and_configurations(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"emohost/py.typed", "emohost/_core.pyi", "emohost/data/configs/demo.flac"} <= names
    assert {f"emohost/data/configs/{name}" for name in CONFIGS} <= names
    assert {f"emohost/data/models/{name}" for name in MODELS} <= names
    assert {f"emohost/data/styles/{name}" for name in STYLES} <= names
    assert any(name.startswith("emohost/_core") and name.endswith((".so", ".pyd")) for name in names)
    assert not any(name.startswith(("tests/", "bench/", "tools/")) for name in names)


def test_the_source_distribution_holds_all_that_building_needs(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    sources = {
        str(path.relative_to(ROOT).as_posix())
        for path in (ROOT / "ext").rglob("*")
        if path.suffix in {".cpp", ".h", ".inl", ".pyx", ".pxi"} and path.name != "_core.cpp"
    }
    assert sources <= names
    assert not any(name.endswith((".so", ".o", "ext/_core.cpp")) for name in names)


def test_it_runs_from_the_wheel_and_not_from_the_sources(clean: Path) -> None:
    code = "import emohost._core; print(emohost._core.__file__)"
    found = Path(run(clean, "python", "-c", code).stdout.strip())
    assert clean.parent in found.parents
    assert ROOT not in found.parents


@pytest.mark.parametrize("command", [("emohost",), ("python", "-m", "emohost")])
def test_both_ways_to_start_it_work(clean: Path, command: tuple[str, ...]) -> None:
    done = run(clean, *command, "--version")
    assert (done.returncode, done.stdout.strip()) == (0, f"emohost, version {__version__}")


def test_models_list_finds_the_packaged_networks(clean: Path) -> None:
    done = run(clean, "emohost", "models", "list")
    assert done.returncode == 0, done.stderr
    assert str(packaged(clean, "models")) in done.stdout.replace("\n", "")


def test_styles_list_finds_the_packaged_styles(clean: Path) -> None:
    done = run(clean, "emohost", "styles", "list")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(STYLES)


def test_check_passes_on_the_packaged_demo(clean: Path) -> None:
    done = run(clean, "emohost", "check", str(packaged(clean, "configs") / "demo.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr
