"""The host's hold on one engine process: its memory, its messages, its end."""

from __future__ import annotations

from emohost._core import Shared
from emohost.engine.request import Start
from emohost.host.ahead import start_engine_process
from emohost.process.child import Child, Message
from emohost.process.shared_memory import SharedMemory

STOP_S = 1.0


class EngineHandle:
    """Every engine has rings of its own, so that one which was killed in the middle of a
    write, or could not be killed, disturbs no other. One thread; raises OSError when it cannot be started."""

    def __init__(self, start: Start, ahead: Child | None = None) -> None:
        """`ahead`: a process that was started before."""
        self._memory = SharedMemory(Shared.size)
        try:
            self.shared = Shared(self._memory.buffer, create=True)
            self._child = ahead or start_engine_process()
        except BaseException:
            self._memory.remove()
            raise
        self._child.start({"memory": str(self._memory.path), **start.as_json()})

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def memory_path(self) -> str:
        return str(self._memory.path)

    def send(self, message: Message) -> bool:
        """False if it no longer reads. Any thread."""
        return self._child.send(message)

    def messages(self) -> list[Message]:
        """What it said since the last call."""
        said = []
        while not self._child.messages.empty():
            said.append(self._child.messages.get())
        return said

    def kill(self) -> None:
        """Ends it now, without waiting, and gives up its memory's name."""
        self._child.kill()
        self._memory.remove()

    def stop(self) -> None:
        """Lets it close its device; kills it if that takes too long."""
        if not (self._child.alive and self._child.send({"type": "stop"}) and self._child.wait(STOP_S)):
            self._child.kill()
            self._child.wait(STOP_S)
        self._memory.remove()

    def how_it_ended(self) -> str:
        words = self._child.last_words
        return self._child.how_it_ended() + (f"; its last words:\n{words}" if words else "")
