"""Plays a session that was kept again, offline and as fast as it goes: the same bytes of MIDI at the same frames."""

from __future__ import annotations

import dataclasses
import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emohost._core import EmotionQueue, Model
from emohost.audio.backend import AudioFormat
from emohost.config.schema import Rig
from emohost.engine.build import build_engine, continuation_for
from emohost.engine.request import EngineRequest, NetworksRequest
from emohost.errors import ModelError, SessionError
from emohost.networks import Network, load_set
from emohost.recording.conductor import Call, Conductor
from emohost.recording.smf import SmfFile, channel_names, named
from emohost.sessions.keeper import part_name
from emohost.sessions.layout import sha256
from emohost.sessions.session import EnginePart, Played, Session
from emohost.sessions.sound import SoundReader

CHUNK_S: Final = 1.0  # of audio in memory at a time
EXCHANGED: Final = ("networks", "style")

Progress = Callable[[float], None]
Event = tuple[int, bytes, int]


@dataclass
class PartReplay:
    """One engine, played again."""

    part: EnginePart
    start_s: float
    """Of its frame 0 in the run."""
    events: list[Event] = field(default_factory=list)
    """As the engine handed them out."""
    ends: list[Event] = field(default_factory=list)
    """What ends the notes that still sound, where it did not come to its end itself."""
    conductor: list[Call] = field(default_factory=list)
    frames: int = 0
    missing: str = ""
    """Why it goes no further than this, where more was recorded."""

    @property
    def differs(self) -> int | None:
        """The number of the first message that is another than was played, or is one more; None: all are the same. What
        was played after the last block that was kept is not compared."""
        now = [(frame, data, part_name(part)) for frame, data, part in self.events]
        before = _until(self.part.played, now, whole=self.part.end is not None and not self.missing)
        if now == before:
            return None
        pairs = zip(now, before, strict=False)
        return next(
            (number for number, (one, other) in enumerate(pairs) if one != other), min(len(now), len(before))
        )


@dataclass(frozen=True)
class Replay:
    """A session, played again."""

    session: Session
    rig: Rig
    parts: list[PartReplay]

    @property
    def seconds(self) -> float:
        return sum(each.frames / each.part.sample_rate for each in self.parts)

    @property
    def withheld(self) -> int:
        """Emotions of Side B that were felt and not kept, for want of consent; they are not felt again."""
        return sum(bool(each.get("withheld")) for part in self.parts for each in part.part.messages)

    @property
    def same(self) -> bool:
        """All that was played is played again, message for message."""
        return all(each.differs is None for each in self.parts)

    def timed_events(self) -> list[tuple[float, bytes, int]]:
        """(seconds of the run, MIDI bytes, part), in order of time; every note ends."""
        return [
            (start_s + frame / each.part.sample_rate, data, part)
            for each, start_s in zip(self.parts, self._starts_s(), strict=True)
            for frame, data, part in [*each.events, *each.ends]
        ]

    def _starts_s(self) -> list[float]:
        """Of each part, not before the last message of the one before it."""
        starts, last_s = [], 0.0
        for each in self.parts:
            starts.append(max(each.start_s, last_s))
            frames = [frame for frame, _, _ in [*each.events, *each.ends]]
            last_s = starts[-1] + max(frames, default=0) / each.part.sample_rate
        return starts

    def write(self, path: Path) -> None:
        """As a MIDI file, which a run's `output.midi_file` and `emohost render` would be. Raises OutputError."""
        from emohost.files import write_whole

        music = self.rig.music
        file = SmfFile(music.tempo, channel_names(music), music.beats_per_bar)
        for each, start_s in zip(self.parts, self._starts_s(), strict=True):
            for frame, method, arguments in each.conductor:
                getattr(file, method)(start_s + frame / each.part.sample_rate, *arguments)
        for time_s, data, _ in self.timed_events():
            file.add(time_s, data)
        with named(path):
            write_whole(path, file.encode())


def replay(
    session: Session, changes: Mapping[str, Any] | None = None, progress: Progress = lambda seconds: None
) -> Replay:
    """changes: other values of the rig by dotted key, for what would have been. progress: told the seconds that are
    done. Raises SessionError, ConfigError, ModelError, one line for each network that has changed. Any thread."""
    rig = session.rig_with(changes or {}) if changes else session.rig
    other = EngineRequest.of(rig, session.base) if changes else None
    changed_networks = {key.split(".")[1] for key in changes or () if key.startswith("networks.")}
    parts, done_s = [], 0.0
    for part, start_s in zip(session.parts, session.starts_s(), strict=True):
        try:
            playing = _Playing(part, other, changed_networks)
            parts.append(playing.run(start_s, _from(done_s, progress)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SessionError(f"{part.folder}: damaged: {type(error).__name__}: {error}") from None
        done_s += part.seconds
    return Replay(session, rig, parts)


class _Playing:
    """One engine that plays again."""

    def __init__(self, part: EnginePart, other: EngineRequest | None, changed_networks: set[str]) -> None:
        """`other`: what it is asked to be instead; then networks of `changed_networks` are others, too."""
        self._part = part
        about = part.about
        recorded = EngineRequest.from_json(about["engine"])
        request = other or recorded
        networks = _networks(
            part.folder.name,
            dataclasses.replace(recorded.networks, precision=request.networks.precision),
            [each for each in part.networks if each["role"] not in changed_networks],
        )
        if other is not None and changed_networks:
            files = {
                role: other.networks.files[role] for role in changed_networks & other.networks.files.keys()
            }
            networks |= load_set(files, Path(other.networks.base), other.networks.precision)
        self._form = AudioFormat(
            sample_rate=part.sample_rate,
            block_size=int(about["form"]["block_size"]),
            channels_in=part.channels,
            paced=False,
            waits=True,
        )
        try:
            self._engine = build_engine(request, self._form, networks, between_ticks=False, replays=True)
            for _ in range(int(about["writers"])):
                self._engine.listen(_queue())
            if about["continuation"] is not None:
                lived = AudioFormat(**{**about["form"], "heard": tuple(about["form"]["heard"])})
                self._engine.resume(continuation_for(about["continuation"], lived))
        except (ValueError, TypeError) as error:
            raise SessionError(f"{part.folder}: the engine cannot be built: {error}") from None
        self._by_block: dict[int, list[Mapping[str, Any]]] = {}
        for message in part.messages:
            self._by_block.setdefault(int(message["block"]), []).append(message)
        self._swaps: dict[str, Iterator[dict[str, Any]]] = {
            kind: iter([each for each in part.swaps if each[kind] is not None]) for kind in EXCHANGED
        }

    def run(self, start_s: float, progress: Progress) -> PartReplay:
        part, engine, rate = self._part, self._engine, self._part.sample_rate
        result, conductor = PartReplay(part, start_s), Conductor()
        sound = SoundReader(part.folder, part.channels)
        blocks = _without_gap(part, result)
        for first, last in _stretches(blocks, part.messages, round(CHUNK_S * rate)):
            wanted = blocks[first:last]
            samples, there = _as_far_as_it_goes(sound, wanted)
            if there > 0:
                for message in self._by_block.get(first, ()):
                    self._give(message)
                result.events += engine.replay(wanted[:there], samples)
                result.conductor += conductor.of(engine.take_reports(), rate)
                result.frames += len(samples)
                progress(result.frames / rate)
            if there < len(wanted):
                result.missing = f"the input goes no further than {result.frames / rate:.2f} s"
                break
        sound.close()
        if part.end is not None and part.end["finished"] and not result.missing:
            result.events += engine.finish()
        else:
            result.ends = engine.finish()
        return result

    def _give(self, message: Mapping[str, Any]) -> None:
        kind = message["kind"]
        try:
            if kind in EXCHANGED:
                self._exchange(kind)
            elif not self._engine.give(kind, bytes.fromhex(message["raw"])):
                raise ValueError("there is no room for it")
        except (ValueError, KeyError, TypeError) as error:
            place = self._part.folder / "messages.jsonl"
            raise SessionError(f"{place}: block {message['block']}: {kind}: {error}") from None

    def _exchange(self, kind: str) -> None:
        swap = next(self._swaps[kind], None)
        if swap is None:
            raise ValueError("what was exchanged is not in swaps.jsonl")
        if kind == "style":
            self._engine.offer_style(swap["style"])
            return
        request = NetworksRequest.from_json(swap["networks"])
        networks = _networks(self._part.folder.name, request, swap["told"])
        self._engine.offer({role: _native(each) for role, each in networks.items()})
        self._engine.collect()


def _from(start_s: float, progress: Progress) -> Progress:
    return lambda seconds: progress(start_s + seconds)


def _as_far_as_it_goes(sound: SoundReader, blocks: NDArray[np.void]) -> tuple[NDArray[np.float32], int]:
    """The samples of these blocks, and of how many of them they are: a keeper that was killed has not written all."""
    ends = np.cumsum(blocks["frames"].astype(np.int64))
    samples = sound.read(int(ends[-1]))
    there = int(np.searchsorted(ends, len(samples), side="right"))
    return samples[: int(ends[there - 1]) if there else 0], there


def _native(network: Network | ModelError) -> Model | None:
    return network.native if isinstance(network, Network) else None


def _networks(
    where: str, request: NetworksRequest, told: Sequence[Mapping[str, Any]]
) -> dict[str, Network | ModelError]:
    """Those that played, from the very files. Raises ModelError, a line for each that is not what it was."""
    wrong, files = [], {}
    networks: dict[str, Network | ModelError] = {}
    for each in told:
        role = each["role"]
        if "file" not in each:
            networks[role] = ModelError(str(each.get("error", "it was not there")))
            continue
        path = Path(each["file"])
        expected = f"expected {each['sha256'][:12]}…; --with networks.{role}.file=PATH plays another"
        try:
            found = sha256(path)
        except OSError as error:
            wrong.append(f"{where}: {role}: {path}: {error.strerror or error}; {expected}")
            continue
        if found != each["sha256"]:
            wrong.append(f"{where}: {role}: {path}: found SHA-256 {found[:12]}…; {expected}")
            continue
        files[role] = dataclasses.replace(request.files[role], file=str(path))
    if wrong:
        raise ModelError("\n".join(wrong))
    networks |= load_set(files, Path(request.base), request.precision)
    return networks


def _queue() -> EmotionQueue:
    """A ring of Side B in this process."""
    content = EmotionQueue.fresh()
    memory = mmap.mmap(-1, len(content))
    memory[:] = content
    return EmotionQueue(memory, writable=True)


def _without_gap(part: EnginePart, result: PartReplay) -> NDArray[np.void]:
    """The blocks up to the first that is missing."""
    blocks = part.blocks
    lengths = blocks["frames"].astype(np.int64)
    expected = np.cumsum(lengths) - lengths
    wrong = np.flatnonzero(blocks["frame"].astype(np.int64) != expected)
    if len(wrong):
        at_s = int(expected[wrong[0]]) / part.sample_rate
        result.missing = f"blocks are missing from {at_s:.2f} s on: the disk was too slow"
        return blocks[: wrong[0]]
    return blocks


def _stretches(
    blocks: NDArray[np.void], messages: Sequence[Mapping[str, Any]], most: int
) -> Iterator[tuple[int, int]]:
    """(first, last + 1) of blocks in a row, each of which but the first takes no message; `most` frames or a block."""
    begins = {int(message["block"]) for message in messages}
    first, frames = 0, 0
    for number, length in enumerate(blocks["frames"].tolist()):
        if number > first and (number in begins or frames + length > most):
            yield first, number
            first, frames = number, 0
        frames += length
    if first < len(blocks):
        yield first, len(blocks)


def _until(played: list[Played], now: list[Played], whole: bool) -> list[Played]:
    """Of a recording that broke off, as much as was replayed."""
    return played if whole else played[: len(now)]
