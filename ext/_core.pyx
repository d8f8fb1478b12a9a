# cython: language_level=3
"""The native core's only face in Python. Types and docs of every name are in src/emohost/_core.pyi."""

import numpy as np

# --- networks (nn/) ------------------------------------------------------------------------------------------------

from libcpp cimport bool as cpp_bool
from libcpp.memory cimport unique_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector

cdef extern from "core/nn/model.h" namespace "emohost::nn" nogil:
    cdef enum class Activation:
        linear, tanh, relu, sigmoid, softmax, elu

    cdef enum class LayerKind:
        dense, lstm, gru, conv1d, conv2d, batchnorm, prelu, activation

    cdef enum class Isa:
        automatic, plain, avx2, avx512, neon

    cdef cppclass LayerSpec:
        LayerKind kind
        Activation activation
        int inputs
        int outputs
        vector[vector[float]] weights
        int kernel_size
        int dilation
        int groups
        int kernel_size_feature
        int stride
        int filters_in
        int features_in
        int filters_out
        cpp_bool same_padding
        float epsilon
        string label

    cdef cppclass CppModel "emohost::nn::Model":
        int inputs()
        int outputs()
        size_t parameters()
        size_t memory_bytes()
        Isa isa()
        void evaluate(const float* x, float* y)
        void commit()
        void reset()

    unique_ptr[CppModel] build_model(int inputs, const vector[LayerSpec]& layers, Isa isa, string* error) except +
    vector[Isa] cpp_available_isas "emohost::nn::available_isas"() except +
    const char* isa_name "emohost::nn::name"(Isa isa)


# By name, in the order of kinds.h.
_ACTIVATIONS = {name: value for value, name in enumerate("linear tanh relu sigmoid softmax elu".split())}
_LAYER_KINDS = {
    name: value for value, name in enumerate("dense lstm gru conv1d conv2d batchnorm prelu activation".split())
}
_ISAS = {name: value for value, name in enumerate("automatic plain avx2 avx512 neon".split())}


def available_isas():
    return [isa_name(isa).decode() for isa in cpp_available_isas()]


cdef LayerSpec _layer_spec(object layer) except *:
    """A LayerSpec from a dict of its fields; `kind` and `activation` by name."""
    cdef LayerSpec spec
    cdef vector[float] array
    cdef const float[::1] values
    cdef Py_ssize_t size
    for key, value in layer.items():
        if key == "kind":
            spec.kind = <LayerKind><int>_LAYER_KINDS[value]
        elif key == "activation":
            spec.activation = <Activation><int>_ACTIVATIONS[value]
        elif key == "weights":
            for weights in value:
                values = np.ascontiguousarray(weights, dtype=np.float32).reshape(-1)
                size = values.shape[0]
                array.clear()
                if size:
                    array.assign(&values[0], &values[0] + size)
                spec.weights.push_back(array)
        elif key == "inputs":
            spec.inputs = value
        elif key == "outputs":
            spec.outputs = value
        elif key == "kernel_size":
            spec.kernel_size = value
        elif key == "dilation":
            spec.dilation = value
        elif key == "groups":
            spec.groups = value
        elif key == "kernel_size_feature":
            spec.kernel_size_feature = value
        elif key == "stride":
            spec.stride = value
        elif key == "filters_in":
            spec.filters_in = value
        elif key == "features_in":
            spec.features_in = value
        elif key == "filters_out":
            spec.filters_out = value
        elif key == "same_padding":
            spec.same_padding = value
        elif key == "epsilon":
            spec.epsilon = value
        elif key == "label":
            spec.label = value.encode()
        else:
            raise ValueError(f"a layer has no field {key!r}")
    return spec


cdef class Model:
    cdef unique_ptr[CppModel] model

    def __init__(self, int inputs, layers, isa="automatic"):
        if isa not in _ISAS:
            raise ValueError(f"instruction set: expected one of {', '.join(_ISAS)}, found {isa!r}")
        cdef vector[LayerSpec] specs
        cdef string error
        for index, layer in enumerate(layers):
            try:
                specs.push_back(_layer_spec(layer))
            except (KeyError, OverflowError, TypeError) as mistake:
                raise ValueError(f"layer {index}: {mistake}") from None
        self.model = build_model(inputs, specs, <Isa><int>_ISAS[isa], &error)
        if not self.model:
            raise ValueError(error.decode())

    cdef CppModel* get(self) except NULL:
        if not self.model:
            raise RuntimeError("this network was handed over to an engine and cannot be used here any more")
        return self.model.get()

    @property
    def inputs(self):
        return self.get().inputs()

    @property
    def outputs(self):
        return self.get().outputs()

    @property
    def parameters(self):
        return self.get().parameters()

    @property
    def memory_bytes(self):
        return self.get().memory_bytes()

    @property
    def isa(self):
        return isa_name(self.get().isa()).decode()

    def process(self, x):
        cdef CppModel* model = self.get()
        cdef const float[:, ::1] steps = np.ascontiguousarray(x, dtype=np.float32)
        cdef Py_ssize_t count = steps.shape[0]
        cdef Py_ssize_t inputs = model.inputs(), outputs = model.outputs()
        cdef Py_ssize_t step
        if steps.shape[1] != inputs:
            raise ValueError(f"expected (steps, {inputs}), found ({count}, {steps.shape[1]})")
        result = np.empty((count, outputs), dtype=np.float32)
        if count == 0:
            return result
        cdef float[:, ::1] results = result
        cdef const float* first = &steps[0, 0]
        cdef float* out = &results[0, 0]
        with nogil:
            for step in range(count):
                model.evaluate(first + step * inputs, out + step * outputs)
                model.commit()
        return result

    def evaluate(self, x):
        cdef CppModel* model = self.get()
        cdef const float[::1] values = np.ascontiguousarray(x, dtype=np.float32)
        if values.shape[0] != model.inputs():
            raise ValueError(f"expected ({model.inputs()},), found ({values.shape[0]},)")
        result = np.empty(model.outputs(), dtype=np.float32)
        cdef float[::1] results = result
        cdef const float* first = &values[0]
        cdef float* out = &results[0]
        with nogil:
            model.evaluate(first, out)
        return result

    def commit(self):
        self.get().commit()

    def reset(self):
        self.get().reset()

# --- hearing (dsp/) ------------------------------------------------------------------------------------------------

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

cdef extern from "core/dsp/listener.h" namespace "emohost::dsp" nogil:
    cdef enum class Layout:
        mel128, emohost1

    cdef cppclass ListenerSettings:
        double sample_rate
        Layout layout
        double window_s
        double hop_s
        double fmin_hz
        double fmax_hz
        float gate_db
        float reference_db
        double calibration_s

    cdef cppclass Heard:
        uint64_t hops
        float features[128]
        float chroma[12]
        float chroma_long[12]
        float tuning_cents
        int tonic
        cpp_bool minor
        float key_clarity
        int chord
        float level_db
        float level
        float onset_strength
        float onset_density
        float brightness
        float flatness
        float articulation
        float pitch_register
        float pulse
        cpp_bool sounding

    cdef cppclass HeardAt:
        Heard heard
        uint64_t frame

    cdef cppclass Tick:
        cpp_bool due
        cpp_bool hop
        cpp_bool onset

    cdef cppclass CppListener "emohost::dsp::Listener":
        int until_tick()
        Tick push(const float* mono, int n)
        const Heard& heard()
        void reset()
        size_t memory_bytes()

    unique_ptr[CppListener] make_listener(const ListenerSettings& settings, const char** error) except +

_LAYOUTS = {"mel128": 0, "emohost1": 1}


cdef object _heard_dtype():
    """The memory of HeardAt as a structured dtype."""
    cdef HeardAt row
    cdef char* start = <char*>&row
    fields = {
        "hops": ("u8", <char*>&row.heard.hops - start),
        "features": (("f4", (128,)), <char*>&row.heard.features - start),
        "chroma": (("f4", (12,)), <char*>&row.heard.chroma - start),
        "chroma_long": (("f4", (12,)), <char*>&row.heard.chroma_long - start),
        "tuning_cents": ("f4", <char*>&row.heard.tuning_cents - start),
        "tonic": ("i4", <char*>&row.heard.tonic - start),
        "minor": ("?", <char*>&row.heard.minor - start),
        "key_clarity": ("f4", <char*>&row.heard.key_clarity - start),
        "chord": ("i4", <char*>&row.heard.chord - start),
        "level_db": ("f4", <char*>&row.heard.level_db - start),
        "level": ("f4", <char*>&row.heard.level - start),
        "onset_strength": ("f4", <char*>&row.heard.onset_strength - start),
        "onset_density": ("f4", <char*>&row.heard.onset_density - start),
        "brightness": ("f4", <char*>&row.heard.brightness - start),
        "flatness": ("f4", <char*>&row.heard.flatness - start),
        "articulation": ("f4", <char*>&row.heard.articulation - start),
        "pitch_register": ("f4", <char*>&row.heard.pitch_register - start),
        "pulse": ("f4", <char*>&row.heard.pulse - start),
        "sounding": ("?", <char*>&row.heard.sounding - start),
        "frame": ("u8", <char*>&row.frame - start),
    }
    return np.dtype(
        {
            "names": list(fields),
            "formats": [format for format, _ in fields.values()],
            "offsets": [offset for _, offset in fields.values()],
            "itemsize": sizeof(HeardAt),
        }
    )


heard_dtype = _heard_dtype()


cdef ListenerSettings _listener_settings(double sample_rate, object settings) except *:
    """ListenerSettings from a dict of its fields; `layout` by name."""
    cdef ListenerSettings result
    result.sample_rate = sample_rate
    for key, value in settings.items():
        if key == "layout":
            if value not in _LAYOUTS:
                raise ValueError(f"layout: expected one of {', '.join(_LAYOUTS)}, found {value!r}")
            result.layout = <Layout><int>_LAYOUTS[value]
        elif key == "window_s":
            result.window_s = value
        elif key == "hop_s":
            result.hop_s = value
        elif key == "fmin_hz":
            result.fmin_hz = value
        elif key == "fmax_hz":
            result.fmax_hz = value
        elif key == "gate_db":
            result.gate_db = value
        elif key == "reference_db":
            result.reference_db = value
        elif key == "calibration_s":
            result.calibration_s = value
        else:
            raise ValueError(f"a listener has no setting {key!r}")
    return result


cdef class Listener:
    cdef unique_ptr[CppListener] listener
    cdef uint64_t frame
    cdef vector[int64_t] onset_frames

    def __init__(self, double sample_rate, **settings):
        cdef ListenerSettings checked = _listener_settings(sample_rate, settings)
        cdef const char* error = NULL
        self.listener = make_listener(checked, &error)
        if not self.listener:
            raise ValueError(error.decode())
        self.frame = 0

    def process(self, mono):
        array = np.ascontiguousarray(mono, dtype=np.float32)
        if array.ndim != 1:
            raise ValueError(f"expected mono samples of shape (frames,), found shape {array.shape}")
        if not np.isfinite(array).all():
            raise ValueError("expected finite samples, found NaN or infinity")
        cdef const float[::1] samples = array
        cdef Py_ssize_t at = 0, size = samples.shape[0]
        cdef int n
        cdef Tick tick
        cdef HeardAt row
        cdef vector[HeardAt] rows
        with nogil:
            while at < size:
                n = self.listener.get().until_tick()
                if n > size - at:
                    n = <int>(size - at)
                tick = self.listener.get().push(&samples[at], n)
                at += n
                self.frame += n
                if tick.onset:
                    self.onset_frames.push_back(<int64_t>self.frame)
                if tick.hop:
                    row.heard = self.listener.get().heard()
                    row.frame = self.frame
                    rows.push_back(row)
        result = np.zeros(rows.size(), dtype=heard_dtype)
        cdef char[::1] memory
        if rows.size():
            memory = result.view(np.int8)
            memcpy(&memory[0], rows.data(), rows.size() * sizeof(HeardAt))
        return result

    def onsets(self):
        result = np.array(self.onset_frames, dtype=np.int64)
        self.onset_frames.clear()
        return result

    def reset(self):
        self.listener.get().reset()
        self.frame = 0
        self.onset_frames.clear()

    @property
    def memory_bytes(self):
        return self.listener.get().memory_bytes()


# --- emotion (emotion.h) -------------------------------------------------------------------------------------------

cdef extern from "core/emotion.h" namespace "emohost" nogil:
    cdef struct Emotion:
        float valence
        float arousal
    void c_encode "emohost::encode"(Emotion emotion, float* embedding) noexcept
    Emotion c_decode "emohost::decode"(const float* embedding) noexcept
    void c_blend "emohost::blend"(const float* a, const float* b, float weight, float* out) noexcept


cdef float _emotion_number(str name, double value) except? -2:
    if value != value:
        raise ValueError(f"{name} is NaN; a number expected")
    return <float>min(max(value, -1.0), 1.0)


def _emotion_embedding(str name, value):
    array = np.ascontiguousarray(value, dtype=np.float32)
    if array.shape != (64,):
        raise ValueError(f"{name} must have shape (64,), found {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; finite numbers expected")
    return array


def encode_emotion(double valence, double arousal):
    cdef Emotion emotion
    emotion.valence = _emotion_number("valence", valence)
    emotion.arousal = _emotion_number("arousal", arousal)
    out = np.empty(64, dtype=np.float32)
    cdef float[::1] view = out
    c_encode(emotion, &view[0])
    return out


def decode_emotion(embedding):
    cdef const float[::1] view = _emotion_embedding("embedding", embedding)
    cdef Emotion emotion = c_decode(&view[0])
    return emotion.valence, emotion.arousal


def blend_emotion(a, b, double weight):
    if weight != weight:
        raise ValueError("weight is NaN; a number expected")
    cdef const float[::1] first = _emotion_embedding("a", a)
    cdef const float[::1] second = _emotion_embedding("b", b)
    out = np.empty(64, dtype=np.float32)
    cdef float[::1] view = out
    c_blend(&first[0], &second[0], <float>min(max(weight, 0.0), 1.0), &view[0])
    return out

# --- engine (engine.h, shared.h) -----------------------------------------------------------------------------------

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset
from libcpp cimport bool as cbool
from libcpp.utility cimport move


cdef extern from "core/messages.h" namespace "emohost" nogil:
    cdef struct EmotionMessage:
        float embedding[64]
        float weight
        float ttl_s
        uint64_t sequence
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
    cdef cppclass EmotionRing "decltype(emohost::Shared::emotion)":
        cbool push(const EmotionMessage& item)
        uint64_t dropped()
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
        EmotionRing emotion
        CommandRing command
        EventRing event
        TelemetryRing telemetry
        void clear() noexcept
    const uint64_t kNoFrame
    cbool shared_valid "emohost::Shared::valid"(const void* memory, size_t size) noexcept
    SharedMemory* shared_format "emohost::Shared::format"(void* memory, size_t size) noexcept

cdef extern from "core/rt/clock.h" namespace "emohost::rt" nogil:
    uint64_t c_monotonic_ns "emohost::rt::monotonic_ns"() noexcept
    const char* monotonic_clock_name() noexcept

cdef extern from "core/rt/memory.h" namespace "emohost::rt" nogil:
    const char* c_lock_memory "emohost::rt::lock_memory"() noexcept


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
    "hop": 1 << 11, "step": 1 << 12, "oversized_block": 1 << 13,
}
MONOTONIC_CLOCK = monotonic_clock_name().decode()


def monotonic_ns():
    return c_monotonic_ns()


def lock_memory():
    cdef const char* refusal = c_lock_memory()
    return None if refusal is NULL else refusal.decode()


cdef class Shared:
    size = sizeof(SharedMemory)

    cdef Py_buffer buffer
    cdef bint exported
    cdef SharedMemory* memory
    cdef uint64_t sequence

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
        events = []
        while len(events) < limit and memory.event.pop(&event):
            events.append(_event_tuple(&event))
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
            "emotion": memory.emotion.dropped(),
            "command": memory.command.dropped(),
            "event": memory.event.dropped(),
            "telemetry": memory.telemetry.dropped(),
        }

    def clear(self):
        self.get().clear()

    def write_emotion(self, embedding, float weight=1.0, float ttl_s=5.0):
        cdef const float[::1] values = _emotion_embedding("embedding", embedding)
        if not 0.0 <= weight <= 1.0:
            raise ValueError(f"weight: expected 0 to 1, found {weight}")
        if not 0.0 <= ttl_s <= 1e6:
            raise ValueError(f"ttl_s: expected 0 to 1e6 seconds, found {ttl_s}")
        cdef EmotionMessage message
        cdef int i
        for i in range(64):
            message.embedding[i] = values[i]
        message.weight = weight
        message.ttl_s = ttl_s
        self.sequence += 1
        message.sequence = self.sequence
        return self.get().emotion.push(message)

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


cdef extern from "core/music/musician.h" namespace "emohost::music" nogil:
    cdef enum class ControlSource(int):
        pass
    cdef struct PartSettings:
        cbool enabled
        int channel
        int low
        int high
        int program
        float density
        float velocity
    cdef struct ControlSettings:
        ControlSource source
        int channel
        int controller
        int low
        int high
    const int kMaxControls
    cdef cppclass MusicianSettings:
        double sample_rate
        uint64_t seed
        double tempo
        int beats_per_bar
        cbool when_heard
        int tonic
        cbool minor
        float humanise
        double control_interval_s
        PartSettings parts[5]
        ControlSettings controls[32]
        int control_count

cdef extern from "core/engine.h" namespace "emohost" nogil:
    cdef cppclass EngineSettings:
        double sample_rate
        int max_block
        int channels_in
        int channels_out
        cbool pass_through
        ListenerSettings listener
        MusicianSettings music
    cdef cppclass Hop:
        pass
    cdef cppclass NetworkArray "emohost::Networks":
        unique_ptr[CppModel]& operator[](size_t role)
    cdef cppclass CppEngine "emohost::Engine":
        CppEngine(const EngineSettings& settings, NetworkArray networks, SharedMemory& shared) except +
        void process(const float* input, float* output, int frames)
        cbool offer(NetworkArray networks) except +
        int collect()
        uint64_t frame()
        size_t memory_bytes()
    void* portaudio_callback "(void*)&emohost::Engine::portaudio_callback"

cdef extern from "core/offline.h" namespace "emohost" nogil:
    cdef cppclass Rendering:
        vector[MidiEvent] events
        vector[BlockReport] reports
        vector[Hop] hops
    void c_render "emohost::render"(
        CppEngine& engine, const float* audio, uint64_t frames, int block_size, Rendering* rendering) except +
    void c_finish "emohost::finish"(CppEngine& engine, Rendering* rendering) except +

cdef extern from "core/pacer.h" namespace "emohost" nogil:
    cdef enum class Signal:
        silence, noise
    cdef cppclass CppPacer "emohost::Pacer":
        CppPacer(CppEngine& engine, int block_size, cbool paced) except +
        void start() except +
        uint64_t feed(const float* audio, uint64_t frames)
        void end()
        void feed_signal(Signal signal, uint64_t seed, double level_db) except +
        void stop()
        cbool running()
        cbool realtime()
        uint64_t underflows()
        uint64_t late()

cdef extern from "core/measure.h" namespace "emohost" nogil:
    const int kTrapKinds
    const char** kTrapNames
    cdef cppclass Measured:
        uint64_t blocks
        cbool trapped
        uint64_t calls[8]
        cbool faults_known
        uint64_t page_faults
        vector[uint32_t] durations_ns
    Measured c_measure "emohost::measure"(
        CppEngine& engine, const float* audio, uint64_t frames, const vector[int]& block_sizes) except +


_ROLES = ("emotion", "melody", "harmony", "dynamics", "groove")
_PARTS = ("melody", "chords", "bass", "drums", "accents")
_CONTROL_SOURCES = (
    "valence", "arousal", "level", "expression", "brightness", "modulation", "reverb", "chorus", "attack", "release",
)
_SIGNALS = {"silence": <int>Signal.silence, "noise": <int>Signal.noise}


cdef class _Fields:
    """A mapping whose keys are taken one by one; what is missing or left over is an error that names it."""
    cdef str place
    cdef dict rest

    def __init__(self, str place, fields):
        self.place = place
        self.rest = dict(fields)

    cdef take(self, str name):
        if name not in self.rest:
            raise ValueError(f"{self.place}: {name!r} is missing")
        return self.rest.pop(name)

    cdef done(self):
        if self.rest:
            raise ValueError(f"{self.place}: unknown {', '.join(map(repr, self.rest))}")


cdef void _part_settings(PartSettings* part, str name, object given) except *:
    cdef _Fields fields = _Fields(f"music.parts.{name}", given)
    part.enabled = fields.take("enabled")
    part.channel = fields.take("channel")
    part.low = fields.take("low")
    part.high = fields.take("high")
    part.program = fields.take("program")
    part.density = fields.take("density")
    part.velocity = fields.take("velocity")
    fields.done()


cdef void _control_settings(ControlSettings* control, int index, object given) except *:
    cdef _Fields fields = _Fields(f"music.controls[{index}]", given)
    source = fields.take("source")
    if source not in _CONTROL_SOURCES:
        raise ValueError(f"music.controls[{index}].source: expected one of {', '.join(_CONTROL_SOURCES)}, found {source!r}")
    control.source = <ControlSource><int>_CONTROL_SOURCES.index(source)
    control.channel = fields.take("channel")
    control.controller = fields.take("controller")
    control.low = fields.take("low")
    control.high = fields.take("high")
    fields.done()


cdef void _music_settings(MusicianSettings* music, double sample_rate, object given) except *:
    cdef _Fields fields = _Fields("music", given)
    cdef _Fields parts = _Fields("music.parts", fields.take("parts"))
    cdef int i
    music.sample_rate = sample_rate
    music.seed = fields.take("seed")
    music.tempo = fields.take("tempo")
    music.beats_per_bar = fields.take("beats_per_bar")
    music.when_heard = fields.take("when_heard")
    music.tonic = fields.take("tonic")
    music.minor = fields.take("minor")
    music.humanise = fields.take("humanise")
    music.control_interval_s = fields.take("control_interval_s")
    for i in range(len(_PARTS)):
        _part_settings(&music.parts[i], _PARTS[i], parts.take(_PARTS[i]))
    parts.done()
    controls = fields.take("controls")
    if len(controls) > kMaxControls:
        raise ValueError(f"music.controls: expected at most {kMaxControls}, found {len(controls)}")
    for i in range(len(controls)):
        _control_settings(&music.controls[i], i, controls[i])
    music.control_count = len(controls)
    fields.done()


cdef EngineSettings _engine_settings(object given) except *:
    cdef EngineSettings settings
    cdef _Fields fields = _Fields("engine settings", given)
    settings.sample_rate = fields.take("sample_rate")
    settings.max_block = fields.take("max_block")
    settings.channels_in = fields.take("channels_in")
    settings.channels_out = fields.take("channels_out")
    settings.pass_through = fields.take("pass_through")
    settings.listener = _listener_settings(settings.sample_rate, fields.take("listener"))
    _music_settings(&settings.music, settings.sample_rate, fields.take("music"))
    fields.done()
    return settings


cdef list _models(object networks):
    """One Model or None per role, in order; each Model once, none handed over before."""
    unknown = set(networks) - set(_ROLES)
    if unknown:
        raise ValueError(f"networks: unknown {', '.join(map(repr, sorted(unknown)))}")
    models = [networks.get(role) for role in _ROLES]
    for role, model in zip(_ROLES, models):
        if model is not None:
            if not isinstance(model, Model):
                raise TypeError(f"{role}: expected a Model or None, found {type(model).__name__}")
            (<Model>model).get()
            if sum(model is other for other in models) > 1:
                raise ValueError(f"{role}: the same Model stands for two roles")
    return models


cdef void _move_in(list models, NetworkArray* networks) noexcept:
    cdef int role
    for role in range(5):
        if models[role] is not None:
            networks[0][role] = move((<Model>models[role]).model)


cdef void _move_back(list models, NetworkArray* networks) noexcept:
    cdef int role
    for role in range(5):
        if models[role] is not None:
            (<Model>models[role]).model = move(networks[0][role])


cdef list _event_list(const vector[MidiEvent]& events):
    cdef size_t i
    return [_event_tuple(&events[i]) for i in range(events.size())]


cdef object _rows(const void* data, size_t count, object dtype):
    """A copy of `count` structs as an array."""
    rows = np.zeros(count, dtype=dtype)
    cdef uint8_t[::1] view
    if count:
        view = rows.view(np.uint8)
        memcpy(&view[0], data, count * <size_t>dtype.itemsize)
    return rows


cdef const float[:, ::1] _frames(str name, object audio, int channels):
    array = np.ascontiguousarray(audio, dtype=np.float32)
    if array.ndim == 1 and channels == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] != channels:
        raise ValueError(f"{name}: expected shape (frames, {channels}), found {array.shape}")
    return array


cdef class Engine:
    cdef unique_ptr[CppEngine] engine
    cdef Shared rings  # keeps the memory alive
    cdef Rendering rendering
    cdef readonly int channels_in
    cdef readonly int channels_out
    cdef readonly int max_block
    cdef readonly double sample_rate

    def __init__(self, settings, networks, Shared shared=None):
        if self.engine:
            raise ValueError("Engine is initialised once")
        cdef EngineSettings c_settings = _engine_settings(settings)
        if shared is None:
            memory = np.zeros(sizeof(SharedMemory) + 64, dtype=np.uint8)
            offset = -memory.ctypes.data % 64
            shared = Shared(memory[offset : offset + sizeof(SharedMemory)], create=True)
        cdef list models = _models(networks)
        cdef NetworkArray moved
        _move_in(models, &moved)
        try:
            self.engine.reset(new CppEngine(c_settings, move(moved), shared.get()[0]))
        except BaseException:
            _move_back(models, &moved)
            raise
        self.rings = shared
        self.channels_in = c_settings.channels_in
        self.channels_out = c_settings.channels_out
        self.max_block = c_settings.max_block
        self.sample_rate = c_settings.sample_rate

    cdef CppEngine* get(self) except NULL:
        if not self.engine:
            raise ValueError("Engine was not initialised")
        return self.engine.get()

    @property
    def shared(self):
        return self.rings

    @property
    def callback(self):
        return <size_t>portaudio_callback

    @property
    def user_data(self):
        return <size_t>self.get()

    @property
    def frame(self):
        return self.get().frame()

    @property
    def memory_bytes(self):
        return self.get().memory_bytes()

    def process(self, block, frames=None):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples
        cdef float[:, ::1] out
        cdef const float* source = NULL
        cdef float* target = NULL
        cdef int count
        if block is None:
            if frames is None or frames < 0:
                raise ValueError(f"frames: expected how many the missing block has, found {frames!r}")
            count = frames
        else:
            samples = _frames("block", block, self.channels_in)
            count = <int>samples.shape[0]
            if frames is not None and frames != count:
                raise ValueError(f"frames: expected {count}, as the block has, found {frames}")
            if count:
                source = &samples[0, 0]
            else:
                source = &_NOTHING
        result = None
        if self.channels_out:
            result = np.empty((count, self.channels_out), dtype=np.float32)
            out = result
            if count:
                target = &out[0, 0]
        with nogil:
            engine.process(source, target, count)
        return result

    def render(self, audio, int block_size):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples = _frames("audio", audio, self.channels_in)
        cdef uint64_t frames = samples.shape[0]
        if not 1 <= block_size:
            raise ValueError(f"block_size: expected at least 1, found {block_size}")
        if frames:
            with nogil:
                c_render(engine[0], &samples[0, 0], frames, block_size, &self.rendering)
        return self._take_events()

    def finish(self):
        cdef CppEngine* engine = self.get()
        with nogil:
            c_finish(engine[0], &self.rendering)
        return self._take_events()

    cdef list _take_events(self):
        events = _event_list(self.rendering.events)
        self.rendering.events.clear()
        return events

    def take_reports(self):
        reports = _rows(self.rendering.reports.data(), self.rendering.reports.size(), report_dtype)
        self.rendering.reports = vector[BlockReport]()
        return reports

    def take_hops(self):
        hops = _rows(self.rendering.hops.data(), self.rendering.hops.size(), hop_dtype)
        self.rendering.hops = vector[Hop]()
        return hops

    def offer(self, networks):
        cdef CppEngine* engine = self.get()
        cdef list models = _models(networks)
        cdef NetworkArray moved
        cdef bint taken = False
        _move_in(models, &moved)
        try:
            taken = engine.offer(move(moved))
        finally:
            if not taken:
                _move_back(models, &moved)
        return taken

    def collect(self):
        return self.get().collect()

    def measure(self, audio, block_sizes):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples = _frames("audio", audio, self.channels_in)
        cdef uint64_t frames = samples.shape[0]
        cdef vector[int] sizes = block_sizes
        cdef Measured measured
        if not frames or sizes.empty() or min(sizes) < 1:
            raise ValueError("measure needs at least one frame and block sizes of at least 1")
        with nogil:
            measured = c_measure(engine[0], &samples[0, 0], frames, sizes)
        return {
            "blocks": measured.blocks,
            "calls": {kTrapNames[i].decode(): measured.calls[i] for i in range(kTrapKinds)} if measured.trapped else None,
            "page_faults": measured.page_faults if measured.faults_known else None,
            "durations_ns": _rows(measured.durations_ns.data(), measured.durations_ns.size(), np.dtype(np.uint32)),
        }


cdef float _NOTHING = 0.0  # an empty block is not a missing one

hop_dtype = np.dtype({
    "names": [*heard_dtype.names, "embedding"],
    "formats": [*(heard_dtype.fields[name][0] for name in heard_dtype.names), ("f4", (64,))],
    "offsets": [*(heard_dtype.fields[name][1] for name in heard_dtype.names), heard_dtype.itemsize],
    "itemsize": sizeof(Hop),
})


cdef class Pacer:
    cdef unique_ptr[CppPacer] pacer
    cdef Engine engine  # outlives the thread

    def __init__(self, Engine engine, int block_size, bint paced=True):
        if self.pacer:
            raise ValueError("Pacer is initialised once")
        self.engine = engine
        self.pacer.reset(new CppPacer(engine.get()[0], block_size, paced))

    def __dealloc__(self):
        # The thread never needs the interpreter: joining it here cannot lock up.
        self.pacer.reset()

    cdef CppPacer* get(self) except NULL:
        if not self.pacer:
            raise ValueError("Pacer was not initialised")
        return self.pacer.get()

    def start(self):
        self.get().start()

    def feed(self, audio):
        cdef CppPacer* pacer = self.get()
        cdef const float[:, ::1] samples = _frames("audio", audio, self.engine.channels_in)
        cdef uint64_t frames = samples.shape[0], fitted = 0
        if frames:
            with nogil:
                fitted = pacer.feed(&samples[0, 0], frames)
        return fitted

    def end(self):
        self.get().end()

    def feed_signal(self, str kind, uint64_t seed=0, double level_db=-20.0):
        if kind not in _SIGNALS:
            raise ValueError(f"kind: expected 'silence' or 'noise', found {kind!r}")
        self.get().feed_signal(<Signal><int>_SIGNALS[kind], seed, level_db)

    def stop(self):
        cdef CppPacer* pacer = self.get()
        with nogil:
            pacer.stop()

    @property
    def running(self):
        return self.get().running()

    @property
    def realtime(self):
        return self.get().realtime()

    @property
    def underflows(self):
        return self.get().underflows()

    @property
    def late(self):
        return self.get().late()
