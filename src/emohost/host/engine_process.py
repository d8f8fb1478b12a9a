"""The engine's process: `python -m emohost.host.engine_process PARENT_PID`.

It loads the networks, opens the device, lets the native callback run, and otherwise waits. It may hang in a driver,
crash, or be killed at any time: it holds nothing that must be cleaned up, and the host starts another.

Input, JSON lines: the start message (see `EngineStart`), then {"type": "stop"}. The end of the input ends it.
Output: "networks", "trying" before each call that a driver may hang in, "waiting" while the device is not there,
"playing", "finished" with the last events, "error".
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Mapping
from typing import Any

from emohost.errors import EmohostError
from emohost.process.parent import Parent

STOP_S = 0.5  # given to a driver to stop
WATCH_S = 0.02


def main() -> None:
    parent = Parent()
    start: dict[str, Any] = {}
    started, stop = threading.Event(), threading.Event()

    def handle(message: Mapping[str, Any]) -> None:
        if message["type"] == "start":
            start.update(message)
            started.set()
        elif message["type"] == "stop":
            stop.set()

    parent.read_lines(handle)
    code = 0
    try:
        import emohost.host.engine_run as engine_run  # what takes time loads while the host still prepares

        started.wait()
        engine_run.run(parent, start, stop)
    except EmohostError as error:
        code = error.exit_code
        parent.send("error", kind=type(error).__name__, text=str(error))
    except BaseException as error:
        code = 1
        traceback.print_exc()
        parent.send("error", kind="EngineError", text=f"the engine failed: {type(error).__name__}: {error}")
    parent.end(code)


if __name__ == "__main__":
    main()
