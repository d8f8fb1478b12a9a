"""Ten thousand nodes of a field through one router: delay, load and memory, all processes on this machine.

    python bench/field.py                       # 10,000 nodes at their own pace: 1,000 messages a second in all
    python bench/field.py --rate 20000          # the same nodes, twenty times as talkative
    python bench/field.py --sessions 400        # spread over more connections

What is simulated: a node is a key of its own to which the field's 14 bytes are put in its turn; nodes share a few
connections (`--sessions`), each a Zenoh client of the router over TCP on the loopback. What is real: the router (a
Zenoh session in router mode, with the field's access rules), and the rigs that listen (`--listeners`), each a whole
`EmotionalField` in a process of its own that takes in all messages and works out the collective ten times a second. A
message's sequence number is the time at which it was sent, so its delay is measured where it is taken in: from `put`
to the moment when it counts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import socket
import time
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import psutil

from emohost.bridge.field import EmotionalField, FieldSettings
from emohost.bridge.field.message import SEQUENCES, State, pack, unpack
from emohost.bridge.field.network import open_session
from emohost.bridge.field.nodes import BUDGET, Nodes

SETTLE_S = 3.0
PACE_S = 0.005


class TimedNodes(Nodes):
    """Also keeps each message's delay."""

    def __init__(self) -> None:
        super().__init__()
        self.delays_us: list[int] = []

    def take(self, node: str, data: bytes, now_s: float) -> bool:
        message = unpack(data)
        if message is not None:
            self.delays_us.append((time.monotonic_ns() // 1000 - message.sequence) % SEQUENCES)
        return super().take(node, data, now_s)


class Discarding:
    """In the ring's place."""

    def write(self, embedding: Any, weight: float, ttl_s: float) -> None:
        pass


def route(port: int, pipe: Connection) -> None:
    with open_session(FieldSettings(role="router", port=port)):
        pipe.send("ready")
        pipe.recv()


def listen(port: int, pipe: Connection) -> None:
    client = FieldSettings(role="client", connect=(f"127.0.0.1:{port}",))
    with EmotionalField(client, Discarding()) as field:
        nodes = field._nodes = TimedNodes()
        pipe.send("ready")
        pipe.recv()  # settled: measure from here
        nodes.delays_us, before = [], nodes.counts.taken
        pipe.recv()
        delays, taken = np.array(nodes.delays_us), nodes.counts.taken - before
        started = time.perf_counter()
        felt = field.collective()
        collective_ms = 1000 * (time.perf_counter() - started)
        pipe.send(
            {
                "taken": taken,
                "nodes": felt.nodes,
                "too_fast": nodes.counts.too_fast,
                "collective_ms": collective_ms,
                "delays_ms": [float(each) / 1000 for each in np.percentile(delays, [50, 95, 99, 100])],
            }
        )


def speak(port: int, nodes: int, sessions: int, rate: float, seed: int, pipe: Connection) -> None:
    client = FieldSettings(role="client", connect=(f"127.0.0.1:{port}",))
    opened = [open_session(client) for _ in range(sessions)]
    keys = [client.key(f"{seed:04x}{number:012x}") for number in range(nodes)]
    random = np.random.default_rng(seed)
    states = [State(*row, 1.0) for row in random.uniform(-1, 1, (nodes, 2))]
    pipe.send("ready")
    pipe.recv()
    started, sent = time.monotonic(), 0
    while not pipe.poll():
        due = int((time.monotonic() - started) * rate)
        for number in range(sent, due):
            stamp = time.monotonic_ns() // 1000
            node = number % nodes
            opened[node % sessions].put(keys[node], pack(stamp, states[node]))
        sent = max(due, sent)
        time.sleep(PACE_S)
    pipe.send(sent / (time.monotonic() - started))
    for session in opened:
        session.close()


class Part:
    """One process, and what it used while measured."""

    def __init__(self, what: Any, *arguments: Any) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=what, args=(*arguments, theirs))
        self._process.start()
        self.wait()
        self._usage = psutil.Process(self._process.pid)

    def wait(self) -> Any:
        if not self.pipe.poll(120):
            raise SystemExit("a part of the benchmark does not answer")
        return self.pipe.recv()

    def tell(self) -> None:
        self.pipe.send("on")

    def begin(self) -> None:
        self._cpu_s, self._since = self._busy_s(), time.monotonic()

    def end(self) -> dict[str, float]:
        seconds = time.monotonic() - self._since
        return {
            "cores": round((self._busy_s() - self._cpu_s) / seconds, 3),
            "memory_mb": round(self._usage.memory_info().rss / 1e6, 1),
        }

    def join(self) -> None:
        self._process.join(60)

    def _busy_s(self) -> float:
        times = self._usage.cpu_times()
        return float(times.user + times.system)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(options: argparse.Namespace) -> dict[str, Any]:
    port = free_port()
    router = Part(route, port)
    router.begin()
    empty = router.end()
    listeners = [Part(listen, port) for _ in range(options.listeners)]
    each = options.nodes // options.speakers
    speakers = [
        Part(speak, port, each, options.sessions // options.speakers, options.rate / options.speakers, number)
        for number in range(options.speakers)
    ]
    for part in speakers:
        part.tell()
    time.sleep(max(SETTLE_S, 1.2 * options.nodes / options.rate))  # each node has spoken
    parts = {"router": router, "listener": listeners[0], "speaker": speakers[0]}
    for part in listeners:
        part.tell()
    for part in parts.values():
        part.begin()
    time.sleep(options.seconds)
    used = {name: part.end() for name, part in parts.items()}
    for part in [*listeners, *speakers]:
        part.tell()
    heard = [part.wait() for part in listeners]
    sent = sum(part.wait() for part in speakers)
    router.tell()
    for part in [router, *listeners, *speakers]:
        part.join()
    return {
        "nodes": each * options.speakers,
        "sessions": options.sessions,
        "listeners": options.listeners,
        "sent_per_s": round(sent),
        "heard_per_s": [round(each["taken"] / options.seconds) for each in heard],
        "nodes_heard": [each["nodes"] for each in heard],
        "too_fast": [each["too_fast"] for each in heard],
        "delay_ms_p50_p95_p99_max": [[round(value, 2) for value in each["delays_ms"]] for each in heard],
        "collective_ms": [round(each["collective_ms"], 2) for each in heard],
        "router_before": empty,
        **used,
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=BUDGET, help="messages a second, of all nodes")
    parser.add_argument("--sessions", type=int, default=8, help="connections that the nodes share")
    parser.add_argument("--speakers", type=int, default=2, help="processes that hold them")
    parser.add_argument("--listeners", type=int, default=2, help="rigs that hear them all")
    parser.add_argument("--seconds", type=float, default=20.0)
    multiprocessing.set_start_method("spawn")
    print(json.dumps(measure(parser.parse_args()), indent=2))


if __name__ == "__main__":
    main()
