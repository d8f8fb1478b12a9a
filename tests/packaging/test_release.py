"""`make release`: all of it or nothing; what is in the way is said."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "release.py"


def loaded() -> Any:
    spec = importlib.util.spec_from_file_location("release", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release = loaded()
TODAY = date(2030, 1, 2)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a package, a changelog and one commit."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "someone@example.org")
    root = tmp_path / "project"
    package = root / "src" / "emohost"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "0.1.0"\n')
    (root / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 0.2.0 (unreleased)\n\n- It sings.\n\n## 0.1.0 (2029-01-01)\n\n- It plays.\n"
    )
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def build(checkout: Path, made: Path) -> None:
    (made / "emohost.whl").write_text((checkout / "src" / "emohost" / "__init__.py").read_text())


def state(root: Path) -> str:
    return (
        git(root, "rev-parse", "HEAD")
        + git(root, "tag")
        + git(root, "status", "--porcelain")
        + git(root, "worktree", "list")
    )


def test_a_release_is_a_commit_a_tag_and_files_with_their_sums(root: Path, tmp_path: Path) -> None:
    files = release.release(root, "0.2.0", tmp_path / "out", build, TODAY)
    assert [path.name for path in files] == ["emohost.whl", "SHA256SUMS"]
    assert (tmp_path / "out" / "emohost.whl").read_text() == '__version__ = "0.2.0"\n'
    digest = hashlib.sha256(files[0].read_bytes()).hexdigest()
    assert files[1].read_text() == f"{digest}  emohost.whl\n"
    changelog = (root / "CHANGELOG.md").read_text()
    assert "## 0.2.0 (2030-01-02)\n\n- It sings." in changelog
    assert "unreleased" not in changelog
    assert git(root, "tag") == "v0.2.0\n"
    assert git(root, "rev-parse", "v0.2.0^{commit}") == git(root, "rev-parse", "main")
    assert git(root, "status", "--porcelain") == ""
    assert len(git(root, "worktree", "list").splitlines()) == 1


def dirty(root: Path) -> None:
    (root / "note.txt").write_text("mine")


def elsewhere(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "other")


def tagged(root: Path) -> None:
    git(root, "tag", "v0.2.0")


def nothing_new(root: Path) -> None:
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## 0.2.0 (unreleased)\n\n## 0.1.0 (2029-01-01)\n")
    git(root, "commit", "-qam", "nothing")


@pytest.mark.parametrize(
    ("before", "version", "said"),
    [
        (None, "two", "expected one such as 0.2.0"),
        (None, "0.1.5", "section is of 0.2.0, which is later"),
        (dirty, "0.2.0", "changes that are not committed"),
        (elsewhere, "0.2.0", "not on main"),
        (tagged, "0.2.0", "v0.2.0 is there already"),
        (nothing_new, "0.2.0", "found no section"),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_changes(
    root: Path, tmp_path: Path, before: Callable[[Path], None] | None, version: str, said: str
) -> None:
    if before is not None:
        before(root)
    was = state(root)
    with pytest.raises(release.ReleaseError, match=said):
        release.release(root, version, tmp_path / "out", build, TODAY)
    assert state(root) == was
    assert not (tmp_path / "out").exists()


def test_a_build_that_fails_leaves_everything_as_it_was(root: Path, tmp_path: Path) -> None:
    def fails(checkout: Path, made: Path) -> None:
        build(checkout, made)
        raise release.ReleaseError("no compiler")

    was = state(root)
    with pytest.raises(release.ReleaseError, match="no compiler"):
        release.release(root, "0.2.0", tmp_path / "out", fails, TODAY)
    with pytest.raises(release.ReleaseError, match="nothing was built"):
        release.release(root, "0.2.0", tmp_path / "out", lambda checkout, made: None, TODAY)
    assert state(root) == was
    (tmp_path / "out").mkdir()
    with pytest.raises(release.ReleaseError, match="is there already"):
        release.release(root, "0.2.0", tmp_path / "out", build, TODAY)
    assert state(root) == was
