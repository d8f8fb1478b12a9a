"""A rig becomes a task at log-on. schtasks is a fake here: what it is asked is known, what Windows answers is not."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from fake_commands import FakeCommands

from emohost.errors import OutputError
from emohost.service.commands import Answer, ServiceError
from emohost.service.definition import MADE_BY, RigService
from emohost.service.keeper import LOG_SIZE, keep
from emohost.service.scheduled import NAMESPACE, ScheduledTasks

USER = {"USERDOMAIN": "STAGE", "USERNAME": "ann"}
AWKWARD = "Stage & left 'é' %PATH%.yaml"
NAME = "emohost-stage-left"
ABSENT = Answer(1, "", "ERROR: The system cannot find the file specified.")


def rig(folder: Path, config: str = "rig.yaml") -> RigService:
    return RigService("Stage left", folder / config, ("C:/Python/python.exe", "-m", "emohost"))


def tasks(folder: Path, asked: FakeCommands) -> ScheduledTasks:
    return ScheduledTasks(asked.run, folder / "services", USER)


def found(task: Xml.Element, path: str) -> str | None:
    return task.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))


def test_the_xml_is_that_of_a_task_whatever_the_rig_is_called(tmp_path: Path) -> None:
    asked = FakeCommands({"/Query": ABSENT})
    file, _known = tasks(tmp_path, asked).install(rig(tmp_path, AWKWARD))
    content = file.read_bytes()
    assert content.startswith((b"\xff\xfe", b"\xfe\xff"))  # schtasks takes UTF-16 with its mark
    task = Xml.fromstring(content)
    assert task.tag == f"{{{NAMESPACE}}}Task"
    parts = ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]
    assert [part.tag for part in task] == [f"{{{NAMESPACE}}}{part}" for part in parts]
    assert str(found(task, "RegistrationInfo/Description")).startswith(MADE_BY)
    assert found(task, "Triggers/LogonTrigger/UserId") == "STAGE\\ann"
    assert found(task, "Principals/Principal/LogonType") == "InteractiveToken"
    assert found(task, "Settings/RestartOnFailure/Interval") == "PT1M"
    assert 1 <= int(str(found(task, "Settings/RestartOnFailure/Count"))) <= 255
    assert found(task, "Settings/ExecutionTimeLimit") == "PT0S"
    assert found(task, "Settings/Priority") == "2"
    assert found(task, "Settings/DisallowStartIfOnBatteries") == "false"
    assert found(task, "Actions/Exec/WorkingDirectory") == str(tmp_path)
    arguments = str(found(task, "Actions/Exec/Arguments"))
    assert arguments.startswith("-m emohost.service.keeper ")
    assert arguments.endswith(f' C:/Python/python.exe -m emohost run --quiet "{tmp_path / AWKWARD}"')


def test_the_keeper_opens_no_window_where_python_has_a_way(tmp_path: Path) -> None:
    for name in ("python.exe", "pythonw.exe"):
        (tmp_path / name).touch()
    service = RigService("a", tmp_path / "rig.yaml", (str(tmp_path / "python.exe"), "-m", "emohost"))
    task = Xml.fromstring(tasks(tmp_path, FakeCommands()).text(service))
    assert found(task, "Actions/Exec/Command") == str(tmp_path / "pythonw.exe")


def test_a_task_is_made_replaced_shown_and_removed(tmp_path: Path) -> None:
    there = {"/Query": ABSENT}
    asked = FakeCommands(there)
    manager = tasks(tmp_path, asked)
    file, _known = manager.install(rig(tmp_path))
    made = [("schtasks", "/Create", "/TN", NAME, "/XML", str(file), "/F"), ("schtasks", "/Run", "/TN", NAME)]
    assert [command for command in asked.commands if "/Query" not in command] == made

    there["/Query"] = Answer(0, "Running\n")
    asked = FakeCommands(there)
    manager = tasks(tmp_path, asked)
    manager.install(rig(tmp_path))
    stop = ("C:/Python/python.exe", "-m", "emohost", "stop", "--rig", "Stage left")
    end = ("schtasks", "/End", "/TN", NAME)
    assert [command for command in asked.commands if "/Query" not in command] == [stop, end, *made]
    assert manager.status(None) == manager.status("Stage left") == ["Running\n"]
    asked.commands.clear()
    assert manager.uninstall("Stage left") == (file, "")
    assert not file.exists()
    own = (sys.executable, *stop[1:])  # every note ends before the task does
    gone = [own, end, ("schtasks", "/Delete", "/TN", NAME, "/F")]
    assert [command for command in asked.commands if "/Query" not in command] == gone
    with pytest.raises(ServiceError, match="none at all"):
        manager.uninstall("Stage left")


def test_a_task_that_somebody_else_made_is_left_alone(tmp_path: Path) -> None:
    asked = FakeCommands()  # it is there, and no file of ours
    with pytest.raises(ServiceError, match="left as it is"):
        tasks(tmp_path, asked).install(rig(tmp_path))
    assert asked.commands == [("schtasks", "/Query", "/TN", NAME)]
    file = tmp_path / "services" / f"{NAME}.xml"
    file.parent.mkdir()
    file.write_text("<Task/>")
    with pytest.raises(OutputError, match="left as it is"):
        tasks(tmp_path, asked).uninstall("Stage left")
    assert file.read_text() == "<Task/>"
    assert len(asked.commands) == 1


def test_what_windows_refuses_is_said_in_its_words(tmp_path: Path) -> None:
    asked = FakeCommands({"/Query": ABSENT, "/Create": Answer(1, "", "ERROR: Access is denied.\n")})
    with pytest.raises(ServiceError, match=r"schtasks /Create .*: ERROR: Access is denied\.$"):
        tasks(tmp_path, asked).install(rig(tmp_path))


@pytest.mark.parametrize("last", [0, 2, 3])
def test_the_keeper_starts_a_host_again_until_it_ends_well_or_would_fail_again(
    tmp_path: Path, last: int
) -> None:
    """The host here fails twice, by what it leaves behind."""
    code = (
        "import pathlib, sys; p = pathlib.Path(sys.argv[1]); n = len(p.read_text()) if p.exists() else 0; "
        "p.write_text('x' * (n + 1)); print('start', n, flush=True); sys.exit([1, 6, int(sys.argv[2])][n])"
    )
    log, waits = tmp_path / "logs" / "a.log", list[float]()
    command = [sys.executable, "-c", code, str(tmp_path / "starts"), str(last)]
    assert keep(log, command, waits.append) == last
    said = log.read_text().splitlines()
    assert [line for line in said if line.startswith("start")] == ["start 0", "start 1", "start 2"]
    assert [line.rpartition(" ")[2] for line in said if "exit code" in line] == ["1", "6", str(last)]
    assert waits == [2.0, 2.0]


def test_the_keepers_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"x" * (LOG_SIZE + 1))
    keep(log, [sys.executable, "-c", "print('new')"])
    assert log.read_text().startswith("new")
    assert (tmp_path / "a.old.log").stat().st_size == LOG_SIZE + 1
