"""A rig becomes a unit that systemd understands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from fake_commands import FakeCommands

from emohost.cli.service import command
from emohost.errors import OutputError
from emohost.service.commands import Answer, ServiceError
from emohost.service.definition import MADE_BY, RigService
from emohost.service.systemd import Systemd
from emohost.service.unit import unit_name, unit_text

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="services are systemd's")
RIG = "name: Stage left\naudio: {backend: dummy}\nmidi: {api: none}\n"
AWKWARD = "100 % \"mine\" $HOME \\n 'rig' é.yaml"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze to ask")
@pytest.mark.parametrize("name", ["rig.yaml", AWKWARD])
def test_systemd_takes_the_unit_whatever_the_rig_is_called(tmp_path: Path, name: str) -> None:
    config = tmp_path / name
    config.write_text(RIG)
    text = unit_text(RigService("100 % live\n[Service]", config, (sys.executable, "-m", "emohost")))
    unit = tmp_path / "emohost-test.service"
    unit.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "--user", "--man=no", "verify", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        check=False,
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "emohost-test" in line]
    assert not ours, ours
    assert text.count("[Service]") == 2  # one of them within the description, on its line
    assert "Description=emohost: 100 %% live [Service]\n" in text


def test_names_of_units() -> None:
    assert unit_name("Stage left") == "emohost-stage-left.service"
    assert unit_name("../../etc") == "emohost-etc.service"
    assert unit_name("…") == "emohost-rig.service"


def test_a_unit_that_somebody_else_wrote_is_neither_replaced_nor_removed(tmp_path: Path) -> None:
    unit = tmp_path / "systemd" / "user" / "emohost-mine.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n")
    asked = FakeCommands()
    systemd = Systemd(asked.run, {"XDG_CONFIG_HOME": str(tmp_path)})
    with pytest.raises(OutputError, match="left as it is"):
        systemd.install(rig("mine", tmp_path))
    with pytest.raises(OutputError, match="left as it is"):
        systemd.uninstall("mine")
    assert unit.read_text() == "[Service]\n"
    assert systemd.status(None) == []
    assert [each[3:] for each in asked.commands] == [("show-environment",)]  # nor is it stopped


def test_a_unit_is_installed_replaced_shown_and_removed(tmp_path: Path) -> None:
    asked = FakeCommands({"status": Answer(3, "it does not run\n")})
    systemd = Systemd(asked.run, {"XDG_CONFIG_HOME": str(tmp_path)})
    for folder in ("first", "second"):
        file, known = systemd.install(rig("a", tmp_path / folder))
        assert file.read_text() == systemd.text(rig("a", tmp_path / folder))
    assert "enable-linger" in known
    assert systemd.status(None) == systemd.status("a") == ["it does not run\n"]
    assert systemd.uninstall("a") == (file, "")
    assert not file.exists()
    with pytest.raises(ServiceError, match="none at all"):
        systemd.uninstall("a")
    installed = [("show-environment",), ("daemon-reload",), ("enable", "--now", "emohost-a.service")]
    shown = [("status", "--lines=5", "emohost-a.service")]
    removed = [("disable", "--now", "emohost-a.service")]
    assert [each[3:] for each in asked.commands] == [*installed * 2, *shown * 2, *removed]
    assert {each[:3] for each in asked.commands} == {("systemctl", "--user", "--no-pager")}


def rig(name: str, folder: Path) -> RigService:
    return RigService(name, folder / "rig.yaml", ("/usr/bin/python3", "-m", "emohost"))


def test_install_prints_the_unit_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "rig.yaml").write_text(RIG)
    done = CliRunner().invoke(command, ["install", "--print", str(tmp_path / "rig.yaml")])
    assert done.exit_code == 0
    assert done.output.startswith(f"# {MADE_BY}")
    assert str(tmp_path / "rig.yaml") in done.output
    assert not (tmp_path / "config").exists()


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="there is no systemctl to fail")
def test_where_no_systemd_answers_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")
    (tmp_path / "rig.yaml").write_text(RIG)
    done = CliRunner().invoke(command, ["install", str(tmp_path / "rig.yaml")])
    assert isinstance(done.exception, ServiceError)
    assert "systemctl --user" in str(done.exception)
    assert not (tmp_path / "config").exists()
