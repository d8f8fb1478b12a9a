"""The other nodes of a field, as last heard: bounded in number, in how often each is listened to, and in time.

How long a node may be silent depends on how often it is due to speak, and that on how many there are. As in RTP's
control protocol (RFC 3550, section 6.2), all together send at most `BUDGET` messages a second, so what one node must
take in does not grow with the field: n nodes each speak every n / BUDGET seconds, or more often while they are few.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emohost.bridge.field.collective import Collective, collective
from emohost.bridge.field.message import SEQUENCES, State, unpack

BUDGET = 1000.0  # messages a second, of all nodes of a field together
CHANGE_S = 0.02  # shortest time between two messages of a node, when what it feels changes
HEARTBEAT_S = 0.5  # and when it does not
FADE_AFTER_S = 2.0  # of silence (or 3 of its turns), from which on a node counts less and less
GONE_AFTER = 3  # times as long, after which it is forgotten
RATE = 60.0  # messages a second of one node that are listened to, in the long run
BURST = 200.0  # and at once: a link that was lost brings what has piled up
MOST_NODES = 20_000


def turn_s(nodes: int, changed: bool) -> float:
    """Seconds between two messages of one of these nodes."""
    return max(CHANGE_S if changed else HEARTBEAT_S, nodes / BUDGET)


@dataclass
class Counts:
    """Of messages since the start."""

    taken: int = 0
    lost: int = 0  # by the gaps in the nodes' sequence numbers
    bad: int = 0  # not of the layout
    old: int = 0  # came after a later one
    too_fast: int = 0  # of a node that speaks more often than it may
    no_room: int = 0  # of nodes beyond MOST_NODES


class Nodes:
    """Any thread. Seconds are of one steady clock."""

    def __init__(self, most: int = MOST_NODES) -> None:
        self.counts = Counts()
        self._lock = threading.Lock()
        self._places: dict[str, int] = {}
        self._free = list(range(most - 1, -1, -1))
        self._valence = np.zeros(most)
        self._arousal = np.zeros(most)
        self._weight = np.zeros(most)
        self._heard_s = np.full(most, -np.inf)
        self._sequence = np.zeros(most, dtype=np.int64)
        self._credit = np.zeros(most)  # messages that will still be listened to
        self._credit_s = np.zeros(most)

    def __len__(self) -> int:
        return len(self._places)

    def take(self, node: str, data: bytes, now_s: float) -> bool:
        """One message; False if it is not listened to, which is counted. Never raises."""
        with self._lock:
            place = self._places.get(node)
            if place is not None and not self._may_speak(place, now_s):
                self.counts.too_fast += 1
                return False
            message = unpack(data)
            if message is None:
                self.counts.bad += 1
                return False
            if place is None:
                if not self._free:
                    self.counts.no_room += 1
                    return False
                place = self._seat(node, now_s)
            else:
                ahead = (message.sequence - int(self._sequence[place])) % SEQUENCES
                if not 0 < ahead < SEQUENCES // 2:
                    self.counts.old += 1
                    return False
                self.counts.lost += ahead - 1 if ahead < 1 << 16 else 0
            self._valence[place], self._arousal[place], self._weight[place] = message.state
            self._sequence[place] = message.sequence
            self._heard_s[place] = now_s
            self.counts.taken += 1
            return True

    def leave(self, node: str) -> None:
        """Forgets a node at once, as it asks for when its consent to share ends."""
        with self._lock:
            if node in self._places:
                self._forget(node)

    def collective(self, now_s: float, own: State | None = None) -> tuple[Collective, float]:
        """What all feel, with this node's own state if it shares one; and how many others are present, each counted by
        how fresh it is. Forgets those that have been silent for too long."""
        with self._lock:
            fade_s = max(FADE_AFTER_S, 3 * turn_s(len(self._places), changed=False))
            self._forget_silent(now_s - GONE_AFTER * fade_s)
            places = self._taken_places()
            valence, arousal, weight = (
                values[places] for values in (self._valence, self._arousal, self._weight)
            )
            silent_s = now_s - self._heard_s[places]
        fresh = np.clip((GONE_AFTER - silent_s / fade_s) / (GONE_AFTER - 1), 0.0, 1.0)
        others = float(fresh.sum())
        if own is not None:
            valence, arousal, weight = (
                np.append(values, value)
                for values, value in zip((valence, arousal, weight), own, strict=True)
            )
            fresh = np.append(fresh, 1.0)
        return collective(valence, arousal, weight, fresh), others

    def _may_speak(self, place: int, now_s: float) -> bool:
        """A bucket of BURST messages that fills at RATE."""
        credit = min(BURST, float(self._credit[place] + RATE * max(0.0, now_s - self._credit_s[place])))
        self._credit_s[place] = now_s
        self._credit[place] = credit - 1 if credit >= 1 else credit
        return credit >= 1

    def _taken_places(self) -> NDArray[np.intp]:
        return np.fromiter(self._places.values(), dtype=np.intp, count=len(self._places))

    def _forget_silent(self, since_s: float) -> None:
        if (self._heard_s[self._taken_places()] <= since_s).any():
            for node in [node for node, place in self._places.items() if self._heard_s[place] <= since_s]:
                self._forget(node)

    def _seat(self, node: str, now_s: float) -> int:
        place = self._places[node] = self._free.pop()
        self._credit[place], self._credit_s[place] = BURST - 1, now_s
        return place

    def _forget(self, node: str) -> None:
        place = self._places.pop(node)
        self._valence[place] = self._arousal[place] = self._weight[place] = 0.0
        self._free.append(place)
