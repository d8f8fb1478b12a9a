"""Services of Windows' Task Scheduler: a task at the user's log-on (schtasks). Not run on Windows so far.

The scheduler's own RestartOnFailure counts only what could not be started (MS-TSCH 2.5.4.2), not what failed later: the
task runs a keeper (service/keeper.py) that starts the host again and keeps what it says.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

import platformdirs

from emohost.service.commands import Run, ServiceError, asked
from emohost.service.definition import (
    MADE_BY,
    RigService,
    definitions,
    plain_name,
    remove_definition,
    require_ours,
    write_definition,
)

NAMESPACE: Final = "http://schemas.microsoft.com/windows/2004/02/mit/task"
SETTINGS: Final = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "ExecutionTimeLimit": "PT0S",  # none; else it is ended after three days
    "Priority": "2",  # above normal; a task's usual 7 is below, for its discs and memory, too
}
RESTART: Final = {"Interval": "PT1M", "Count": "255"}  # the least time, the most attempts


def task_name(rig: str) -> str:
    """'emohost-stage-left' of a rig called 'Stage left'."""
    return f"emohost-{plain_name(rig)}"


def task_xml(service: RigService, user: str, log: Path) -> bytes:
    """As `schtasks /Create /XML` takes it: UTF-16, its elements in the schema's order."""
    task = Xml.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    _texts(Xml.SubElement(task, "RegistrationInfo"), {"Description": f"{MADE_BY} Rig: {service.rig}"})
    at_log_on = Xml.SubElement(Xml.SubElement(task, "Triggers"), "LogonTrigger")
    _texts(at_log_on, {"Enabled": "true", "UserId": user})
    principal = Xml.SubElement(Xml.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    # The user's own session: another has neither its sound devices nor its MIDI ports.
    _texts(principal, {"UserId": user, "LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"})
    settings = Xml.SubElement(task, "Settings")
    _texts(settings, SETTINGS)
    _texts(Xml.SubElement(settings, "RestartOnFailure"), RESTART)
    action = Xml.SubElement(Xml.SubElement(task, "Actions", {"Context": "Author"}), "Exec")
    python, *arguments = kept(service, log)
    _texts(
        action,
        {
            "Command": python,
            "Arguments": subprocess.list2cmdline(arguments),
            "WorkingDirectory": str(service.config.parent),
        },
    )
    Xml.indent(task)
    text = '<?xml version="1.0" encoding="UTF-16"?>\n' + Xml.tostring(task, encoding="unicode") + "\n"
    return text.encode("utf-16")  # with its mark


def kept(service: RigService, log: Path) -> list[str]:
    """The keeper's command line: in a Python that opens no window, if there is one beside this."""
    python = Path(service.command[0])
    windowless = python.with_name("pythonw.exe")
    keeper = str(windowless if windowless.exists() else python)
    return [keeper, "-m", "emohost.service.keeper", str(log), *service.playing]


class ScheduledTasks:
    def __init__(
        self, run: Run, folder: Path | None = None, environment: Mapping[str, str] = os.environ
    ) -> None:
        """folder: for the definitions and the logs; the scheduler keeps copies of its own."""
        self._run = run
        self._folder = folder or platformdirs.user_data_path("emohost", appauthor=False) / "services"
        domain, name = environment.get("USERDOMAIN", ""), environment.get("USERNAME", "")
        self._user = f"{domain}\\{name}" if domain else name

    def text(self, service: RigService) -> str:
        return self._xml(service).decode("utf-16")

    def install(self, service: RigService) -> tuple[Path, str]:
        name, file = task_name(service.rig), self._file(service.rig)
        if self._exists(name) and not file.exists():
            raise ServiceError(f"task {name!r}: not made by emohost service install; it is left as it is")
        write_definition(file, self._xml(service))
        self._stop(service.rig, service.command)
        asked(self._run, "schtasks", "/Create", "/TN", name, "/XML", str(file), "/F")
        asked(self._run, "schtasks", "/Run", "/TN", name)
        return file, f"{name} starts now, and when you log on"

    def uninstall(self, rig: str) -> tuple[Path, str]:
        name, wrong = task_name(rig), ""
        require_ours(self._file(rig), [each.stem for each in self._files()])
        self._stop(rig, (sys.executable, "-m", "emohost"))
        try:
            asked(self._run, "schtasks", "/Delete", "/TN", name, "/F")
        except ServiceError as error:
            wrong = f"{error}; the file is removed all the same"
        return remove_definition(self._file(rig)), wrong

    def status(self, rig: str | None) -> list[str]:
        names = [each.stem for each in self._files()] if rig is None else [task_name(rig)]
        return [asked(self._run, "schtasks", "/Query", "/TN", name, "/V", "/FO", "LIST") for name in names]

    def log_command(self, rig: str) -> list[str]:
        quoted = str(self._log(rig)).replace("'", "''")
        follow = f"Get-Content -LiteralPath '{quoted}' -Encoding UTF8 -Tail 50 -Wait"
        return ["powershell", "-NoProfile", "-Command", follow]

    def _stop(self, rig: str, command: tuple[str, ...]) -> None:
        """As Ctrl-C would, that every note ends; then whatever is left of the task. Either may have nothing to do."""
        if self._exists(task_name(rig)):
            self._run([*command, "stop", "--rig", rig])
            self._run(["schtasks", "/End", "/TN", task_name(rig)])

    def _exists(self, name: str) -> bool:
        return self._run(["schtasks", "/Query", "/TN", name]).code == 0

    def _xml(self, service: RigService) -> bytes:
        return task_xml(service, self._user, self._log(service.rig))

    def _log(self, rig: str) -> Path:
        return self._folder / f"{task_name(rig)}.log"

    def _file(self, rig: str) -> Path:
        return self._folder / f"{task_name(rig)}.xml"

    def _files(self) -> list[Path]:
        return definitions(self._folder, "emohost-*.xml")


def _texts(parent: Xml.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        Xml.SubElement(parent, name).text = text
