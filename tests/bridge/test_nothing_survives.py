"""Nothing of a refused input survives: not in the framework, not in files, not in what is logged or printed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import canary_program
import pytest
from canary_program import NUMBER, canary, held

from emohost.bridge.consent import Consent, ConsentStore
from emohost.bridge.framework import UnifiedFramework
from emohost.bridge.result import extract_emotion_embedding

PROGRAM = Path(canary_program.__file__)
SHARED_MEMORY = Path("/dev/shm")
FOLDERS = (
    "HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "TMPDIR",
)


def run(folder: Path, *arguments: str) -> tuple[str, str]:
    """Runs the program where all that it writes lies in `folder`; standard output and error go there, too."""
    places = {name: str(folder / name.lower()) for name in (*FOLDERS, "EMOHOST_RUNTIME")}
    for place in places.values():
        Path(place).mkdir(mode=0o700, exist_ok=True)
    with (folder / "out.txt").open("w") as out, (folder / "err.txt").open("w") as err:
        subprocess.run(
            [sys.executable, "-X", "faulthandler", str(PROGRAM), *arguments],
            check=True,
            cwd=folder,
            env={**os.environ, **places},
            stdout=out,
            stderr=err,
            timeout=120,
        )
    return (folder / "out.txt").read_text(), (folder / "err.txt").read_text()


def traces(folder: Path, since: float) -> list[Path]:
    """Files below `folder`, and shared memory written since then, that hold a canary in content or name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    if SHARED_MEMORY.is_dir():
        files += [path for path in SHARED_MEMORY.iterdir() if _written(path, since)]
    found = []
    for path in files:
        try:
            content = path.read_bytes()
        except OSError:
            continue
        signs = (canary().encode(), canary().encode("utf-16-le"), str(NUMBER).encode())
        if any(sign in content for sign in signs) or canary() in path.name:
            found.append(path)
    return found


def _written(path: Path, since: float) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime >= since
    except OSError:
        return False


MODES = ("no consent", "refused", "malformed consent", "another person", "something else", "no mapping")


@pytest.mark.parametrize("mode", [*MODES, "revoked", "played"])
def test_no_canary_is_left(mode: str, tmp_path: Path) -> None:
    started = time.time() - 1
    out, err = run(tmp_path, mode)
    assert out == "done\n", err
    assert (tmp_path / "program.log").stat().st_size > 0 or mode == "played"
    assert traces(tmp_path, started) == []


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    run(tmp_path, "no consent", str(tmp_path / "xdg_cache_home" / "kept.bin"))
    assert traces(tmp_path, 0.0) == [tmp_path / "xdg_cache_home" / "kept.bin"]


def test_the_search_in_memory_finds_what_is_held() -> None:
    framework = UnifiedFramework()
    framework.kept = {"deep": [("x", {"text": "a " + canary()})]}  # type: ignore[attr-defined]
    assert held([framework]) == [repr("a " + canary())]


def test_revoking_deletes_every_trace_of_a_person(tmp_path: Path) -> None:
    """The person's name is the canary; taste and baseline were kept."""
    store = ConsentStore(tmp_path / "people")
    store.grant(Consent.of(canary(), ["heart_rate", "feedback"], ["play", "record"], 60))
    framework = UnifiedFramework(canary(), people=store.folder)
    for beat in range(3):
        framework.calibrate({"biofeedback": {"heart_rate": NUMBER + beat}})
        extract_emotion_embedding(framework.create_with_consent({"biofeedback": {"heart_rate": NUMBER}}))
        framework.evolve_from_feedback(0.5)
    kept = sorted(path.name for path in (store.folder / canary()).iterdir())
    assert kept == ["baseline.json", "consent.json", "taste.json"]
    store.revoke(canary())
    with pytest.raises(Exception, match="consent"):
        framework.evolve_from_feedback(0.5)
    assert traces(tmp_path, time.time() + 60) == []
    assert not (store.folder / canary()).exists()
