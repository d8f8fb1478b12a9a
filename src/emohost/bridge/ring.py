"""The ring through which an emotion reaches the music: `EmotionRing`."""

from __future__ import annotations

import contextlib
import os
import sys
import weakref
from pathlib import Path
from types import TracebackType

from emohost._core import EmotionWriter
from emohost.bridge.queues import QUEUES, USUAL_RING, QueueClaim
from emohost.control.local import running_hosts
from emohost.emotion import EMBEDDING
from emohost.errors import RingError

RING_VARIABLE = "EMOHOST_RING"
_open: weakref.WeakSet[EmotionRing] = weakref.WeakSet()
_withholding: weakref.WeakSet[object] = weakref.WeakSet()


class EmotionRing(EmotionWriter):
    """The writer's side of the ring of emotions: single producer, shared memory, never waits.

        ring = EmotionRing()
        ring.write(embedding)                           # 64 numbers, as emohost.emotion.encode makes them
        ring.write(embedding, weight=0.5, ttl_s=30)     # half of what is felt, for half a minute

    It finds the host by itself, also one that starts later: what is written meanwhile is heard if its time is not over
    by then. Up to four writers, in this and other processes, are heard at once; their weights add up. An object may be
    used from any thread, but not in a process that was forked from its own.
    """

    def __init__(self, name: str | None = None, about: str | None = None, *, withheld: bool = False) -> None:
        """`name`: the ring's, as the rig's `bridge.ring` says; without one, $EMOHOST_RING, the running host's, or
        'emohost', the usual one. `about`: who or what is felt, shown in the host's status; without it, the program's
        name. `withheld`: what is written is played, and kept in no recording. Raises RingError: several hosts with
        rings of their own, four writers already, a file that is not ours."""
        self.name = usual_ring() if name is None else name
        self._claim = QueueClaim(self.name)
        self._about = Path(sys.argv[0]).name if about is None else about
        self._own = withheld
        _open.add(self)
        super().__init__(self._claim.memory, os.getpid(), self._about)
        self._withhold()

    def release(self) -> None:
        """Lets go at once: what this writer has written fades within a second."""
        self.write([0.0] * EMBEDDING, weight=0.0, ttl_s=1.0)

    def describe(self, about: str | None) -> None:
        """Says anew who or what is felt; None: what the ring was opened with. One thread at a time."""
        if self._claim.held:
            # A passing writer: all it leaves in the queue is who writes, and about what.
            EmotionWriter(self._claim.memory, os.getpid(), self._about if about is None else about)

    def _withhold(self) -> None:
        self.withheld = self._own or bool(_withholding)

    def close(self) -> None:
        """Gives the place to another writer. What was written last stays for its time. May be called again."""
        super().close()
        self._claim.release()

    def __enter__(self) -> EmotionRing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def disclose(inferred: str) -> None:
    """Says on every ring that is open in this process what is inferred about whom; the host's status tells it."""
    for ring in list(_open):
        ring.describe(inferred)


def withhold(framework: object, withheld: bool) -> None:
    """Whether what `framework` gives out may be kept. As long as one in this process withholds, what is written on any
    ring of it is kept in no recording. Any thread."""
    if withheld:
        _withholding.add(framework)
    else:
        _withholding.discard(framework)
    for ring in list(_open):
        ring._withhold()


def release_rings() -> None:
    """Lets go of every ring that is open in this process, and takes back what was disclosed. Any thread."""
    for ring in list(_open):
        with contextlib.suppress(ValueError):  # closed meanwhile
            ring.release()
        ring.describe(None)


def silence(name: str) -> None:
    """Lets go in the place of writers that have ended: what they wrote fades within a second. Those that still run are
    not touched."""
    with contextlib.ExitStack() as rings, contextlib.suppress(RingError):  # the other places have a writer
        for _ in range(QUEUES):
            rings.enter_context(EmotionRing(name)).release()


def usual_ring() -> str:
    """The name where none is given. Raises RingError when several rings are listened to."""
    chosen = os.environ.get(RING_VARIABLE)
    if chosen:
        return chosen
    rings = sorted({host.ring for host in running_hosts()})
    if len(rings) > 1:
        raise RingError(
            f"several hosts are running, with the rings {', '.join(rings)}; say which: EmotionRing(NAME)"
        )
    return rings[0] if rings else USUAL_RING
