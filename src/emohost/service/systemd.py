"""Services of the user's systemd."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from emohost.service.commands import Run, ServiceError, asked
from emohost.service.definition import (
    RigService,
    definitions,
    remove_definition,
    require_ours,
    write_definition,
)
from emohost.service.unit import unit_name, unit_text


class Systemd:
    def __init__(self, run: Run, environment: Mapping[str, str] = os.environ) -> None:
        self._run = run
        home = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        self._folder = Path(home) / "systemd" / "user"

    def text(self, service: RigService) -> str:
        return unit_text(service)

    def install(self, service: RigService) -> tuple[Path, str]:
        name = unit_name(service.rig)
        self._ask("show-environment")  # is there one to ask? Else nothing is written
        file = write_definition(self._folder / name, unit_text(service).encode())
        self._ask("daemon-reload")
        self._ask("enable", "--now", name)
        return file, (
            f"{name} starts now, and with each session; before anybody logs in, too, after: loginctl enable-linger"
        )

    def uninstall(self, rig: str) -> tuple[Path, str]:
        name, wrong = unit_name(rig), ""
        require_ours(self._folder / name, self._names())
        try:
            self._ask("disable", "--now", name)
        except ServiceError as error:
            wrong = f"{error}; the unit is removed all the same"
        return remove_definition(self._folder / name), wrong

    def status(self, rig: str | None) -> list[str]:
        names = self._names() if rig is None else [unit_name(rig)]
        return [self._ask("status", "--lines=5", name) for name in names]

    def log_command(self, rig: str) -> list[str]:
        return ["journalctl", "--user", "--follow", "--lines=50", "--unit", unit_name(rig)]

    def _names(self) -> list[str]:
        return [each.name for each in definitions(self._folder, "emohost-*.service")]

    def _ask(self, *arguments: str) -> str:
        command = ("systemctl", "--user", "--no-pager", *arguments)
        if arguments[0] != "status":
            return asked(self._run, *command)
        answer = self._run(command)  # `status` of a unit that does not run is no failure
        return answer.out or asked(lambda _command: answer, *command)
