# Hearing: ext/core/hearing.

from libc.stdint cimport int8_t, int64_t, uint16_t, uint64_t
from libc.string cimport memcpy

cdef extern from "core/hearing/listener.h" namespace "emohost::hearing" nogil:
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
        float usual_db
        double calibration_s
        double slowest_bpm
        double fastest_bpm

    cdef cppclass BeatHeard:
        uint64_t frame
        double tempo
        double phase
        int beat_in_bar
        int metre
        float confidence
        float downbeat_confidence

    cdef cppclass ChordHeard:
        float confidence
        int settled
        float settled_ago_s
        int tone

    cdef cppclass Heard:
        uint64_t hops
        float features[128]
        float beat_features[128]
        float sound_cues[47]
        float chroma[12]
        float chroma_long[12]
        float tuning_cents
        int tonic
        cpp_bool minor
        float key_clarity
        float mode
        int chord
        ChordHeard chord_more
        float level_db
        float level
        float onset_strength
        float onset_density
        float brightness
        float flatness
        float articulation
        float pitch_register
        float notes[72]
        cpp_bool sounding
        Sound sound
        Sound lately
        float sound_confidence
        BeatHeard beat

    cdef cppclass HeardAt:
        Heard heard
        uint64_t frame

    cdef cppclass Tick:
        cpp_bool due
        cpp_bool hop
        cpp_bool onset

    cdef cppclass CppListener "emohost::hearing::Listener":
        int until_tick()
        Tick push(const float* mono, int n)
        const Heard& heard()
        void reset()
        size_t memory_bytes()

    unique_ptr[CppListener] make_listener(const ListenerSettings& settings, const char** error) except +

cdef extern from "core/hearing/chord.h" namespace "emohost::hearing" nogil:
    cdef cppclass PitchClasses:
        float upper[12]
        float bass[12]

    cdef cppclass ChordFinder:
        ChordFinder(double step_s) except +
        void update(const PitchClasses& whole, const PitchClasses& fresh, const float* present) noexcept
        int chord() noexcept

cdef extern from "core/hearing/beat/bar_pointer.h" namespace "emohost::hearing" nogil:
    const double kLeastBeat, kMostBeat, kLeastRange

    cdef cppclass BarPointer:
        BarPointer(double hop_s, double slowest, double fastest) except +
        void hop(float beat, float downbeat, uint64_t frame) noexcept
        const BeatHeard& beat() noexcept

_LAYOUTS = {"mel128": 0, "emohost1": 1}


def _floats(size_t size):
    """The format of an array of C floats of `size` bytes: how many there are is the compiler's to say."""
    return ("f4", (size // sizeof(float),))


def _dtype_at(fields, size_t size):
    """The dtype of a C struct from its fields: (format, offset in bytes) by name."""
    return np.dtype({
        "names": list(fields),
        "formats": [format for format, _ in fields.values()],
        "offsets": [offset for _, offset in fields.values()],
        "itemsize": size,
    })


cdef object _heard_dtype():
    """The memory of HeardAt as a structured dtype."""
    cdef HeardAt row
    cdef char* start = <char*>&row
    fields = {
        "hops": ("u8", <char*>&row.heard.hops - start),
        "features": (_floats(sizeof(row.heard.features)), <char*>&row.heard.features - start),
        "beat_features": (_floats(sizeof(row.heard.beat_features)), <char*>&row.heard.beat_features - start),
        "sound_cues": (_floats(sizeof(row.heard.sound_cues)), <char*>&row.heard.sound_cues - start),
        "chroma": (_floats(sizeof(row.heard.chroma)), <char*>&row.heard.chroma - start),
        "chroma_long": (_floats(sizeof(row.heard.chroma_long)), <char*>&row.heard.chroma_long - start),
        "tuning_cents": ("f4", <char*>&row.heard.tuning_cents - start),
        "tonic": ("i4", <char*>&row.heard.tonic - start),
        "minor": ("?", <char*>&row.heard.minor - start),
        "key_clarity": ("f4", <char*>&row.heard.key_clarity - start),
        "mode": ("f4", <char*>&row.heard.mode - start),
        "chord": ("i4", <char*>&row.heard.chord - start),
        "chord_confidence": ("f4", <char*>&row.heard.chord_more.confidence - start),
        "chord_settled": ("i4", <char*>&row.heard.chord_more.settled - start),
        "chord_settled_ago_s": ("f4", <char*>&row.heard.chord_more.settled_ago_s - start),
        "chord_tone": ("i4", <char*>&row.heard.chord_more.tone - start),
        "level_db": ("f4", <char*>&row.heard.level_db - start),
        "level": ("f4", <char*>&row.heard.level - start),
        "onset_strength": ("f4", <char*>&row.heard.onset_strength - start),
        "onset_density": ("f4", <char*>&row.heard.onset_density - start),
        "brightness": ("f4", <char*>&row.heard.brightness - start),
        "flatness": ("f4", <char*>&row.heard.flatness - start),
        "articulation": ("f4", <char*>&row.heard.articulation - start),
        "pitch_register": ("f4", <char*>&row.heard.pitch_register - start),
        "notes": (_floats(sizeof(row.heard.notes)), <char*>&row.heard.notes - start),
        "sounding": ("?", <char*>&row.heard.sounding - start),
        "sound": ("i4", <char*>&row.heard.sound - start),
        "lately": ("i4", <char*>&row.heard.lately - start),
        "sound_confidence": ("f4", <char*>&row.heard.sound_confidence - start),
        "tempo": ("f8", <char*>&row.heard.beat.tempo - start),
        "beat_phase": ("f8", <char*>&row.heard.beat.phase - start),
        "beat_in_bar": ("i4", <char*>&row.heard.beat.beat_in_bar - start),
        "metre": ("i4", <char*>&row.heard.beat.metre - start),
        "beat_confidence": ("f4", <char*>&row.heard.beat.confidence - start),
        "downbeat_confidence": ("f4", <char*>&row.heard.beat.downbeat_confidence - start),
        "frame": ("u8", <char*>&row.frame - start),
    }
    return _dtype_at(fields, sizeof(HeardAt))


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
        elif key == "usual_db":
            result.usual_db = value
        elif key == "calibration_s":
            result.calibration_s = value
        elif key == "slowest_bpm":
            result.slowest_bpm = value
        elif key == "fastest_bpm":
            result.fastest_bpm = value
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
    cdef PitchClasses sounds
    cdef float present[12]
    cdef Py_ssize_t i, p
    with nogil:
        for i in range(out.shape[0]):
            for p in range(12):
                sounds.upper[p] = chords[i, p]
                sounds.bass[p] = roots[i, p]
                present[p] = chords[i, p]
            finder.get().update(sounds, sounds, present)
            out[i] = finder.get().chord()
    return named


beat_dtype = np.dtype([
    ("tempo", "f8"), ("beat_phase", "f8"), ("beat_in_bar", "i4"), ("metre", "i4"), ("beat_confidence", "f4"),
    ("downbeat_confidence", "f4"),
])


def track_beats(activations, double hop_s=0.02, *, double slowest=48, double fastest=215):
    given = np.ascontiguousarray(activations, dtype=np.float32)
    if given.ndim != 2 or given.shape[1] != 2:
        raise ValueError(f"activations must have shape (hops, 2), found {given.shape}")
    if not hop_s >= 0.005:
        raise ValueError(f"hop_s must be at least 0.005, found {hop_s}")
    if not (kLeastBeat <= slowest and kLeastRange * slowest <= fastest <= kMostBeat):
        raise ValueError(f"slowest and fastest must be from 40 to 240 and 1.25 apart, found {slowest} and {fastest}")
    cdef const float[:, ::1] rows = given
    cdef unique_ptr[BarPointer] pointer = unique_ptr[BarPointer](new BarPointer(hop_s, slowest, fastest))
    found = np.zeros(len(given), dtype=beat_dtype)
    cdef Py_ssize_t i
    cdef BeatHeard beat
    for i in range(rows.shape[0]):
        pointer.get().hop(rows[i, 0], rows[i, 1], <uint64_t>i)
        beat = pointer.get().beat()
        found[i] = (beat.tempo, beat.phase, beat.beat_in_bar, beat.metre, beat.confidence, beat.downbeat_confidence)
    return found
