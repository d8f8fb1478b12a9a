"""A child process for the tests: does what it is told, line by line (`python -m scripted_child PARENT_PID`)."""

import ctypes
import os
import threading
import time
from collections.abc import Mapping
from typing import Any

from emohost.process.parent import Parent


def main() -> None:
    parent = Parent()

    def handle(message: Mapping[str, Any]) -> None:
        kind = message["type"]
        if kind == "echo":
            parent.send("echo", text=message["text"])
        elif kind == "print":
            print("a library prints", flush=True)
            os.write(1, b"straight to descriptor 1\n")
            parent.send("printed")
        elif kind == "crash":
            ctypes.string_at(0)
        elif kind == "die":
            os.write(2, b"these are my last words\n")
            os._exit(7)
        elif kind == "hang":
            parent.send("hanging")
            ctypes.PyDLL(None).sleep(3600)  # holds the interpreter lock, as a driver may

    parent.send("hello", pid=os.getpid())
    parent.read_lines(handle)
    while threading.main_thread().is_alive():
        time.sleep(1)


if __name__ == "__main__":
    main()
