"""Side B's ring from Python: what is written is felt, once, whoever came first and whatever became of the writer."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from bass_of_thirds import bass_of_thirds
from listening import RATE, Listening

from emohost._core import EmotionQueue, Engine
from emohost.audio.backend import AudioFormat
from emohost.bridge import EmotionRing
from emohost.bridge.queues import QUEUES, queue_paths, read_queues, remove_queues
from emohost.bridge.ring import release_rings, usual_ring
from emohost.config.schema import Rig
from emohost.control.local import ControlServer
from emohost.emotion import encode
from emohost.engine.build import engine_settings
from emohost.engine.request import EngineRequest
from emohost.errors import RingError
from emohost.networks.features import DEFAULTS
from emohost.vocabulary import ROLE_NAMES

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and modes")


@pytest.fixture(autouse=True)
def _a_place_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EMOHOST_RUNTIME", str(tmp_path / "run"))
    monkeypatch.delenv("EMOHOST_RING", raising=False)
    yield
    for ring in ("emohost", "left", "right"):
        for path in queue_paths(ring):
            path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "form",
    [
        lambda e: e,
        lambda e: e.tolist(),
        lambda e: tuple(e),
        lambda e: e.astype(np.float64),
        lambda e: np.repeat(e, 2)[::2],
        lambda e: memoryview(e),
    ],
    ids=["float32", "list", "tuple", "float64", "strided", "memoryview"],
)
def test_what_is_written_is_felt(form: Callable[[np.ndarray], object]) -> None:
    listening = Listening()
    assert listening.feel() == (0, 0)
    with EmotionRing() as ring:
        ring.write(form(encode(0.5, -0.75)))  # type: ignore[arg-type]
        assert listening.feel() == (0.5, -0.75)
        ring.release()
        assert listening.feel() == (0, 0)
    assert listening.counts == {"share": 0, "taken": 2, "lost": 0, "torn": 0, "stale": 0}


def test_weight_and_time_to_live_are_those_of_the_message() -> None:
    listening = Listening()
    with EmotionRing() as ring:
        ring.write(encode(1, 1), 0.25, 3)
        listening.feel(2)
        assert listening.counts["share"] == pytest.approx(0.25)
        listening.feel(2.5)
        assert listening.counts["share"] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros(63, np.float32),), r"embedding must have shape \(64,\), found \(63,\)"),
        ((np.zeros((1, 64), np.float32),), r"found \(1, 64\)"),
        (([0.0] * 65,), r"found \(65,\)"),
        ((3,), r"found \(\)"),
        ((None,), "NoneType|NaN|shape"),
        ((["x"] * 64,), "64 numbers expected"),
        ((object(),), "expected 64 numbers, found object"),
        ((np.full(64, np.nan, np.float32),), "NaN or infinity"),
        (([0.0] * 63 + [float("inf")],), "NaN or infinity"),
        (([1e300] * 64,), "NaN or infinity"),
        ((np.zeros(64), 1.5), "weight: expected 0 to 1, found 1.5"),
        ((np.zeros(64), float("nan")), "weight: expected 0 to 1, found nan"),
        ((np.zeros(64), 1, -1), "ttl_s: expected 0 to 1e6 seconds, found -1"),
        ((np.zeros(64), 1, float("inf")), "ttl_s: expected 0 to 1e6 seconds, found inf"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_of_it_is_written(
    arguments: tuple[object, ...], message: str
) -> None:
    with EmotionRing() as ring:
        with pytest.raises(ValueError, match=message):
            ring.write(*arguments)  # type: ignore[arg-type]
        assert [queue.written for queue in read_queues("emohost")] == [0] * QUEUES


def test_a_writer_may_come_before_the_host_and_what_is_too_old_is_not_played() -> None:
    with EmotionRing() as ring:
        ring.write(encode(0.9, 0.9), ttl_s=0.01)
        time.sleep(0.02)
        assert Listening().feel() == (0, 0)
        ring.write(encode(0.9, 0.9), ttl_s=60)
    assert Listening().feel() == (0.9, 0.9)  # also when the writer has gone meanwhile


def test_a_closed_ring_says_so() -> None:
    ring = EmotionRing()
    ring.close()
    ring.close()
    with pytest.raises(ValueError, match="closed"):
        ring.write(encode(0, 0))


def test_four_writers_at_once_and_the_fifth_is_told_who_they_are() -> None:
    rings = [EmotionRing(about=f"writer {number}") for number in range(QUEUES)]
    with pytest.raises(
        RingError, match=rf"all 4 places are taken: process {os.getpid()} \(writer 0\); .*writer 3"
    ):
        EmotionRing()
    rings[2].close()
    EmotionRing().close()
    for ring in rings:
        ring.write(encode(0.5, 0.5)) if ring is not rings[2] else None
    assert Listening().feel() == (0.5, 0.5)
    release_rings()
    assert Listening().feel() == (0, 0)
    for ring in rings:
        ring.close()


WRITER = """
import sys
from emohost.bridge import EmotionRing
from emohost.emotion import encode
ring, embedding = EmotionRing(), encode(0.5, 0.5)
ring.write(embedding)
print(flush=True)
while True:
    ring.write(embedding)
"""


@posix
def test_writers_that_are_killed_are_replaced_and_every_message_is_accounted_for() -> None:
    """Each finds the first place free, and goes on in it where the last one was cut off."""
    listening = Listening()
    for number in range(1, 4):
        with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            while listening.counts["taken"] < 40 * number:  # however slow the machine is
                listening.feel(0.1)
            writer.send_signal(signal.SIGKILL)
    listening.feel()
    assert listening.feel() == (0.5, 0.5)
    queues = read_queues("emohost")
    assert [queue.written > 0 for queue in queues] == [True, False, False, False]
    counts = listening.counts
    assert counts["torn"] == counts["stale"] == 0
    assert counts["taken"] + counts["lost"] == queues[0].written
    assert counts["taken"] > 100
    with EmotionRing() as ring:
        ring.write(encode(-0.5, -0.5))
    assert listening.feel() == (-0.5, -0.5)


@posix
def test_a_queue_is_closed_to_other_users_and_one_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    EmotionRing().close()
    path = queue_paths("emohost")[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(RingError, match="not a file of this user's alone"):
        EmotionRing()
    path.unlink()
    (tmp_path / "elsewhere").write_bytes(EmotionQueue.fresh())
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RingError, match=re_path(path)):
        EmotionRing()


def re_path(path: Path) -> str:
    return str(path).replace("\\", ".")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (lambda fresh: b"x" * len(fresh), "no ring of emotions"),
        (lambda fresh: fresh[:100], "another size"),
        (lambda fresh: fresh + fresh, "another size"),
        (lambda fresh: fresh[:4] + b"\x63" + fresh[5:], "another version"),
        (lambda fresh: fresh[:7], "too short"),
    ],
)
def test_a_file_of_another_kind_or_version_is_named(content: Callable[[bytes], bytes], found: str) -> None:
    EmotionRing().close()
    path = queue_paths("emohost")[0]
    path.write_bytes(content(EmotionQueue.fresh()))
    with pytest.raises(
        RingError, match=rf"{re_path(path)}: expected .* this version of emohost, found .*{found}"
    ):
        EmotionRing()
    with pytest.raises(RingError, match=found):
        read_queues("emohost")
    path.unlink()
    EmotionRing().close()


def test_the_last_host_removes_the_queues_but_not_a_writers() -> None:
    with EmotionRing() as ring:
        read_queues("emohost")
        remove_queues("emohost")
        assert [path.exists() for path in queue_paths("emohost")] == [True, False, False, False]
        ring.write(encode(0.3, 0.3))
        assert Listening().feel() == (0.3, 0.3)
    remove_queues("emohost")
    assert not any(path.exists() for path in queue_paths("emohost"))


def test_the_ring_is_that_of_the_running_host_or_the_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_ring() == "emohost"
    server = ControlServer("a rig", lambda _request: {}, "left")
    try:
        assert usual_ring() == "left"
        monkeypatch.setenv("EMOHOST_RING", "right")
        with EmotionRing() as ring:
            assert ring.name == "right"
        with EmotionRing("left") as ring:
            assert ring.name == "left"
    finally:
        server.close()
    with pytest.raises(RingError, match="ring 'not a name': expected a name of 1 to 32 letters"):
        EmotionRing("not a name")


def test_only_what_is_needed_is_loaded() -> None:
    code = "import sys, emohost.bridge; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_while_nobody_plays_the_mode_follows_what_is_felt_and_so_does_the_density(
    tmp_path: Path,
) -> None:
    """The musician alone, into silence, in C: major thirds or minor ones from the next bar on, many notes or few. Of
    eight bands: each keeps the patterns that it drew."""
    style = bass_of_thirds(tmp_path)
    bands = [felt_and_played(seed, style) for seed in range(1, 9)]
    major, minor, again = (np.concatenate(notes) for notes in zip(*bands, strict=True))
    assert share_of_major(major) > 0.9
    assert share_of_major(minor) < 0.1
    assert share_of_major(again) > 0.9
    assert min(len(major), len(again)) > 1.3 * len(minor)


def share_of_major(notes: np.ndarray) -> float:
    return float(np.mean(notes[np.isin(notes, (3, 4))] == 4))


def felt_and_played(seed: int, style: Path) -> list[np.ndarray]:
    """Pitch classes of 20 s each, while it feels happy and lively, sad and calm, and happy and lively again."""
    music = {
        "play": "always",
        "clock": {"source": "internal"},
        "tempo": 240,
        "seed": seed,
        "style": str(style),
        "parts": {"drums": {"enabled": False}},
    }
    rig = Rig.model_validate({"audio": {"backend": "dummy"}, "music": music})
    settings = engine_settings(
        EngineRequest.of(rig, Path()), AudioFormat(RATE, 1024, 1, waits=True), DEFAULTS
    )
    engine = Engine(settings, dict.fromkeys(ROLE_NAMES))
    played = []
    for emotion in ((0.8, 0.8), (-0.8, -0.8), (0.8, 0.8)):
        engine.shared.write_emotion(encode(*emotion), 1.0, 1e6)
        engine.render(np.zeros((3 * RATE, 1), np.float32), 1024)
        events = engine.render(np.zeros((20 * RATE, 1), np.float32), 1024)
        played.append(np.array([data[1] % 12 for _, data, _ in events if data[0] & 0xF0 == 0x90 and data[2]]))
    return played
