"""The unit of a rig for the user's systemd (systemd.service(5)). Pure but for what is asked of the file system."""

from __future__ import annotations

from typing import Final

from emohost.service.definition import MADE_BY, RigService, plain_name

WATCHDOG_S: Final = 15
# Mistakes that another start does not mend: in the configuration, in a model file.
NO_RESTART: Final = "2 3"


def unit_name(rig: str) -> str:
    """'emohost-stage-left.service' of a rig called 'Stage left'."""
    return f"emohost-{plain_name(rig)}.service"


def unit_text(service: RigService) -> str:
    started = " ".join(_quoted(each) for each in service.playing)
    return f"""# {MADE_BY} Changes are lost when it is installed anew.
[Unit]
Description=emohost: {_line(service.rig)}
After=pipewire.service wireplumber.service jack.service sound.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={started}
ExecReload=/bin/kill -HUP $MAINPID
WorkingDirectory={_escaped(str(service.config.parent))}
KillSignal=SIGINT
KillMode=mixed
TimeoutStartSec=60
TimeoutStopSec=20
Restart=on-failure
RestartSec=2
RestartPreventExitStatus={NO_RESTART}
WatchdogSec={WATCHDOG_S}
LimitRTPRIO=95
LimitMEMLOCK=infinity

[Install]
WantedBy=default.target
"""


def _quoted(argument: str) -> str:
    """As one argument of ExecStart, whatever is in it."""
    inside = argument.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_escaped(inside)}"'


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _line(text: str) -> str:
    return _escaped(" ".join(text.split()))
