# Hearing: ext/core/dsp.

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
        float mode
        int chord
        float level_db
        float level
        float onset_strength
        float onset_density
        float brightness
        float flatness
        float articulation
        float pitch_register
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

cdef extern from "core/dsp/chord.h" namespace "emohost::dsp" nogil:
    cdef cppclass ChordFinder:
        ChordFinder(double step_s) except +
        void update(const float* upper, const float* bass) noexcept
        int chord() noexcept

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
        "mode": ("f4", <char*>&row.heard.mode - start),
        "chord": ("i4", <char*>&row.heard.chord - start),
        "level_db": ("f4", <char*>&row.heard.level_db - start),
        "level": ("f4", <char*>&row.heard.level - start),
        "onset_strength": ("f4", <char*>&row.heard.onset_strength - start),
        "onset_density": ("f4", <char*>&row.heard.onset_density - start),
        "brightness": ("f4", <char*>&row.heard.brightness - start),
        "flatness": ("f4", <char*>&row.heard.flatness - start),
        "articulation": ("f4", <char*>&row.heard.articulation - start),
        "pitch_register": ("f4", <char*>&row.heard.pitch_register - start),
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


def name_chords(upper, bass, double step_s):
    saliences = [np.ascontiguousarray(each, dtype=np.float32) for each in (upper, bass)]
    for name, each in zip(("upper", "bass"), saliences):
        if each.ndim != 2 or each.shape[1] != 12 or len(each) != len(saliences[0]):
            raise ValueError(f"{name} must have shape (n, 12), found {each.shape}")
        if not (np.isfinite(each) & (each >= 0)).all():
            raise ValueError(f"{name} must hold finite saliences of at least 0")
    if not step_s > 0:
        raise ValueError(f"step_s must be above 0, found {step_s}")
    cdef const float[:, ::1] chords = saliences[0], roots = saliences[1]
    named = np.empty(len(saliences[0]), dtype=np.int32)
    cdef int[::1] out = named
    cdef unique_ptr[ChordFinder] finder = unique_ptr[ChordFinder](new ChordFinder(step_s))
    cdef Py_ssize_t i
    with nogil:
        for i in range(out.shape[0]):
            finder.get().update(&chords[i, 0], &roots[i, 0])
            out[i] = finder.get().chord()
    return named
