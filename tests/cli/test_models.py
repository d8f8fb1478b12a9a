"""`emohost models` says which files would be used and what they hold, and names a bad one in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from emohost.networks import ROLES
from emohost.packaged import packaged


def test_list_finds_the_five_packaged_networks(emohost: Callable[..., Result]) -> None:
    done = emohost("models", "list", "--json")
    assert done.exit_code == 0
    listed = json.loads(done.stdout)
    assert {role: Path(model["file"]) for role, model in listed["models"].items()} == {
        name: packaged("models") / role.file for name, role in ROLES.items()
    }
    assert [folder["what"] for folder in listed["folders"]] == ["the user's data folder", "the package"]


def test_list_names_folders_and_files_for_people_as_well(emohost: Callable[..., Result]) -> None:
    done = emohost("models", "list")
    assert done.exit_code == 0
    for name, role in ROLES.items():
        assert any(
            name in line and role.file in line and role.architecture in line
            for line in done.stdout.splitlines()
        )


def test_list_looks_where_the_rig_lies_first_and_shows_every_failure(
    emohost: Callable[..., Result], rig: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "groovepredictor.json").write_text("{}", encoding="utf-8")
    config = rig("audio: {backend: dummy}\nnetworks: {melody: {file: nowhere.json}}")
    done = emohost("models", "list", "--config", config)
    assert done.exit_code == 3
    assert f"{tmp_path / 'groovepredictor.json'}" in done.stdout
    assert "nowhere.json: not found. Looked in the configuration's folder" in done.stdout


@pytest.mark.parametrize("role", ROLES)
def test_inspect_tells_what_a_file_holds(emohost: Callable[..., Result], role: str) -> None:
    path = packaged("models") / ROLES[role].file
    told = json.loads(emohost("models", "inspect", path, "--role", role, "--json").stdout)
    assert told["architecture"] == ROLES[role].architecture
    assert (told["inputs"], told["outputs"]) == (ROLES[role].inputs, ROLES[role].outputs)
    assert told["metadata"]["role"] == role
    assert told["latency_us"] > 0
    assert told["memory_bytes"] > 4 * 1000
    text = emohost("models", "inspect", path).stdout
    for words in ("layout RTNeural", f"{told['parameters']:,}", "a step", told["architecture"]):
        assert words in " ".join(text.split())


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "no such file"), ("", "the file is empty"), ("[1]", "an object"), ("{}", "none of the layouts")],
)
def test_a_bad_file_is_one_line_and_exit_code_3(
    emohost: Callable[..., Result], tmp_path: Path, content: str | None, expected: str
) -> None:
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    done = emohost("models", "inspect", path)
    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.startswith(str(path))
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_of_the_wrong_size_for_its_role_is_refused(emohost: Callable[..., Result]) -> None:
    done = emohost("models", "inspect", packaged("models") / ROLES["groove"].file, "--role", "melody")
    assert done.exit_code == 3
    assert "64 -> 32" in done.stderr
