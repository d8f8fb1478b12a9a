"""A session that was kept, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from host_runs import Run, music


@pytest.fixture(scope="session")
def kept_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    audio = music(folder / "song.wav", 6)
    rig = folder / "rig.yaml"
    rig.write_text(
        f"name: evening\naudio: {{backend: file, path: {audio}, paced: false}}\nmusic: {{play: always}}\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOHOST_RUNTIME", str(folder / "run"))
        Run(rig, record=folder / "session").finish()
    return folder / "session"


@pytest.fixture
def kept(kept_once: Path, tmp_path: Path) -> Path:
    """A copy of one's own."""
    return Path(shutil.copytree(kept_once, tmp_path / "sessions" / "evening"))
