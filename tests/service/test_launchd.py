"""A rig becomes a LaunchAgent. launchctl is a fake here: what it is asked is known, what macOS answers is not."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest
from fake_commands import FakeCommands

from emohost.errors import OutputError
from emohost.service.commands import Answer, ServiceError
from emohost.service.definition import MADE_BY, RigService
from emohost.service.launchd import Launchd, label_of
from emohost.service.manager import service_manager

AWKWARD = "Stage <left> & \"right\" 'é'.yaml"
TARGET = "gui/501/emohost.stage-left"


def rig(folder: Path, name: str = "Stage left", config: str = "rig.yaml") -> RigService:
    return RigService(name, folder / config, ("/usr/local/bin/python3", "-m", "emohost"))


class FakeLaunchd(FakeCommands):
    """One session, 501, and at most one agent in it, which takes some looks to end."""

    def __init__(self, looks: int = 0) -> None:
        super().__init__(
            {"enable": Answer(0), "bootstrap": self._load, "bootout": self._unload, TARGET: self._print}
        )
        self._loaded, self._going, self._looks = False, 0, looks

    def _load(self) -> Answer:
        self._loaded = True
        return Answer(0)

    def _unload(self) -> Answer:
        self._loaded, self._going = False, self._looks
        return Answer(0)

    def _print(self) -> Answer:
        self._going -= 1
        if self._loaded or self._going >= 0:
            return Answer(0, "state = running\n")
        return Answer(113, "", "Could not find service")


def test_the_property_list_survives_a_round_trip_whatever_the_rig_is_called(tmp_path: Path) -> None:
    text = Launchd(FakeCommands().run, tmp_path, 501).text(rig(tmp_path, config=AWKWARD))
    assert plistlib.loads(text.encode()) == {
        "Label": "emohost.stage-left",
        "ProgramArguments": [
            "/usr/local/bin/python3",
            *["-m", "emohost", "run", "--quiet"],
            str(tmp_path / AWKWARD),
        ],
        "WorkingDirectory": str(tmp_path),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 10,
        "ExitTimeOut": 20,
        "ProcessType": "Interactive",
        "StandardOutPath": str(tmp_path / "Library/Logs/emohost/stage-left.log"),
        "StandardErrorPath": str(tmp_path / "Library/Logs/emohost/stage-left.log"),
    }
    assert MADE_BY in text


def test_an_agent_is_loaded_replaced_shown_and_removed(tmp_path: Path) -> None:
    asked, waits = FakeLaunchd(looks=3), list[float]()
    launchd = Launchd(asked.run, tmp_path, 501, waits.append)
    file, _known = launchd.install(rig(tmp_path))
    assert file == tmp_path / "Library" / "LaunchAgents" / "emohost.stage-left.plist"
    loaded = [("enable", TARGET), ("bootstrap", "gui/501", str(file))]
    assert taken(asked) == [("print", "gui/501"), ("print", TARGET), *loaded]
    assert (tmp_path / "Library" / "Logs" / "emohost").is_dir()

    launchd.install(rig(tmp_path / "other"))
    looks = [("print", TARGET)] * 4
    again = [("print", "gui/501"), ("print", TARGET), ("bootout", TARGET), *looks, *loaded]
    assert taken(asked) == again  # launchd would refuse to load what has not ended
    assert len(waits) == 3

    assert launchd.status(None) == launchd.status("Stage left") == ["state = running\n"]
    taken(asked)
    assert launchd.uninstall("Stage left") == (file, "")
    assert not file.exists()
    assert ("bootout", TARGET) in taken(asked)
    assert launchd.status(None) == []
    with pytest.raises(ServiceError, match="none at all"):
        launchd.uninstall("Stage left")


def taken(asked: FakeCommands) -> list[tuple[str, ...]]:
    """What was asked since the last time."""
    assert {command[0] for command in asked.commands} <= {"launchctl"}
    commands = [command[1:] for command in asked.commands]
    asked.commands.clear()
    return commands


def test_without_a_session_on_the_screen_nothing_is_written(tmp_path: Path) -> None:
    asked = FakeCommands({"print": Answer(125, "", "Domain does not support specified action")})
    with pytest.raises(ServiceError, match=r"launchctl print gui/501: Domain does not support"):
        Launchd(asked.run, tmp_path, 501).install(rig(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_agent_that_does_not_end_is_not_loaded_again(tmp_path: Path) -> None:
    launchd = Launchd(FakeLaunchd(looks=1000).run, tmp_path, 501, lambda _seconds: None)
    launchd.install(rig(tmp_path))
    with pytest.raises(ServiceError, match="still goes after 20 s"):
        launchd.install(rig(tmp_path))


def test_an_agent_that_somebody_else_wrote_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "Library" / "LaunchAgents" / "emohost.stage-left.plist"
    file.parent.mkdir(parents=True)
    file.write_bytes(plistlib.dumps({"Label": "emohost.stage-left"}))
    before, asked = file.read_bytes(), FakeLaunchd()
    launchd = Launchd(asked.run, tmp_path, 501)
    with pytest.raises(OutputError, match="left as it is"):
        launchd.install(rig(tmp_path))
    with pytest.raises(OutputError, match="left as it is"):
        launchd.uninstall("Stage left")
    assert file.read_bytes() == before
    assert taken(asked) == [("print", "gui/501")]


def test_the_log_is_followed_where_the_agent_writes_it(tmp_path: Path) -> None:
    launchd = Launchd(FakeCommands().run, tmp_path, 501)
    written = plistlib.loads(launchd.text(rig(tmp_path)).encode())["StandardErrorPath"]
    assert launchd.log_command("Stage left") == ["tail", "-n", "50", "-F", written]


def test_each_system_has_its_manager_and_others_are_told_that_there_is_none() -> None:
    assert type(service_manager("linux")).__name__ == "Systemd"
    assert type(service_manager("darwin")).__name__ == "Launchd"
    assert type(service_manager("win32")).__name__ == "ScheduledTasks"
    with pytest.raises(ServiceError, match="this is sunos5"):
        service_manager("sunos5")


def test_labels_hold_no_path() -> None:
    assert label_of("../../etc") == "emohost.etc"
