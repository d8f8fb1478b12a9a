"""A rig's node in the field: it tells what may be shared, hears the others, and lets them pull at the music."""

from __future__ import annotations

import contextlib
import logging
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from emohost.bridge.field.collective import Collective, pull
from emohost.bridge.field.message import State, pack
from emohost.bridge.field.network import FieldSettings, NotOpenError, load_zenoh, open_session
from emohost.bridge.field.nodes import Nodes, turn_s
from emohost.errors import FieldError

if TYPE_CHECKING:
    import zenoh
    from numpy.typing import NDArray

TICK_S = 0.01
WRITE_S = 0.1
REOPEN_S = 1.0
WRITTEN_FOR_S = 1.0  # what is written to the ring ends by itself after so long
WAITING = 8192  # messages; the oldest are dropped where this process does not keep up
_NODE = re.compile(r"[0-9a-f]{16}")
_log = logging.getLogger("emohost.field")

Shared = Callable[[], Sequence[float] | None]


class Ring(Protocol):
    """What the field needs of an EmotionRing."""

    def write(self, embedding: NDArray[Any], weight: float, ttl_s: float) -> object: ...


class EmotionalField:
    """Joined from the constructor to `close`; a thread of its own. Any thread may call.

    Nothing leaves this rig before `share` has been called, and then only what its source allows at that moment. The
    node's name is random and lives as long as the object.
    """

    def __init__(self, settings: FieldSettings, ring: Ring | None = None, patient: bool = False) -> None:
        """`ring`: where the collective is written to, ten times a second, with `settings.influence` as its largest
        weight; written on the field's thread. `patient`: what cannot be opened now is tried every second, and `status`
        says what it waits for; a client waits for its router so in any case. Raises FieldError."""
        self.node = secrets.token_hex(8)
        self.settings = settings
        self._ring = ring
        self._nodes = Nodes()
        self._source: Shared | None = None
        self._published: State | None = None
        self._published_s = float("-inf")
        self._sequence = 0
        self._sent = 0
        self.written = 0
        """Messages to the ring."""
        self._waiting: deque[zenoh.Sample] = deque(maxlen=WAITING)
        self._arrived = threading.Event()
        self._ending = threading.Event()
        self._why_alone = ""
        self._session: zenoh.Session | None = None
        try:
            self._open()
        except NotOpenError as error:
            if not patient and settings.role != "client":
                raise
            self._why_alone = str(error)
        self._thread = threading.Thread(target=self._run, name="field", daemon=True)
        self._thread.start()

    def share(self, source: Shared | None) -> None:
        """From now on tells the others what `source` returns: valence and arousal in [-1, 1] and, if it has a third
        number, how sure it is, in [0, 1]. It is asked up to a hundred times a second, on the field's own thread.

        It is the border that consent keeps: None means that nothing may be shared now, and the others are asked to
        forget at once what was. So does a source that raises (which is logged), and `share(None)`.
        """
        self._source = source

    def collective(self) -> Collective:
        """What all nodes feel now, this one included if it shares."""
        return self._nodes.collective(time.monotonic(), self._published)[0]

    def status(self) -> dict[str, Any]:
        """For people and programs: the collective, connections, whether this rig shares, and counts of messages."""
        felt = self.collective()
        return {
            "name": self.settings.name,
            **{key: round(value, 4) for key, value in felt._asdict().items()},
            "connections": 0 if self._session is None else len(self._session.info.transports()),
            "waits_for": self._why_alone,
            "shares": self._published is not None,
            "encrypted": self.settings.tls is not None,
            "sent": self._sent,
            **asdict(self._nodes.counts),
        }

    def close(self) -> None:
        """Leaves: the others forget this node at once, and its pull on the music fades. May be called again."""
        if self._ending.is_set():
            return
        self._ending.set()
        self._arrived.set()
        self._thread.join()
        self._withdraw()
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def __enter__(self) -> EmotionalField:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._take_part()
        except Exception as error:
            _log.exception("the field has failed on this rig")
            self._why_alone = f"it has failed: {error}"

    def _take_part(self) -> None:
        while self._session is None and not self._ending.wait(REOPEN_S):
            self._reopen()
        ask_s = write_s = 0.0
        while not self._ending.is_set():
            self._arrived.wait(TICK_S)
            self._arrived.clear()
            self._hear()
            now_s = time.monotonic()
            if now_s >= ask_s:
                ask_s = now_s + TICK_S
                self._tell(now_s)
            if self._ring is not None and now_s >= write_s:
                write_s = now_s + WRITE_S
                self._write(now_s)

    def _open(self) -> None:
        zenoh = load_zenoh()
        session = open_session(self.settings)
        # Newest first and at once: an emotion that waits in a queue is an old one.
        self._publisher = session.declare_publisher(
            self.settings.key(self.node),
            congestion_control=zenoh.CongestionControl.DROP,
            priority=zenoh.Priority.REAL_TIME,
        )
        self._delete = zenoh.SampleKind.DELETE
        self._subscriber = session.declare_subscriber(
            self.settings.keys, self._arrive, allowed_origin=zenoh.Locality.REMOTE
        )
        self._session, self._why_alone = session, ""

    def _reopen(self) -> None:
        try:
            self._open()
        except FieldError as error:
            self._why_alone = str(error)

    def _arrive(self, sample: zenoh.Sample) -> None:
        """On Zenoh's thread."""
        self._waiting.append(sample)
        self._arrived.set()

    def _hear(self) -> None:
        while self._waiting:
            sample = self._waiting.popleft()
            node = str(sample.key_expr).rpartition("/")[2]
            if not _NODE.fullmatch(node):
                self._nodes.counts.bad += 1
            elif sample.kind == self._delete:
                self._nodes.leave(node)
            elif node != self.node:
                self._nodes.take(node, sample.payload.to_bytes(), time.monotonic())

    def _tell(self, now_s: float) -> None:
        state = self._shared()
        if state is None:
            self._withdraw()
        elif now_s - self._published_s >= turn_s(len(self._nodes) + 1, changed=state != self._published):
            self._put(state, now_s)

    def _shared(self) -> State | None:
        source = self._source
        if source is None:
            return None
        try:
            felt = source()
            state = None if felt is None else state_of(felt)
        except Exception:
            _log.exception("what may be shared with the field cannot be read; nothing is")
            self._source = None
            return None
        return state

    def _put(self, state: State, now_s: float) -> None:
        with contextlib.suppress(load_zenoh().ZError):  # it is said again in a moment
            self._publisher.put(pack(self._sequence, state))
            self._sequence += 1
            self._sent += 1
        self._published, self._published_s = state, now_s

    def _withdraw(self) -> None:
        if self._published is not None:
            self._published = None
            with contextlib.suppress(load_zenoh().ZError):  # without a connection; there it fades
                self._publisher.delete()

    def _write(self, now_s: float) -> None:
        assert self._ring is not None
        felt, others = self._nodes.collective(now_s, self._published)
        embedding, weight = pull(felt, others, self.settings.influence)
        self._ring.write(embedding, weight=weight, ttl_s=WRITTEN_FOR_S)
        self.written += 1


def state_of(felt: Sequence[float]) -> State:
    """Two numbers, or three. Raises ValueError or TypeError for what is no such thing."""
    valence, arousal, weight = felt if len(felt) == 3 else (*felt, 1.0)
    state = State(float(valence), float(arousal), float(weight))
    pack(0, state)
    return state
