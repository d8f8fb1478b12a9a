"""Side B as a process of its own: `python -m emohost.bridge.side_b_process PARENT_PID`, which runs the rig's script
and takes part in the field between rigs.

The script may think as long as it likes, leak or crash: the host watches from outside and starts it again. It yields to
everything else on the machine (a lower priority), and its memory is limited by the system.

Input, JSON lines: the start message {"type": "start", "script", "ring", "memory_mb", "field"}; the end of the input
ends it. `script` and `field` (the rig's section) may be null.
Output: "alive" a few times a second, with how much it has written; "done" when the script has come to its end.
Without a field that ends the process; with one it stays for that.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emohost._core import emotion_writes
from emohost.bridge.ring import RING_VARIABLE
from emohost.process.limits import limit_memory, lower_priority
from emohost.process.parent import Parent

if TYPE_CHECKING:
    from emohost.bridge.field import EmotionalField

ALIVE_S = 0.1
NICENESS = 10


def main() -> None:
    parent = Parent()
    start = parent.start()
    parent.read_lines(lambda _message: None)
    lower_priority(NICENESS)
    os.environ[RING_VARIABLE] = start["ring"]
    limit_memory(start["memory_mb"] * 1_000_000)
    field = _join(start["field"], start["ring"])
    threading.Thread(target=_tell, args=(parent, field), name="alive", daemon=True).start()
    code = _run(Path(start["script"])) if start["script"] is not None else 0
    if code == 0 and field is not None:
        threading.Event().wait()
    if code == 0:
        parent.send("done")
    parent.end(code)


def _join(section: Mapping[str, Any] | None, ring: str) -> EmotionalField | None:
    if section is None:
        return None
    from emohost.bridge.field.rig import join_rig_field

    return join_rig_field(section, ring)


def _run(script: Path) -> int:
    """As `python script` would. Returns its exit code."""
    sys.argv = [str(script)]
    sys.path[0] = str(script.parent)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _tell(parent: Parent, field: EmotionalField | None) -> None:
    while True:
        if field is None:
            parent.send("alive", written=emotion_writes())
        else:  # whose writes are no sign that the script does anything
            parent.send("alive", written=emotion_writes() - field.written, field=field.status())
        time.sleep(ALIVE_S)


if __name__ == "__main__":
    main()
