"""The native core. Every name here is implemented in ext/_core.pyx over ext/core; tests hold the two together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32: TypeAlias = NDArray[np.float32]

# --- networks (nn/) ------------------------------------------------------------------------------------------------

def available_isas() -> list[str]:
    """Instruction sets this machine can run, worst first: 'plain', then 'avx2', 'avx2_vnni', 'avx512',
    'avx512_vnni', or 'neon'."""

class Model:
    """One network with its streaming state. Not thread-safe: one thread at a time.

    `layers` is the canonical description that `emohost.networks` builds: one dict per layer with the keys of
    `LayerSpec` (ext/core/nn/model.h), `weights` a list of float32 arrays. `precision` is that in which the weights of
    matrix products are kept: 'float32', 'float16' or 'int8'. Raises ValueError naming the layer.
    After an engine has taken it over, every use raises RuntimeError.
    """

    def __init__(
        self,
        inputs: int,
        layers: Sequence[Mapping[str, Any]],
        isa: str = "automatic",
        precision: str = "float32",
    ) -> None: ...
    @property
    def inputs(self) -> int: ...
    @property
    def outputs(self) -> int: ...
    @property
    def parameters(self) -> int: ...
    @property
    def memory_bytes(self) -> int: ...
    @property
    def isa(self) -> str: ...
    @property
    def precision(self) -> str: ...
    def process(self, x: Float32) -> Float32:
        """Runs steps in order, committing each. x: float32 (steps, inputs) -> float32 (steps, outputs)."""
    def evaluate(self, x: Float32) -> Float32:
        """One step from the committed state, not committed. x: float32 (inputs,) -> float32 (outputs,)."""
    def commit(self) -> None: ...
    def reset(self) -> None: ...

def time_steps(
    models: Sequence[Model], steps: int, touched_bytes: int = 0, pause_s: float = 0.0, reading: bool = False
) -> NDArray[np.uint32]:
    """Benchmarks: nanoseconds (steps,) of each step of `models` in a chain, on random input, committed; the clock is
    read natively. Before each, `touched_bytes` of other memory are touched and the thread sleeps `pause_s` seconds.
    `reading`: of reading the networks' memory once, instead. Releases the interpreter lock."""

# --- hearing ------------------------------------------------------------------------------------------------------

class Listener:
    """Features, chroma, key, chord, level and onsets of a mono stream (see hearing/listener.h).

    Keyword settings are the fields of ListenerSettings (`layout` as 'mel128' or 'emohost1').
    Raises ValueError for a setting out of range.
    """

    def __init__(self, sample_rate: float, **settings: Any) -> None: ...
    def process(self, mono: Float32) -> NDArray[np.void]:
        """Feeds samples (any number, float32, mono); returns one row per hop that fell inside, a structured array of
        `heard_dtype` (the fields of Heard, plus `frame`, the end of the hop)."""
    def onsets(self) -> NDArray[np.int64]:
        """Frames of the onsets detected since the last call."""
    def reset(self) -> None: ...
    @property
    def memory_bytes(self) -> int: ...

heard_dtype: np.dtype[np.void]

beat_dtype: np.dtype[np.void]  # tempo, beat_phase, beat_in_bar, metre, beat_confidence, downbeat_confidence

def track_beats(
    activations: ArrayLike, hop_s: float = 0.02, *, slowest: float = 48, fastest: float = 215
) -> NDArray[np.void]:
    """What the bar pointer (hearing/beat/bar_pointer.h) says after each hop, from the beat network's answers (hops, 2),
    each [0, 1]: (hops,) of beat_dtype. Tempi below `slowest` or above `fastest` (beats per minute, 40 to 240) are not
    looked for. Raises ValueError."""

def name_chords(upper: Float32, bass: Float32, step_s: float) -> NDArray[np.int32]:
    """(n,) class with absolute root that the listener's chord finder (hearing/chord.h) names at each analysis step, -1
    where unclear, for saliences of pitch classes (n, 12). Raises ValueError."""

# --- emotion (emotion.h) -------------------------------------------------------------------------------------------

# The audio thread's own functions, one point at a time; emohost.emotion is the face for everybody else.

def encode_emotion(valence: float, arousal: float) -> Float32:
    """A point, clamped to [-1, 1], to float32 (64,). Raises ValueError for NaN."""

def decode_emotion(embedding: Float32) -> tuple[float, float]:
    """float32 (64,) to (valence, arousal). Raises ValueError for another shape, NaN or infinity."""

def blend_emotion(a: Float32, b: Float32, weight: float) -> Float32:
    """(1 - weight) * a + weight * b, weight clamped to [0, 1]. Raises ValueError as decode_emotion does."""

# --- melody (music/parts/melody_factors.h) -------------------------------------------------------------------------

def melody_weights(
    network: Float32,
    previous: NDArray[np.integer[Any]],
    tonic: int,
    minor: bool,
    chord: NDArray[np.integer[Any]],
    step: NDArray[np.integer[Any]],
    steps_per_bar: int = 16,
) -> Float32:
    """What the melody draws its next pitch by, before the shape of the phrase: network x interval x chord x scale.

    network: float32 (n, 128) in [0, 1], as if in C major / A minor; previous: (n,) MIDI note before, -1 none; tonic
    0-11 and minor: the key; chord: (n,) class with absolute root, -1 or 60 none; step: (n,) in the bar. Returns
    float32 (n, 128), not normalised, by absolute MIDI note. Any thread. Raises ValueError for another shape or range.
    """

# --- context (context.h, music/chord_memory.h, hearing/note_weights.h) ---------------------------------------------

# The audio thread's own functions: what the harmony and the dynamics network are given. Any thread; `...` stands for
# the same leading dimensions in every argument. All raise ValueError for another shape or range. A chord is a class of
# theory/chords.h, -1 or 60 where there is none.

PLAYED_FADE: float  # of the chroma played, per step
EAR_STEPS: int  # that the ear is behind the music

def tell_of_ear(chroma: ArrayLike, named: NDArray[np.integer[Any]]) -> Float32:
    """(..., 12): what the harmony network is given of the ear. chroma (..., 12) from the tonic on; named: (...) chord
    that the listener names, relative to the tonic."""

def harmony_context(
    ear: ArrayLike,
    played: ArrayLike,
    chord: NDArray[np.integer[Any]],
    remembered: ArrayLike,
    step_in_bar: NDArray[np.integer[Any]],
) -> Float32:
    """(..., 64): the second half of the harmony network's input. ear (..., 12) of tell_of_ear(); played (..., 12)
    chroma from the tonic on; chord: (...) in force, relative to the tonic; remembered (..., 24) of recall_chords()."""

def pool_embedding(embedding: ArrayLike) -> Float32:
    """(..., 64) to (..., 16): the first half of the dynamics network's input."""

def dynamics_context(
    heard: NDArray[np.void], step_in_bar: NDArray[np.integer[Any]], tempo: float, steps_per_bar: int = 16
) -> Float32:
    """(n, 16): the second half. heard: (n,) with the fields of heard_dtype; tempo in beats per minute."""

def recall_chords(heard: NDArray[np.integer[Any]], tonic: int = 0, steps_per_bar: int = 16) -> Float32:
    """(n, 24): at each step, tones and root, from the tonic on, of what was heard at the same place four and eight bars
    before. heard: (n,) chord at each step from the first on; chords relative to the tonic go with a tonic of 0."""

def note_weights(pitch: ArrayLike) -> tuple[Float32, Float32]:
    """(n,) and (n,): how much a MIDI note counts among the upper voices and in the bass, in finding chords."""

step_dtype: np.dtype[
    np.void
]  # Step: frame, embedding, the fields of StepMoment, what harmony and dynamics were given

# --- engine (engine.h, shared.h) -----------------------------------------------------------------------------------

event_dtype: np.dtype[np.void]  # MidiEvent: frame, bytes (3,) uint8, size, part
report_dtype: np.dtype[np.void]  # BlockReport, field by field
command_dtype: np.dtype[np.void]  # Command

PARAMETERS: dict[str, int]  # Parameter by name: 'tempo', 'density', ...
COMMANDS: dict[str, int]  # CommandKind by name: 'panic', ...
FLAGS: dict[str, int]  # BlockFlags by name: 'input_underflow', ..., bit values
PLANNED_FLAGS: dict[str, int]  # PlannedFlags by name: 'planned', ..., bit values
CLOCK_SOURCES: dict[str, int]  # what leads in time, with its number in report_dtype
PLAYING: dict[str, int]  # what the band does, likewise: 'stopped', 'listening', ...
MONOTONIC_CLOCK: str  # name of the clock of started_ns, as time.get_clock_info(...).implementation says it

def monotonic_ns() -> int:
    """The engine's clock now: that of time.monotonic_ns(), save on Windows before Python 3.13, where Python's is
    another and coarser one."""

def lock_memory() -> str:
    """Asks the system to keep the pages this process uses, now and later, in memory. Empty when it does, otherwise a
    line that says why not and what to do."""

class EmotionQueue:
    """Memory that holds the ring of one writer of Side B: `EmotionQueue.size` bytes, which a reader may map read-only.
    Raises ValueError saying what is wrong if the buffer holds something else."""

    size: int
    def __init__(self, buffer: Any, *, writable: bool = False) -> None: ...
    @staticmethod
    def fresh() -> bytes:
        """The content of a new one."""
    @property
    def written(self) -> int:
        """Messages so far. Any thread."""
    @property
    def writer(self) -> tuple[int, str] | None:
        """Process number of the last writer and what it says it is about; None before the first. Any thread."""

class EmotionWriter:
    """The writer's side of a queue; see emohost.bridge.EmotionRing, which finds the memory and keeps others out."""

    withheld: bool
    """What is written from now on is played, and kept in no recording. False at first. Any thread."""

    def __init__(self, buffer: Any, process: int, about: str = "") -> None:
        """`about`: who or what is felt, for the host's status; 119 bytes of it. Raises ValueError as EmotionQueue."""
    def write(self, embedding: ArrayLike, weight: float = 1.0, ttl_s: float = 10.0) -> None:
        """Sends one emotion. Never waits. Any thread.

        embedding: 64 numbers in [-1, 1] (emohost.emotion.encode makes one; what lies outside is clamped), a float32
        array at best; weight: [0, 1], its share in what is felt, beside what is heard; ttl_s: for so many seconds,
        0 to 1e6, unless a newer one comes; then it fades within a second. Raises ValueError for another shape, NaN,
        infinity, a value out of range, or after close()."""
    def close(self) -> None:
        """Nothing more can be written. May be called again."""

def emotion_writes() -> int:
    """Messages written by EmotionWriters of this process."""

class Shared:
    """The rings between host and engine, over a writable buffer (mmap) of at least `Shared.size` bytes.

    `create=True` formats it; otherwise the header is checked (ValueError). Each ring has one producer and one
    consumer: a method says which side may call it. The buffer must outlive the object.
    """

    size: int
    def __init__(self, buffer: Any, create: bool = False) -> None: ...
    # host side
    def set_parameter(self, name: str, value: float, frame: int = 0) -> bool:
        """control. It holds from `frame` of the input on; 0, or one that is over: at once. False if the command ring is
        full. Raises KeyError for an unknown name."""
    def command(self, kind: str, frame: int = 0) -> bool:
        """control. 'panic', 'transport_start', 'transport_stop', each from `frame` on as set_parameter; 'tap' and
        'downbeat' of the beat at `frame`, which may be a little back (0: now). False if the ring is full. Raises
        ValueError for another kind."""
    def anchor(self, frame: int, tempo: float, beat: float, beats_per_bar: int = 0) -> bool:
        """control. A clock outside has come to `beat`, counted from any of its downbeats, at `frame`, at `tempo` beats
        per minute; `beats_per_bar` 2 to 7, or 0 where it does not say. Followed where 'link' or 'jack' leads. False if
        the ring is full."""
    def lead(self, source: str, frame: int = 0) -> bool:
        """control. One of CLOCK_SOURCES leads in time, from `frame` on as set_parameter. False if the ring is full.
        Raises ValueError for another name."""
    def pop_events(self, limit: int = 4096) -> list[tuple[int, bytes, int]]:
        """MIDI thread. (frame, MIDI bytes, part), in order of time. What has no 1 to 3 bytes is left out and counted in
        `dropped`."""
    def pop_event_array(self, limit: int = 4096) -> NDArray[np.void]:
        """MIDI thread. The same as an array of event_dtype."""
    def pop_reports(self, limit: int = 4096) -> NDArray[np.void]:
        """control. Array of report_dtype."""
    def continuation(self) -> dict[str, Any] | None:
        """any reader. Where the music has come to, for the engine after this one (ext/core/continuation.h): the next
        step's frame, its time on the monotonic clock in ns, its bar and place in the bar, tempo, key, chord, level
        that counts as medium in dBFS; None before the first block."""
    def time(self) -> tuple[int, float, int] | None:
        """any reader. Newest (frame, device time in s, monotonic ns); None before the first block."""
    @property
    def blocks(self) -> int: ...
    @property
    def first_sound_frame(self) -> int | None: ...
    @property
    def dropped(self) -> dict[str, int]:
        """Overflow counts by ring: 'emotion' (the oldest, as the engine found), 'command', 'input' (also what was no
        MIDI or more than 10 s ahead), 'event' (also what was no event, as this reader found), 'telemetry'."""
    def clear(self) -> None:
        """Empties every ring and forgets what an engine that is gone has left. Only while no engine runs."""
    @property
    def side_b(self) -> dict[str, float]:
        """What came of Side B's messages: 'taken', 'lost' (overwritten before they were read), 'torn' (damaged) and
        'stale' (too late, never played); and its 'share', [0, 1], in what is felt now."""
    def write_emotion(self, embedding: ArrayLike, weight: float = 1.0, ttl_s: float = 10.0) -> int:
        """Side B in this process (offline runs, tests; others use emohost.bridge.EmotionRing). One producer. 64
        numbers, blended with the audio's own embedding by `weight` for `ttl_s` seconds of audio, then fading for one
        more. Returns the message's number. Raises ValueError for NaN or a value out of range."""
    def push_input(self, frame: int, data: bytes, source: int = 0) -> bool:
        """MIDI thread. One message of 1 to 3 bytes that came in at a frame of the engine's input; 0: at once. The
        engine takes it at that frame, or at once when that is over. `source`: the input's number. False if the ring is
        full."""
    @property
    def inputs_taken(self) -> int:
        """any reader. Messages of the input ring that the engine took."""
    # tests: the engine's side of its rings
    def pop_inputs(self) -> list[tuple[int, bytes, int]]: ...
    def push_event(self, frame: int, data: bytes, part: int = 0) -> bool: ...

recorded_block_dtype: np.dtype[np.void]
"""A block that was recorded: frame, started_ns (monotonic), frames, flags."""

RecordedMessage = tuple[int, str, bytes]
"""(number of its block, from 0 in what was read; 'command', 'input', 'emotion', 'networks' or 'style'; its bytes)"""

def recorded_message(kind: str, payload: bytes) -> dict[str, Any]:
    """What a recorded message says, for people. Raises ValueError where the bytes are no such message."""

class RecordMemory:
    """What an engine's run is made of, on its way to whoever keeps it (ext/core/record.h), over a writable buffer of
    its own that begins at a multiple of 64.

    `create=True` formats it; otherwise its header is checked. Raises ValueError. The buffer must outlive the object."""

    def __init__(self, buffer: Any, create: bool = False) -> None: ...
    def read(
        self, channels: int
    ) -> tuple[NDArray[np.void], Float32, list[RecordedMessage], list[tuple[int, bytes, int]]]:
        """One consumer. Whole blocks since the last call: blocks (recorded_block_dtype), their samples (frames,
        `channels`: those that are listened to; zeros of a null input), what they took, and the events they handed
        out (frame, MIDI bytes, part)."""
    @property
    def lost(self) -> int:
        """Blocks that were left out because there was no room. Any thread."""
    def stop(self) -> None:
        """Nothing more is written. Any thread."""

class Engine:
    """Side A in this process. `settings` is the dict that `emohost.engine.build.engine_settings()` makes of
    a configuration (the fields of EngineSettings, nested); `networks` maps each role to a Model or None and takes
    them over: those Model objects cannot be used afterwards. Raises ValueError naming the setting or role, and then
    leaves the networks with their owner.

    Building it rehearses a second of noise, so that code and memory are warm before the first block.
    """

    def __init__(
        self, settings: Mapping[str, Any], networks: Mapping[str, Model | None], shared: Shared | None = None
    ) -> None:
        """Without `shared` the engine makes its own; see `shared`."""
    @property
    def shared(self) -> Shared: ...
    @property
    def sample_rate(self) -> float: ...
    @property
    def max_block(self) -> int: ...
    @property
    def channels_in(self) -> int: ...
    @property
    def channels_out(self) -> int: ...
    @property
    def callback(self) -> int:
        """Address of the PortAudio stream callback."""
    @property
    def user_data(self) -> int:
        """Address to pass as the callback's userdata. Valid while this object lives."""
    @property
    def frame(self) -> int:
        """Frames processed. Any thread."""
    @property
    def memory_bytes(self) -> int:
        """All that process() touches: networks, listener, musician, rings, buffers."""
    def process(self, block: Float32 | None, frames: int | None = None) -> Float32 | None:
        """One block: float32 (frames, channels_in), or None with `frames` for a null input. Returns the output
        (frames, channels_out), or None if channels_out is 0. Releases the interpreter lock."""
    def render(
        self, audio: Float32, block_size: int, keep_steps: bool = False
    ) -> list[tuple[int, bytes, int]]:
        """Offline: `audio` (frames, channels_in) in blocks (the last may be short), the lock released; returns the
        events (frame, bytes, part) and keeps reports, hops and, if asked, steps for take_reports(), take_hops() and
        take_steps(), so that no ring overflows however long. Goes on where the last call ended. Nobody else may read
        the rings meanwhile."""
    def take_reports(self) -> NDArray[np.void]:
        """Reports of render() since the last call (report_dtype)."""
    def take_hops(self) -> NDArray[np.void]:
        """What was heard at each hop of render() since the last call (hop_dtype)."""
    def take_steps(self) -> NDArray[np.void]:
        """What the networks were given at each step of render(keep_steps=True) since the last call (step_dtype)."""
    def finish(self) -> list[tuple[int, bytes, int]]:
        """Ends every sounding note at the current frame and returns what was still owed and is not in the event ring
        (which has a reader of its own). When nothing calls process() any more."""
    def listen(self, queue: EmotionQueue) -> None:
        """Loader, before the first block: one more writer of Side B. Raises ValueError beyond four."""
    def record(self, memory: RecordMemory) -> None:
        """Loader, before the first block: every block is kept in that memory, too."""
    def give(self, kind: str, payload: bytes) -> bool:
        """Offline: lays a recorded command, input or emotion where the next block takes it. False if the ring is
        full. Raises ValueError for what is no such message, and a writer that the engine does not listen to."""
    def replay(self, blocks: NDArray[np.void], samples: Float32) -> list[tuple[int, bytes, int]]:
        """Offline, of an engine whose settings have `replays`: recorded blocks in a row, with their samples (frames,
        channels_in); returns the events as `render`, and keeps the reports. Nobody else may read the rings
        meanwhile. Raises ValueError if they do not fit."""
    def resume(self, continuation: Mapping[str, Any]) -> None:
        """Loader, before the first block: goes on where another engine had come to, as its `Shared.continuation` said.
        With `step_ns` 0, `step_frame` counts from this engine's first frame. Raises ValueError for what no engine
        says."""
    def offer(self, networks: Mapping[str, Model | None]) -> bool:
        """Loader: other networks for these roles (None: none), taken over at the start of the next block; until the
        first step of each the last outputs of the one before hold. The other roles keep theirs, with their state.
        False, and the networks stay with their owner, when the last ones have not been taken yet. Raises ValueError as
        the constructor does."""
    def offer_style(self, own: Mapping[str, Any]) -> bool:
        """Loader: another style (`emohost.styles.compiled`) in the place of the user's own, in force from the next bar
        line on. False when the last one has not been taken yet. Raises ValueError."""
    def collect(self) -> int:
        """Loader: frees the networks that process() has stopped using; returns how many offers they made room for."""
    def measure(self, audio: Float32, block_sizes: Sequence[int]) -> dict[str, Any]:
        """Plays `audio` (frames, channels_in) once in blocks of these sizes in turn, with NaN, missing input,
        commands and Side B's messages in between, and watches the callback. Returns `blocks`; `calls`: heap calls and
        locks inside process() by kind ('allocate', 'free', 'new', 'delete', 'lock', 'unlock', 'wait', 'signal'), or
        None when the trap is not preloaded (see emohost.validate); `page_faults` after the first block, or None
        where the system does not tell; `durations_ns`: uint32 per block. Empties the rings. Not for a live engine."""
    def cost(self, audio: Float32, block_size: int, rounds: int = 1) -> dict[str, NDArray[np.uint32]]:
        """What the callback costs, ns of processor time per block, by kind of input: 'music' (`audio`), 'silence',
        'noise', 'clicks', 'offset', 'denormals', 'not a number', 'infinity', 'missing', 'alternating' (block sizes);
        each for a second at a time, `rounds` times over. Empties the rings. Not for a live engine. Raises
        ValueError."""
    def play_sealed(self, audio: Float32, block_sizes: Sequence[int], blocks: int) -> dict[str, Any]:
        """A copy of this process plays `blocks` blocks of every kind, with commands and Side B's messages, under
        seccomp's strict mode, where any system call but read, write, exit and sigreturn kills it. Returns `blocks`
        and `notes` played, `clock_reads`, and `ending`: 'came to its end', 'killed', another end, or why nothing was
        sealed. Linux; the engine itself stays as it is. Not from two threads at once. Raises ValueError."""

def try_seal() -> dict[str, str]:
    """How a sealed process ends (as `play_sealed` says it) after 'a system call' and after 'a heap that grows': both
    must be 'killed', or the seal proves nothing."""

hop_dtype: np.dtype[np.void]  # heard_dtype plus embedding (64,): of the audio alone, before any blend

class Pacer:
    """A native thread that calls the engine's process() as a sound card would, for the file and dummy backends.

    Deadlines are absolute on the monotonic clock, one every block_size / sample_rate seconds. Not paced, it runs as
    fast as the readers of the event and telemetry rings keep up: it waits while either is more than half full.
    While it runs, nobody else may call the engine's process() or render(). One thread owns this object.
    """

    def __init__(self, engine: Engine, block_size: int, paced: bool = True) -> None:
        """Raises ValueError when block_size is not 1 to the engine's max_block."""
    def start(self) -> None:
        """Once. Raises ValueError when it was started before."""
    def feed(self, audio: Float32) -> int:
        """Queues frames (n, channels_in) for the thread; returns how many fitted (the rest must be fed again). There
        is room for about two seconds."""
    def end(self) -> None:
        """No more will be fed: the thread stops after the last queued frame."""
    def feed_signal(self, kind: str, seed: int = 0, level_db: float = -20.0) -> None:
        """'silence' or 'noise' (white, of this RMS level in dBFS) for ever, instead of feed(). Before start()."""
    def stop(self) -> None:
        """Ends after the block in hand and joins the thread. May be called again."""
    @property
    def running(self) -> bool: ...
    @property
    def realtime(self) -> bool:
        """The system gave the thread a real-time priority."""
    @property
    def underflows(self) -> int:
        """Paced: times no audio was queued when a block was due (the thread waited; nothing was skipped)."""
    @property
    def late(self) -> int:
        """Blocks that started more than one block after their deadline."""

class PortMemory:
    """The memory between the host and the process that holds the MIDI ports, over a writable buffer (mmap) of at least
    `PortMemory.size` bytes, which outlives it. `create=True` formats it; otherwise it is checked. Raises ValueError.
    """

    size: int
    def __init__(self, buffer: Any, create: bool = False) -> None: ...
    # host, one thread
    def push(self, data: bytes, frame: int = 0, due_ns: int = 0) -> bool:
        """A message of 1 to 3 bytes, of a frame of the engine's input, to be played at a time of the monotonic clock
        (0: at once); in order of time. False if there is no room."""
    @property
    def full(self) -> bool: ...
    def pop_lateness_ms(self) -> tuple[list[float], int]:
        """How late each message that had a time was played since the last call, 0 on its own frame; and how many notes
        were left out because it was too late for them."""
    def pop_inputs(self) -> list[tuple[int, int, bytes, int]]:
        """What came in since the last call, by time for each input: (monotonic ns, frame of the engine's input or 0 if
        that is not known, 1 to 3 bytes, number of the input)."""
    @property
    def inputs_dropped(self) -> int:
        """Messages that found no room since the start."""
    def silence(self) -> None:
        """At the port's next cycle: every note ends, and those that were planned are forgotten."""
    def live(self) -> None:
        """The host is there. Not called for a second, what sounds is ended."""
    def follow(self, sample_rate: float, frame: int, monotonic_ns: int) -> None:
        """A block of the engine's input, whose rate is in Hz, began with this frame at this time. By these the port
        places the frames that `push` is given; before the first it goes by their times."""
    def set_delay(self, seconds: float) -> None:
        """From an event's frame to its time at the port."""
    # any reader
    @property
    def cycles(self) -> int:
        """Of the port's driver, since it was opened."""
    @property
    def period_s(self) -> float:
        """Length of a cycle; 0 before the first."""
    @property
    def sounding(self) -> int:
        """Notes that are on at the port."""
    # the port's process, one thread, where no JackClient does it
    def push_input(self, monotonic_ns: int, data: bytes, source: int = 0) -> bool: ...

class JackClient:
    """A client of the JACK server (or of PipeWire in its place) with MIDI ports, whose callback is native. `memory`:
    what its output plays and its inputs fill; without, a client that only looks. `thru`: whether what comes in through
    each input goes out again, on the same frame. Raises RuntimeError that says what is missing. One thread, except
    where said.
    """

    def __init__(
        self,
        name: str,
        memory: PortMemory | None = None,
        output: str = "",
        inputs: Iterable[str] = (),
        thru: Iterable[bool] = (),
    ) -> None: ...
    def activate(self) -> None:
        """MIDI flows from now on. Raises RuntimeError."""
    def close(self) -> None:
        """Takes its ports away. A server that hangs may hold it up for ever."""
    @property
    def name(self) -> str: ...
    @property
    def output(self) -> str:
        """The output port's full name."""
    @property
    def inputs(self) -> list[str]: ...
    def ports(self, sinks: bool, audio: bool = False) -> list[str]:
        """Full names of the ports of others that take (`sinks`) or send: MIDI, or `audio`."""
    def connections(self, port: str) -> list[str]:
        """Of any port, sorted; empty if there is no such port."""
    def connect(self, source: str, destination: str) -> bool:
        """True if they are connected now."""
    def disconnect(self, source: str, destination: str) -> bool: ...
    @property
    def sample_rate(self) -> int: ...
    @property
    def period(self) -> int:
        """Frames of a cycle."""
    @property
    def ended(self) -> bool:
        """any thread. The server has gone: nothing more comes, and `close` may hang."""
    def silence(self) -> None:
        """any thread. As PortMemory.silence."""
    @property
    def idle(self) -> bool:
        """any thread. All that was pushed has been played."""
    @property
    def trapped(self) -> list[int]:
        """Calls of the heap and of locks in the callback, by kind of ext/trap/trap.h; empty without the trap."""

class JackTransport:
    """A client of the JACK server (or of PipeWire in its place) that follows its transport and may be its timebase
    master. Its callbacks are native. Raises RuntimeError that says what is missing. Any thread, one at a time."""

    def __init__(self, name: str) -> None: ...
    def close(self) -> None:
        """A server that hangs may hold it up for ever."""
    @property
    def name(self) -> str: ...
    @property
    def ended(self) -> bool:
        """The server has gone."""
    def point(self) -> dict[str, Any] | None:
        """The latest cycle: `now_ns` (monotonic clock, when it was called), `cycle` (its first frame, of JACK's own
        count of 32 bits), `position` (frames since the transport's beginning), `rate` (Hz), `rolls`, `starts` (times it
        began to roll), `jumps` (times it went elsewhere while it rolled), `told` (times this client was asked for bars
        and beats), and where somebody says bars and beats, `bar` and `beat` from 0, `beats_per_bar` and `tempo` (beats
        per minute). None before the first."""
    def roll(self, on: bool) -> None:
        """Asks the server to start the transport, or to stop it."""
    def take_timebase(self) -> bool:
        """Says bars and beats for all clients from now on, by `say`. False: another client does."""
    def say(self, tempo: float, beats_per_bar: int, beat: float | None = None, cycle: int = 0) -> None:
        """The band's tempo, beats per minute, and its place in the bar, in beats, at the frame `cycle` of JACK's count;
        without a beat the transport's beginning is a downbeat."""
