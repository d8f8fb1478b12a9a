"""What a running host tells, for the status line and the summary. Plain frozen values; any thread may read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emohost.host.latency import Latency
from emohost.host.planned import PlannedBar
from emohost.midi.lateness import NEVER_LATE, Worst

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Spread:
    """Percentiles of something measured; zeros while nothing has been."""

    p50: float = 0.0
    p99: float = 0.0
    max: float = 0.0


@dataclass(frozen=True)
class Status:
    """Given to `on_status` a few times a second, on the host's control thread."""

    state: str  # 'starting', 'playing', 'waiting for the device', 'restarting' or 'ending'
    detail: str = ""  # the device, or why it waits
    seconds: float = 0.0  # played so far
    valence: float = 0.0  # [-1, 1]
    arousal: float = 0.0  # [-1, 1]
    level_db: float = -120.0  # dBFS
    peak_db: float = -120.0  # dBFS, the largest sample of the last emohost.host.monitor.PEAK_S
    sound: str = "nothing"  # emohost.vocabulary.SOUNDS: what kind of sound is heard
    sound_confidence: float = 0.0  # in that, 0 to 1
    key: str = ""  # 'C major', heard, or held on a MIDI input; empty while unknown
    chord_heard: str = ""  # 'C:maj' (emohost.labels), likewise
    chord_played: str = ""
    tempo: float = 0.0  # beats per minute, in force
    beat: float = 0.0  # place in the bar, in beats, 0 on the downbeat
    beats_per_bar: int = 4
    clock: str = "internal"  # the source that leads (emohost.vocabulary.CLOCK_SOURCES)
    clock_confidence: float = 0.0  # of that source in tempo and beat, 0 to 1
    clock_lost: bool = False  # it is gone: music.clock.fallback holds
    chart_bar: int = -1  # bar of music.chart, from 0; -1: there is none, -2: the player has left it
    band: str = "stopped"  # emohost.vocabulary.PLAYING: 'listening', 'playing' …
    style: str = ""  # in force (emohost.vocabulary.STYLES); empty before the first step
    section: int = 0  # of the form: sections begun before this one
    bar_in_section: int = 0  # 0 to 7
    plan: tuple[PlannedBar, ...] = ()  # the present bar and the next one; empty while nothing is planned
    notes: int = 0  # note-ons so far
    sounding: int = 0  # notes that are on now
    load: Spread = Spread()  # callback's duration, % of the block's deadline, of the last few thousand blocks
    # MIDI sent after it was due: in the last ten seconds (in the Summary, in all), and the worst of the run.
    lateness_ms: Spread = Spread()
    worst_lateness: Worst = NEVER_LATE
    flags: Mapping[str, int] = field(default_factory=dict)  # blocks by flag (_core.FLAGS), zeros left out
    restarts: int = 0  # engines that were lost and replaced
    blocks: int = 0
    late_blocks: int = 0  # blocks whose callback took longer than the block lasts
    latest_late: tuple[tuple[int, int], ...] = ()  # of these the last 64: (monotonic ns at entry, ns taken)
    dropped: Mapping[str, int] = field(
        default_factory=dict
    )  # messages a ring had no room for, zeros left out
    first_sound_frame: int | None = None  # the present engine's first frame that was not silence
    # Side B: the ring's name; share in what is felt now, messages taken, lost, torn and stale (of the present engine);
    # its process ('none', 'running', 'restarting', 'ended'), process_pid, restarts; writers, each with pid and about;
    # field: what EmotionalField.status says, empty without one
    side_b: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()  # what happened last, oldest first
    latency: Latency | None = None  # from a sound to its note, once the first block has come
    memory: str = ""  # of the engine: 'locked', why it is not, or nothing where it need not be (a file)
    # Of the present engine, each with role and error, or role, file, precision and status:
    networks: tuple[Mapping[str, Any], ...] = ()
    # sample_rate (Hz) and block_size (frames), of the present engine; under JACK inputs and outputs, the names of the
    # ports that each is connected to
    audio: Mapping[str, Any] = field(default_factory=dict)
    # The MIDI port: name, whether it is open, outputs (the ports that it leads to), inputs (what each of the rig's
    # inputs listens to); empty without one
    midi: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Of plain values, as `from_json` reads them; its lists are the status's own."""
        told = dict(vars(self))
        for name in ("load", "lateness_ms", "latency"):
            told[name] = None if told[name] is None else dict(vars(told[name]))
        told["worst_lateness"] = list(self.worst_lateness)
        told["plan"] = [dict(vars(each)) for each in self.plan]
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Status:
        """Of what the control socket says: its mappings, with lists in place of tuples. Fields that this version does
        not know are left out."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in told.items() if name in known}
        for name in ("load", "lateness_ms"):
            values[name] = Spread(**values[name])
        values["worst_lateness"] = Worst(*values["worst_lateness"])
        values["plan"] = tuple(PlannedBar.from_json(each) for each in values.get("plan", ()))
        latency = values.get("latency")
        values["latency"] = None if latency is None else Latency(**latency)
        return cls(**values)


@dataclass(frozen=True)
class Summary:
    """What `Host.run` returns."""

    last: Status  # over the whole run
    blocks: int
    files: tuple[Path, ...]  # written
    picture: Path | None  # where it is to be drawn, if one is asked for
    sample_rate: float  # Hz; 0 if nothing was played
    sent: int  # MIDI messages sent to the port
    stale: int  # note-ons left out because they came too late
    unsent: int  # note-ons left out because the port was not there
    ended: int  # note-ons whose time came after the end, a panic or a loss
    port_losses: int
    # Both empty unless a picture is asked for:
    reports: NDArray[np.void]  # _core.report_dtype, in order, thinned; frames count from the start of the run
    events: list[tuple[float, bytes, int]]  # (seconds, MIDI bytes, part) as played, the last 200,000
