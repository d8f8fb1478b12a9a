"""Services of the user's launchd: LaunchAgents (launchd.plist(5), launchctl(1)). Not run on macOS so far."""

from __future__ import annotations

import os
import plistlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from emohost.errors import OutputError
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

PREFIX: Final = "emohost."
THROTTLE_S: Final = 10  # launchd's own least time between two starts
EXIT_S: Final = 20  # as systemd is told: time to end every note and write the files
_ROOT: Final = b'<plist version="1.0">'


def label_of(rig: str) -> str:
    """'emohost.stage-left' of a rig called 'Stage left'."""
    return PREFIX + plain_name(rig)


def agent(service: RigService, logs: Path) -> dict[str, Any]:
    """What launchd is told. It starts a program that failed again, whatever its exit code was."""
    log = str(log_file(service.rig, logs))
    return {
        "Label": label_of(service.rig),
        "ProgramArguments": service.playing,
        "WorkingDirectory": str(service.config.parent),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": THROTTLE_S,
        "ExitTimeOut": EXIT_S,
        "ProcessType": "Interactive",  # others are slowed down for the sake of what is on the screen
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }


def agent_text(service: RigService, logs: Path) -> str:
    """As a property list, with a comment that says who made it."""
    content = plistlib.dumps(agent(service, logs), sort_keys=False)
    return content.replace(_ROOT, f"<!-- {MADE_BY} -->\n".encode() + _ROOT, 1).decode()


def log_file(rig: str, logs: Path) -> Path:
    return logs / f"{plain_name(rig)}.log"


class Launchd:
    def __init__(
        self,
        run: Run,
        home: Path | None = None,
        user: int | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        library = (home or Path.home()) / "Library"
        self._folder, self._logs = library / "LaunchAgents", library / "Logs" / "emohost"
        self._session = f"gui/{_user_id() if user is None else user}"
        self._run, self._wait = run, wait

    def text(self, service: RigService) -> str:
        return agent_text(service, self._logs)

    def install(self, service: RigService) -> tuple[Path, str]:
        asked(self._run, "launchctl", "print", self._session)  # is there one to ask? Else nothing is written
        try:
            self._logs.mkdir(parents=True, exist_ok=True)  # launchd makes the file, not its folder
        except OSError as error:
            raise OutputError(f"{self._logs}: cannot be made: {error.strerror or error}") from None
        file = write_definition(self._file(service.rig), self.text(service).encode())
        self._boot_out(service.rig)
        asked(self._run, "launchctl", "enable", self._target(service.rig))
        asked(self._run, "launchctl", "bootstrap", self._session, str(file))
        return file, f"{label_of(service.rig)} starts now, and with each log-in"

    def uninstall(self, rig: str) -> tuple[Path, str]:
        wrong = ""
        require_ours(self._file(rig), [each.stem for each in self._files()])
        try:
            self._boot_out(rig)
        except ServiceError as error:
            wrong = f"{error}; the agent is removed all the same"
        return remove_definition(self._file(rig)), wrong

    def status(self, rig: str | None) -> list[str]:
        labels = [each.stem for each in self._files()] if rig is None else [label_of(rig)]
        return [asked(self._run, "launchctl", "print", f"{self._session}/{label}") for label in labels]

    def log_command(self, rig: str) -> list[str]:
        return ["tail", "-n", "50", "-F", str(log_file(rig, self._logs))]

    def _boot_out(self, rig: str) -> None:
        """Stops it if it is loaded, and waits for its end: launchd refuses to load what is still going."""
        if not self._is_loaded(rig):
            return
        asked(self._run, "launchctl", "bootout", self._target(rig))
        for _second in range(EXIT_S + 1):
            if not self._is_loaded(rig):
                return
            self._wait(1.0)
        raise ServiceError(f"launchctl bootout {self._target(rig)}: it still goes after {EXIT_S} s")

    def _is_loaded(self, rig: str) -> bool:
        return self._run(["launchctl", "print", self._target(rig)]).code == 0

    def _target(self, rig: str) -> str:
        return f"{self._session}/{label_of(rig)}"

    def _file(self, rig: str) -> Path:
        return self._folder / f"{label_of(rig)}.plist"

    def _files(self) -> list[Path]:
        return definitions(self._folder, f"{PREFIX}*.plist")


def _user_id() -> int:
    if sys.platform == "win32":
        raise ServiceError("launchd is macOS's, this is Windows")
    return os.getuid()
