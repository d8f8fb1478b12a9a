"""The engine's process: `python -m emohost.host.engine_process PARENT_PID`.

It loads the networks, opens the device, lets the native callback run, and otherwise waits. It may hang in a driver,
crash, or be killed at any time: it holds nothing that must be cleaned up, and the host starts another.

Input, JSON lines: "prepare" to a spare engine, which loads its networks and waits; the start message; "swap"
once it plays, answered by "swapped" or "refused"; "stop". The end of the input ends it.
Output: "trying" before each call that a driver may hang in, "loading" once the source is known, "networks", "waiting"
while the device is not there, "playing", "measured" once some blocks have come in real time, "connected" (JACK's
ports), "news" of the source, "rate" where the device is at another than was agreed, "finished" with the last events,
"error".
"""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections.abc import Mapping
from typing import Any

from emohost.errors import EmohostError, ModelError
from emohost.process.parent import Parent

STOP_S = 0.5  # given to a driver to stop
WATCH_S = 0.02


def main() -> None:
    parent = Parent()
    stop, code = threading.Event(), 0
    try:
        import emohost.host.engine_run as engine_run  # what takes time loads while the host still prepares
        from emohost.engine.request import NetworksRequest, Start
        from emohost.host.engine_swap import Swaps

        networks: list[Any] = []

        def prepare(message: Mapping[str, Any]) -> None:
            with contextlib.suppress(ModelError):  # a file that has gone since: told when it is needed
                request = NetworksRequest.from_json(message["networks"])
                networks.append(engine_run.load_networks(request))

        message = parent.start(prepare)
        start = Start.from_json(message)
        loader: list[Swaps] = []

        def hear(message: Mapping[str, Any]) -> None:
            if message["type"] == "swap":
                loader[0].begin(message)  # asked for only once it plays
            else:
                stop.set()

        parent.read_lines(hear)
        loaded = networks[-1] if networks else None
        engine_run.run(parent, start, message["memory"], stop, loader.append, loaded)
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
