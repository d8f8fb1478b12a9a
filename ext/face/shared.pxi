# The rings between host and engine: ext/core/shared.h.

from libcpp.utility cimport move

cdef extern from "core/messages.h" namespace "emohost" nogil:
    cdef enum class Parameter(uint32_t):
        pass
    cdef enum class CommandKind(uint32_t):
        set_parameter, panic, transport_start, transport_stop
    cdef struct Command:
        CommandKind kind
        Parameter parameter
        float value
        uint32_t reserved
    cdef struct MidiEvent:
        uint64_t frame
        uint8_t bytes[3]
        uint8_t size
        uint8_t part
    cdef struct BlockReport:
        uint64_t block
    cdef struct TimePoint:
        uint64_t frame
        double device_time
        uint64_t monotonic_ns

cdef extern from "core/shared.h" namespace "emohost" nogil:
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
        CommandRing command
        EventRing event
        TelemetryRing telemetry
        void clear() noexcept
    const uint64_t kNoFrame
    cbool shared_valid "emohost::Shared::valid"(const void* memory, size_t length) noexcept
    SharedMemory* shared_format "emohost::Shared::format"(void* memory, size_t length) noexcept

cdef extern from "core/rt/memory.h" namespace "emohost::rt" nogil:
    string c_lock_memory "emohost::rt::lock_memory"() except +


def _c_layout(fields, size_t size):
    """The dtype of a C struct: fields aligned as C does, checked against sizeof."""
    dtype = np.dtype(fields, align=True)
    assert dtype.itemsize == size, f"{dtype.itemsize} bytes in numpy, {size} in C++"
    return dtype


event_dtype = np.dtype({
    "names": ["frame", "bytes", "size", "part"],
    "formats": ["u8", ("u1", (3,)), "u1", "u1"],
    "offsets": [0, 8, 11, 12],
    "itemsize": sizeof(MidiEvent),
})
command_dtype = _c_layout([("kind", "u4"), ("parameter", "u4"), ("value", "f4"), ("reserved", "u4")], sizeof(Command))
report_dtype = _c_layout(
    [
        ("block", "u8"), ("frame", "u8"), ("started_ns", "u8"), ("duration_ns", "u4"), ("frames", "u4"),
        ("flags", "u4"), ("dropped_events", "u4"), ("device_time", "f8"), ("valence", "f4"), ("arousal", "f4"),
        ("audio_valence", "f4"), ("audio_arousal", "f4"), ("level_db", "f4"), ("peak", "f4"), ("key_clarity", "f4"),
        ("tempo", "f4"), ("tuning_cents", "f4"), ("tonic", "i1"), ("minor", "i1"), ("chord_heard", "i1"),
        ("chord_played", "i1"), ("sounding", "u2"), ("step_in_bar", "u2"), ("notes", "u4"), ("onsets", "u4"),
        ("bad_samples", "u4"),
    ],
    sizeof(BlockReport),
)

PARAMETERS = {
    name: number
    for number, name in enumerate([
        "tempo", "density", "velocity", "transpose", "melody_enabled", "chords_enabled", "bass_enabled",
        "drums_enabled", "accents_enabled", "emotion_weight",
    ])
}
FLAGS = {
    "input_underflow": 1 << 0, "input_overflow": 1 << 1, "output_underflow": 1 << 2, "output_overflow": 1 << 3,
    "priming_output": 1 << 4, "not_a_number": 1 << 8, "null_input": 1 << 9, "event_ring_full": 1 << 10,
    "hop": 1 << 11, "step": 1 << 12, "oversized_block": 1 << 13, "shed_evaluations": 1 << 14,
    "shed_listening": 1 << 15, "shed_networks": 1 << 16,
}
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

    def set_parameter(self, str name, float value):
        cdef Command command
        command.kind = CommandKind.set_parameter
        command.parameter = <Parameter><uint32_t>PARAMETERS[name]
        command.value = value
        command.reserved = 0
        return self.get().command.push(command)

    def command(self, str kind):
        cdef Command command
        if kind == "panic":
            command.kind = CommandKind.panic
        elif kind == "transport_start":
            command.kind = CommandKind.transport_start
        elif kind == "transport_stop":
            command.kind = CommandKind.transport_stop
        else:
            raise ValueError(f"command: expected 'panic', 'transport_start' or 'transport_stop', found {kind!r}")
        command.parameter = <Parameter>0
        command.value = 0
        command.reserved = 0
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


cdef tuple _event_tuple(const MidiEvent* event):
    return event.frame, <bytes>(<const char*>event.bytes)[:event.size], event.part
