"""`emohost top`."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from emohost.cli.common.console import examples
from emohost.cli.remote.at_host import rig_option

if TYPE_CHECKING:
    from emohost.cli.board import Seen
    from emohost.control.local import RunningHost

EVERY_S = 0.2
AGAIN_S = 0.5  # between two looks for a host that is away
ENDS = "qQ\x03\x04"


@click.command(epilog=examples("emohost top", "emohost top --rig stage"))
@rig_option
def command(rig: str | None) -> None:
    """Show all that the running host hears, feels, plays and does, until q or Ctrl-C.

    A host that goes away is waited for. Over ssh it needs a terminal: ssh -t. `emohost status --watch` writes lines,
    for a file."""
    from emohost.cli.common.terminal import can_rewrite

    if not (can_rewrite(sys.stdout) and sys.stdin.isatty()):
        raise click.UsageError("found no terminal; expected one (`emohost status --watch` needs none)")
    from rich.console import Console, Group
    from rich.live import Live

    from emohost.cli.board import FULL, board

    console = Console()
    plain = not _can_show(FULL)
    with (
        Watch(rig) as watch,
        keys() as key,
        Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False) as live,
        contextlib.suppress(KeyboardInterrupt),
    ):
        drawn: object = None
        while key(EVERY_S) not in ENDS:
            seen, size = watch.seen, console.size
            if (seen, size) != drawn:
                drawn = seen, size
                lines = board(seen, size.width, size.height, plain)
                live.update(Group(*lines), refresh=True)


class Watch:
    """Asks the host again and again on a thread of its own: a host that is held up does not hold up the keys."""

    def __init__(self, rig: str | None) -> None:
        """`rig`: the host of that name; None: the only one."""
        from emohost.cli.board import Seen

        self._rig = rig
        self._host: RunningHost | None = None
        self._stop = threading.Event()
        self.seen: Seen = Seen(rig or "")
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def _run(self) -> None:
        from dataclasses import replace

        from emohost.errors import ControlError

        while not self._stop.wait(EVERY_S if not self.seen.away else AGAIN_S):
            try:
                self.seen = self._ask()
            except ControlError as error:
                self._host = None
                self.seen = replace(self.seen, away=f"{error}; waiting for it")

    def _ask(self) -> Seen:
        """Raises ControlError."""
        from emohost.cli.board import Seen
        from emohost.control.local import host_named, only_host, send_command
        from emohost.host.status import Status

        if self._host is None:
            self._host = only_host() if self._rig is None else host_named(self._rig)
        host = self._host
        status = Status.from_json(send_command("status", host)["status"])
        set_to = send_command("get", host)
        return Seen(host.name, status, set_to["parameters"], set_to["set_by"])


@contextlib.contextmanager
def keys() -> Iterator[Callable[[float], str]]:
    """A function that waits so many seconds for a key of the terminal; '\\0' for none, '\\x04' for its end."""
    if sys.platform == "win32":
        import msvcrt

        def windows_key(wait_s: float) -> str:
            until = time.monotonic() + wait_s
            while not msvcrt.kbhit():
                if time.monotonic() >= until:
                    return "\0"
                time.sleep(0.01)
            return msvcrt.getwch()

        yield windows_key
        return
    import select
    import termios
    import tty

    descriptor = sys.stdin.fileno()

    def key(wait_s: float) -> str:
        ready, _, _ = select.select([descriptor], [], [], wait_s)
        if not ready:
            return "\0"
        return os.read(descriptor, 1).decode(errors="replace") or "\x04"

    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield key
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _can_show(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
