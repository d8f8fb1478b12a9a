"""The one interface to what starts programs with the user's session: systemd, launchd, the Task Scheduler."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

from emohost.service.commands import Run, ServiceError, run
from emohost.service.definition import RigService


class ServiceManager(Protocol):
    """Rigs are known by their names. Methods raise ServiceError and OutputError."""

    def text(self, service: RigService) -> str:
        """The definition that `install` writes."""
        ...

    def install(self, service: RigService) -> tuple[Path, str]:
        """Writes it, replacing one of ours, and starts it. Returns its file, and what is to be known of it."""
        ...

    def uninstall(self, rig: str) -> tuple[Path, str]:
        """Stops and removes it. Returns its file, and what went wrong on the way, if anything."""
        ...

    def status(self, rig: str | None) -> list[str]:
        """What the system says of it, or of all."""
        ...

    def log_command(self, rig: str) -> list[str]:
        """What follows its log until Ctrl-C."""
        ...


def service_manager(platform: str = sys.platform, run: Run = run) -> ServiceManager:
    """The one of this system. Raises ServiceError where there is none."""
    if platform == "linux":
        from emohost.service.systemd import Systemd

        return Systemd(run)
    if platform == "darwin":
        from emohost.service.launchd import Launchd

        return Launchd(run)
    if platform == "win32":
        from emohost.service.scheduled import ScheduledTasks

        return ScheduledTasks(run)
    raise ServiceError(f"services are those of systemd, launchd and Windows' tasks; this is {platform}")
