"""The native core. Every name here is implemented in ext/_core.pyx over ext/core; tests hold the two together."""

from collections.abc import Mapping, Sequence
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

# --- hearing (dsp/) ------------------------------------------------------------------------------------------------

class Listener:
    """Features, chroma, key, chord, level and onsets of a mono stream (see dsp/listener.h).

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

def name_chords(upper: Float32, bass: Float32, step_s: float) -> NDArray[np.int32]:
    """(n,) class with absolute root that the listener's chord finder (dsp/chord.h) names at each analysis step, -1
    where unclear, for saliences of pitch classes (n, 12). Raises ValueError."""

# --- emotion (emotion.h) -------------------------------------------------------------------------------------------

# The audio thread's own functions, one point at a time; emohost.emotion is the face for everybody else.

def encode_emotion(valence: float, arousal: float) -> Float32:
    """A point, clamped to [-1, 1], to float32 (64,). Raises ValueError for NaN."""

def decode_emotion(embedding: Float32) -> tuple[float, float]:
    """float32 (64,) to (valence, arousal). Raises ValueError for another shape, NaN or infinity."""

def blend_emotion(a: Float32, b: Float32, weight: float) -> Float32:
    """(1 - weight) * a + weight * b, weight clamped to [0, 1]. Raises ValueError as decode_emotion does."""

# --- melody (music/melody_factors.h) -------------------------------------------------------------------------------

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

# --- engine (engine.h, shared.h) -----------------------------------------------------------------------------------

event_dtype: np.dtype[np.void]  # MidiEvent: frame, bytes (3,) uint8, size, part
report_dtype: np.dtype[np.void]  # BlockReport, field by field
command_dtype: np.dtype[np.void]  # Command

PARAMETERS: dict[str, int]  # Parameter by name: 'tempo', 'density', ...
FLAGS: dict[str, int]  # BlockFlags by name: 'input_underflow', ..., bit values
MONOTONIC_CLOCK: str  # name of the clock of started_ns, as time.get_clock_info(...).implementation says it

def monotonic_ns() -> int:
    """The engine's clock now: that of time.monotonic_ns(), save on Windows before Python 3.13, where Python's is
    another and coarser one."""

def lock_memory() -> str:
    """Asks the system to keep the pages this process uses, now and later, in memory. Empty when it does, otherwise a
    line that says why not and what to do."""

class EmotionLane:
    """Memory that holds the ring of one writer of Side B: `EmotionLane.size` bytes, which a reader may map read-only.
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
    """The writer's side of a lane; see emohost.bridge.EmotionRing, which finds the memory and keeps others out."""

    def __init__(self, buffer: Any, process: int, about: str = "") -> None:
        """`about`: who or what is felt, for the host's status; 119 bytes of it. Raises ValueError as EmotionLane."""
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
    def set_parameter(self, name: str, value: float) -> bool:
        """control. False if the command ring is full. Raises KeyError for an unknown name."""
    def command(self, kind: str) -> bool:
        """control. 'panic', 'transport_start' or 'transport_stop'. False if the ring is full."""
    def pop_events(self, limit: int = 4096) -> list[tuple[int, bytes, int]]:
        """MIDI thread. (frame, MIDI bytes, part), in order of time. What has no 1 to 3 bytes is left out and counted in
        `dropped`."""
    def pop_event_array(self, limit: int = 4096) -> NDArray[np.void]:
        """MIDI thread. The same as an array of event_dtype."""
    def pop_reports(self, limit: int = 4096) -> NDArray[np.void]:
        """control. Array of report_dtype."""
    def time(self) -> tuple[int, float, int] | None:
        """any reader. Newest (frame, device time in s, monotonic ns); None before the first block."""
    @property
    def blocks(self) -> int: ...
    @property
    def first_sound_frame(self) -> int | None: ...
    @property
    def dropped(self) -> dict[str, int]:
        """Overflow counts by ring: 'emotion' (the oldest, as the engine found), 'command', 'event' (also what was no
        event, as this reader found), 'telemetry'."""
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
    # tests: the producer's side of the rings that the engine writes
    def push_event(self, frame: int, data: bytes, part: int = 0) -> bool: ...

class Engine:
    """Side A in this process. `settings` is the dict that `emohost.config.engine_settings.engine_settings()` makes of
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
    def render(self, audio: Float32, block_size: int) -> list[tuple[int, bytes, int]]:
        """Offline: `audio` (frames, channels_in) in blocks (the last may be short), the lock released; returns the
        events (frame, bytes, part) and keeps reports and hops for take_reports() and take_hops(), so that no ring
        overflows however long. Goes on where the last call ended. Nobody else may read the rings meanwhile."""
    def take_reports(self) -> NDArray[np.void]:
        """Reports of render() since the last call (report_dtype)."""
    def take_hops(self) -> NDArray[np.void]:
        """What was heard at each hop of render() since the last call (hop_dtype)."""
    def finish(self) -> list[tuple[int, bytes, int]]:
        """Ends every sounding note at the current frame and returns what was still owed and is not in the event ring
        (which has a reader of its own). When nothing calls process() any more."""
    def listen(self, lane: EmotionLane) -> None:
        """Loader, before the first block: one more writer of Side B. Raises ValueError beyond four."""
    def offer(self, networks: Mapping[str, Model | None]) -> bool:
        """Loader: a whole new set, taken over at the start of the next block. False, and the networks stay with
        their owner, when the last set has not been taken yet. Raises ValueError as the constructor does."""
    def collect(self) -> int:
        """Loader: frees the sets that process() has stopped using; returns how many."""
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
