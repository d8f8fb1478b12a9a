# The rings between host and engine: ext/core/shared.h.

from libc.stdint cimport int8_t, int16_t, uint16_t
from libcpp.utility cimport move

cdef extern from "core/messages.h" namespace "emohost" nogil:
    cdef struct Command:
        CommandKind kind
        Parameter parameter
        float value
        uint32_t place
        uint64_t frame
    cdef struct MidiEvent:
        uint64_t frame
        uint8_t bytes[3]
        uint8_t size
        uint8_t part
    cdef struct InputEvent:
        uint64_t frame
        uint8_t bytes[3]
        uint8_t size
        uint8_t source
    cdef enum PlannedFlags:
        kIsPlanned
        kBeginsSection
        kEndsPhrase
        kMelodyOpen
    cdef struct PlannedBar:
        uint32_t strikes[4]
        int8_t chords[7]
        uint8_t flags
    cdef struct PlannedBeat:
        uint64_t frame
        float tempo
        uint16_t section
        uint8_t material
        uint8_t beat
        uint8_t beats_per_bar
        int8_t chord
        int8_t tonic
        uint8_t minor
        uint8_t plays
    cdef struct BlockReport:
        uint64_t block
        uint64_t frame
        uint64_t started_ns
        uint32_t duration_ns
        uint32_t frames
        uint32_t flags
        uint32_t dropped_events
        double device_time
        float valence
        float arousal
        float audio_valence
        float audio_arousal
        float level_db
        float peak
        float key_clarity
        float tempo
        float tuning_cents
        int8_t tonic
        int8_t minor
        int8_t chord_heard
        int8_t chord_played
        uint16_t sounding
        uint16_t step_in_bar
        uint32_t notes
        uint32_t onsets
        uint32_t bad_samples
        float beat
        float clock_confidence
        uint8_t clock
        uint8_t playing
        uint8_t beats_per_bar
        uint8_t clock_lost
        int16_t chart_bar
        float sound_confidence
        uint8_t sound
        uint16_t section
        uint8_t material
        uint8_t bar_in_section
        uint8_t bar_in_phrase
        uint8_t phrase_bars
        uint8_t style
        PlannedBar planned[2]
        PlannedBeat planned_beat
    cdef struct TimePoint:
        uint64_t frame
        double device_time
        uint64_t monotonic_ns

cdef extern from "core/continuation.h" namespace "emohost" nogil:
    cdef cppclass Continuation:
        uint64_t step_frame
        uint64_t step_ns
        uint64_t bar
        double tempo
        float reference_db
        uint16_t step_in_bar
        int8_t tonic
        uint8_t minor
        int8_t chord
        uint8_t sounding
        uint8_t running
        uint8_t plays
        uint8_t beats_per_bar
        uint8_t lately

cdef extern from "core/music/time/anchor.h" namespace "emohost::music" nogil:
    uint32_t pack_place(double beat, int beats_per_bar)

cdef extern from "core/shared.h" namespace "emohost" nogil:
    cdef cppclass LatestContinuation "decltype(emohost::Shared::continuation)":
        cbool load(Continuation* value)
    cdef cppclass AtomicU64 "std::atomic<uint64_t>":
        uint64_t load()
    cdef cppclass LatestTime "decltype(emohost::Shared::time)":
        cbool load(TimePoint* value)
    cdef cppclass AtomicFloat "std::atomic<float>":
        float load()
    cdef cppclass CommandRing "decltype(emohost::Shared::command)":
        cbool push(const Command& item)
        uint64_t dropped()
    cdef cppclass EventRing "decltype(emohost::Shared::event)":
        cbool push(const MidiEvent& item)
        cbool pop(MidiEvent* item)
        uint32_t size()
        uint64_t dropped()
    cdef cppclass InputRing "decltype(emohost::Shared::input)":
        cbool push(const InputEvent& item)
        cbool pop(InputEvent* item)
        uint64_t dropped()
    cdef cppclass TelemetryRing "decltype(emohost::Shared::telemetry)":
        cbool pop(BlockReport* item)
        uint32_t size()
        uint64_t dropped()
    cdef cppclass SharedMemory "emohost::Shared":
        AtomicU64 blocks
        AtomicU64 first_sound_frame
        LatestTime time
        CppEmotionRing emotion
        AtomicU64 emotion_taken
        AtomicU64 emotion_lost
        AtomicU64 emotion_torn
        AtomicU64 emotion_stale
        AtomicFloat emotion_share
        LatestContinuation continuation
        AtomicU64 input_taken
        AtomicU64 input_refused
        CommandRing command
        InputRing input
        EventRing event
        TelemetryRing telemetry
        void clear() noexcept
    const uint64_t kNoFrame
    cbool shared_valid "emohost::Shared::valid"(const void* memory, size_t length) noexcept
    SharedMemory* shared_format "emohost::Shared::format"(void* memory, size_t length) noexcept

cdef extern from "core/rt/memory.h" namespace "emohost::rt" nogil:
    string c_lock_memory "emohost::rt::lock_memory"() except +


cdef object _event_dtype():
    cdef MidiEvent row
    cdef char* start = <char*>&row
    return _dtype_at({
        "frame": ("u8", <char*>&row.frame - start),
        "bytes": (("u1", (3,)), <char*>&row.bytes - start),
        "size": ("u1", <char*>&row.size - start),
        "part": ("u1", <char*>&row.part - start),
    }, sizeof(MidiEvent))


cdef object _command_dtype():
    cdef Command row
    cdef char* start = <char*>&row
    return _dtype_at({
        "kind": ("u4", <char*>&row.kind - start),
        "parameter": ("u4", <char*>&row.parameter - start),
        "value": ("f4", <char*>&row.value - start),
        "place": ("u4", <char*>&row.place - start),
        "frame": ("u8", <char*>&row.frame - start),
    }, sizeof(Command))


cdef object _planned_dtype():
    """Two bars in a row."""
    cdef PlannedBar row
    cdef char* start = <char*>&row
    bar = _dtype_at({
        "strikes": ("4u4", <char*>&row.strikes[0] - start),
        "chords": ("7i1", <char*>&row.chords[0] - start),
        "flags": ("u1", <char*>&row.flags - start),
    }, sizeof(PlannedBar))
    return (bar, 2)


cdef object _planned_beat_dtype():
    cdef PlannedBeat row
    cdef char* start = <char*>&row
    return _dtype_at({
        "frame": ("u8", <char*>&row.frame - start),
        "tempo": ("f4", <char*>&row.tempo - start),
        "section": ("u2", <char*>&row.section - start),
        "material": ("u1", <char*>&row.material - start),
        "beat": ("u1", <char*>&row.beat - start),
        "beats_per_bar": ("u1", <char*>&row.beats_per_bar - start),
        "chord": ("i1", <char*>&row.chord - start),
        "tonic": ("i1", <char*>&row.tonic - start),
        "minor": ("u1", <char*>&row.minor - start),
        "plays": ("u1", <char*>&row.plays - start),
    }, sizeof(PlannedBeat))


cdef object _report_dtype():
    cdef BlockReport row
    cdef char* start = <char*>&row
    return _dtype_at({
        "block": ("u8", <char*>&row.block - start),
        "frame": ("u8", <char*>&row.frame - start),
        "started_ns": ("u8", <char*>&row.started_ns - start),
        "duration_ns": ("u4", <char*>&row.duration_ns - start),
        "frames": ("u4", <char*>&row.frames - start),
        "flags": ("u4", <char*>&row.flags - start),
        "dropped_events": ("u4", <char*>&row.dropped_events - start),
        "device_time": ("f8", <char*>&row.device_time - start),
        "valence": ("f4", <char*>&row.valence - start),
        "arousal": ("f4", <char*>&row.arousal - start),
        "audio_valence": ("f4", <char*>&row.audio_valence - start),
        "audio_arousal": ("f4", <char*>&row.audio_arousal - start),
        "level_db": ("f4", <char*>&row.level_db - start),
        "peak": ("f4", <char*>&row.peak - start),
        "key_clarity": ("f4", <char*>&row.key_clarity - start),
        "tempo": ("f4", <char*>&row.tempo - start),
        "tuning_cents": ("f4", <char*>&row.tuning_cents - start),
        "tonic": ("i1", <char*>&row.tonic - start),
        "minor": ("i1", <char*>&row.minor - start),
        "chord_heard": ("i1", <char*>&row.chord_heard - start),
        "chord_played": ("i1", <char*>&row.chord_played - start),
        "sounding": ("u2", <char*>&row.sounding - start),
        "step_in_bar": ("u2", <char*>&row.step_in_bar - start),
        "notes": ("u4", <char*>&row.notes - start),
        "onsets": ("u4", <char*>&row.onsets - start),
        "bad_samples": ("u4", <char*>&row.bad_samples - start),
        "beat": ("f4", <char*>&row.beat - start),
        "clock_confidence": ("f4", <char*>&row.clock_confidence - start),
        "clock": ("u1", <char*>&row.clock - start),
        "playing": ("u1", <char*>&row.playing - start),
        "beats_per_bar": ("u1", <char*>&row.beats_per_bar - start),
        "clock_lost": ("u1", <char*>&row.clock_lost - start),
        "chart_bar": ("i2", <char*>&row.chart_bar - start),
        "sound_confidence": ("f4", <char*>&row.sound_confidence - start),
        "sound": ("u1", <char*>&row.sound - start),
        "section": ("u2", <char*>&row.section - start),
        "material": ("u1", <char*>&row.material - start),
        "bar_in_section": ("u1", <char*>&row.bar_in_section - start),
        "bar_in_phrase": ("u1", <char*>&row.bar_in_phrase - start),
        "phrase_bars": ("u1", <char*>&row.phrase_bars - start),
        "style": ("u1", <char*>&row.style - start),
        "planned": (_planned_dtype(), <char*>&row.planned[0] - start),
        "planned_beat": (_planned_beat_dtype(), <char*>&row.planned_beat - start),
    }, sizeof(BlockReport))


PLANNED_FLAGS = {
    "planned": <uint8_t>kIsPlanned,
    "begins_section": <uint8_t>kBeginsSection,
    "ends_phrase": <uint8_t>kEndsPhrase,
    "melody_open": <uint8_t>kMelodyOpen,
}

event_dtype = _event_dtype()
command_dtype = _command_dtype()
report_dtype = _report_dtype()

MONOTONIC_CLOCK = monotonic_clock_name().decode()


def monotonic_ns():
    return c_monotonic_ns()


def lock_memory():
    return c_lock_memory().decode()


cdef class Shared:
    size = sizeof(SharedMemory)

    cdef Py_buffer buffer
    cdef bint exported
    cdef SharedMemory* memory
    cdef uint64_t damaged  # events taken that were none

    def __init__(self, buffer, bint create=False):
        if self.exported:
            raise ValueError("Shared is initialised once")
        PyObject_GetBuffer(buffer, &self.buffer, PyBUF_SIMPLE | PyBUF_WRITABLE)
        self.exported = True
        cdef size_t size = <size_t>self.buffer.len
        if size < sizeof(SharedMemory):
            raise ValueError(f"shared memory: expected at least {sizeof(SharedMemory)} bytes, found {size}")
        if <size_t>self.buffer.buf % 64:
            raise ValueError("shared memory: expected an address that is a multiple of 64, as mmap gives")
        if create:
            self.memory = shared_format(self.buffer.buf, size)
        elif shared_valid(self.buffer.buf, size):
            self.memory = <SharedMemory*>self.buffer.buf
        else:
            raise ValueError("shared memory: no rings of this version of emohost in it")

    def __dealloc__(self):
        if self.exported:
            PyBuffer_Release(&self.buffer)

    cdef SharedMemory* get(self) except NULL:
        if self.memory is NULL:
            raise ValueError("Shared was not initialised")
        return self.memory

    def set_parameter(self, str name, float value, uint64_t frame=0):
        return self._push(CommandKind.set_parameter, PARAMETERS[name], value, frame)

    def command(self, str kind, uint64_t frame=0):
        if kind not in COMMANDS:
            raise ValueError(f"command: expected one of {', '.join(COMMANDS)}, found {kind!r}")
        return self._push(<CommandKind><uint32_t>COMMANDS[kind], 0, 0.0, frame)

    def anchor(self, uint64_t frame, double tempo, double beat, int beats_per_bar=0):
        return self._push(CommandKind.anchor, 0, tempo, frame, pack_place(beat, beats_per_bar))

    def lead(self, str source, uint64_t frame=0):
        return self._push(CommandKind.lead, 0, _chosen("lead", source, CLOCK_SOURCES), frame)

    cdef bint _push(self, CommandKind kind, uint32_t parameter, float value, uint64_t frame, uint32_t place=0) except *:
        cdef Command command
        memset(&command, 0, sizeof(Command))
        command.kind = kind
        command.parameter = <Parameter>parameter
        command.value = value
        command.frame = frame
        command.place = place
        return self.get().command.push(command)

    def pop_events(self, Py_ssize_t limit=4096):
        cdef SharedMemory* memory = self.get()
        cdef MidiEvent event
        cdef Py_ssize_t taken = 0
        events = []
        while taken < limit and memory.event.pop(&event):
            taken += 1
            if 1 <= event.size <= 3:
                events.append(_event_tuple(&event))
            else:
                self.damaged += 1
        return events

    def pop_event_array(self, Py_ssize_t limit=4096):
        cdef SharedMemory* memory = self.get()
        cdef Py_ssize_t count = max(0, min(limit, <Py_ssize_t>memory.event.size())), i
        events = np.zeros(count, dtype=event_dtype)
        cdef uint8_t[::1] view = events.view(np.uint8)
        for i in range(count):
            memory.event.pop(<MidiEvent*>&view[i * <Py_ssize_t>sizeof(MidiEvent)])
        return events

    def pop_reports(self, Py_ssize_t limit=4096):
        cdef SharedMemory* memory = self.get()
        cdef Py_ssize_t count = max(0, min(limit, <Py_ssize_t>memory.telemetry.size())), i
        reports = np.zeros(count, dtype=report_dtype)
        cdef uint8_t[::1] view = reports.view(np.uint8)
        for i in range(count):
            memory.telemetry.pop(<BlockReport*>&view[i * <Py_ssize_t>sizeof(BlockReport)])
        return reports

    def time(self):
        cdef TimePoint point
        if not self.get().time.load(&point):
            return None
        return point.frame, point.device_time, point.monotonic_ns

    def continuation(self):
        cdef Continuation now
        if not self.get().continuation.load(&now):
            return None
        return {
            "step_frame": now.step_frame, "step_ns": now.step_ns, "bar": now.bar, "tempo": now.tempo,
            "reference_db": now.reference_db, "step_in_bar": now.step_in_bar, "tonic": now.tonic,
            "minor": bool(now.minor), "chord": now.chord, "sounding": bool(now.sounding), "running": bool(now.running),
            "plays": bool(now.plays), "beats_per_bar": now.beats_per_bar, "lately": now.lately,
        }

    @property
    def blocks(self):
        return self.get().blocks.load()

    @property
    def first_sound_frame(self):
        cdef uint64_t frame = self.get().first_sound_frame.load()
        return None if frame == kNoFrame else frame

    @property
    def dropped(self):
        cdef SharedMemory* memory = self.get()
        return {
            "emotion": memory.emotion_lost.load(),
            "command": memory.command.dropped(),
            "input": memory.input.dropped() + memory.input_refused.load(),
            "event": memory.event.dropped() + self.damaged,
            "telemetry": memory.telemetry.dropped(),
        }

    def clear(self):
        self.get().clear()

    @property
    def side_b(self):
        cdef SharedMemory* memory = self.get()
        return {
            "share": memory.emotion_share.load(),
            "taken": memory.emotion_taken.load(),
            "lost": memory.emotion_lost.load(),
            "torn": memory.emotion_torn.load(),
            "stale": memory.emotion_stale.load(),
        }

    def write_emotion(self, embedding, double weight=1.0, double ttl_s=_EMOTION_TTL_S):
        cdef EmotionMessage message
        _fill_emotion(&message, embedding, weight, ttl_s)
        return self.get().emotion.write(message)

    def push_event(self, uint64_t frame, bytes data, uint8_t part=0):
        if not 1 <= len(data) <= 3:
            raise ValueError(f"data: expected 1 to 3 MIDI bytes, found {len(data)}")
        cdef MidiEvent event
        cdef Py_ssize_t i
        memset(&event, 0, sizeof(MidiEvent))
        event.frame = frame
        event.size = <uint8_t>len(data)
        for i in range(len(data)):
            event.bytes[i] = data[i]
        event.part = part
        return self.get().event.push(event)

    def push_input(self, uint64_t frame, bytes data, uint8_t source=0):
        if not 1 <= len(data) <= 3:
            raise ValueError(f"data: expected 1 to 3 MIDI bytes, found {len(data)}")
        cdef InputEvent event
        cdef Py_ssize_t i
        memset(&event, 0, sizeof(InputEvent))
        event.frame = frame
        event.size = <uint8_t>len(data)
        for i in range(len(data)):
            event.bytes[i] = data[i]
        event.source = source
        return self.get().input.push(event)

    @property
    def inputs_taken(self):
        return self.get().input_taken.load()

    def pop_inputs(self):
        cdef InputEvent event
        events = []
        while self.get().input.pop(&event):
            events.append((event.frame, <bytes>(<const char*>event.bytes)[:event.size], event.source))
        return events


cdef tuple _event_tuple(const MidiEvent* event):
    return event.frame, <bytes>(<const char*>event.bytes)[:event.size], event.part
