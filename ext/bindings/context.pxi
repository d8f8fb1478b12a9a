# What the harmony and the dynamics network are given: ext/core/context.h, music/chord_memory.h, hearing/note_weights.h.

cdef extern from "core/context.h" namespace "emohost" nogil:
    const float kPlayedFade
    void c_tell_of_ear "emohost::tell_of_ear"(const float* chroma, int named, float* ear) noexcept
    void c_harmony_context "emohost::harmony_context"(
        const float* ear, const float* played, int chord, const float* remembered, int step_in_bar, float* context
    ) noexcept
    void c_pool_embedding "emohost::pool_embedding"(const float* embedding, float* pooled) noexcept
    cdef struct DynamicsMoment:
        float level
        float onset_strength
        float onset_density
        float articulation
        float key_clarity
        int step_in_bar
        int steps_per_bar
        float tempo
    void c_dynamics_context "emohost::dynamics_context"(const DynamicsMoment& moment, float* context) noexcept
    cdef struct StepMoment:
        int tonic
        float chroma_heard[12]
        int chord_heard
        float chroma_played[12]
        int chord_in_force
        float remembered[24]
        DynamicsMoment dynamics
    cdef struct StepInputs:
        float harmony[128]
        float dynamics[32]

cdef extern from "core/music/chord_memory.h" namespace "emohost::music" nogil:
    const int kEar
    cdef cppclass ChordMemory:
        ChordMemory()
        void note(uint64_t step, int chord) noexcept
        void recall(uint64_t step, int steps_per_bar, int tonic, float* tones, float* root) noexcept

cdef extern from "core/hearing/note_weights.h" namespace "emohost::hearing" nogil:
    float c_upper_weight "emohost::hearing::upper_weight"(double note) noexcept
    float c_bass_weight "emohost::hearing::bass_weight"(double note) noexcept

cdef extern from "core/engine.h" namespace "emohost" nogil:
    cdef struct Step:
        uint64_t frame
        float embedding[64]
        StepMoment moment
        StepInputs inputs

PLAYED_FADE = kPlayedFade
EAR_STEPS = kEar


cdef _rows_of(str name, values, int width, tuple leading=None):
    """(n, width) float32, and the leading shape."""
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim < 2 or array.shape[-1] != width or leading not in (None, array.shape[:-1]):
        wanted = f"(..., {width})" if leading is None else str((*leading, width))
        raise ValueError(f"{name} must have shape {wanted}, found {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; finite numbers expected")
    return array.reshape(-1, width), array.shape[:-1]


cdef _whole_numbers(str name, values, tuple leading, int low, int high):
    array = np.ascontiguousarray(values)
    if array.shape != leading:
        raise ValueError(f"{name} must have shape {leading}, found {array.shape}")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold whole numbers, found {array.dtype}")
    if ((array < low) | (array > high)).any():
        raise ValueError(f"{name} must be {low} to {high}")
    return array.astype(np.int32).reshape(-1)


def tell_of_ear(chroma, named):
    rows, leading = _rows_of("chroma", chroma, 12)
    cdef const float[:, ::1] heard = rows
    cdef const int[::1] chords = _whole_numbers("named", named, leading, -1, 75)
    out = np.empty((len(rows), 12), dtype=np.float32)
    cdef float[:, ::1] ear = out
    cdef Py_ssize_t i
    for i in range(ear.shape[0]):
        c_tell_of_ear(&heard[i, 0], chords[i], &ear[i, 0])
    return out.reshape(*leading, 12)


def harmony_context(ear, played, chord, remembered, step_in_bar):
    rows, leading = _rows_of("ear", ear, 12)
    cdef const float[:, ::1] ears = rows
    cdef const float[:, ::1] chroma = _rows_of("played", played, 12, leading)[0]
    cdef const float[:, ::1] memory = _rows_of("remembered", remembered, 24, leading)[0]
    cdef const int[::1] chords = _whole_numbers("chord", chord, leading, -1, 75)
    cdef const int[::1] places = _whole_numbers("step_in_bar", step_in_bar, leading, 0, 255)
    out = np.empty((len(rows), 64), dtype=np.float32)
    cdef float[:, ::1] context = out
    cdef Py_ssize_t i
    for i in range(context.shape[0]):
        c_harmony_context(&ears[i, 0], &chroma[i, 0], chords[i], &memory[i, 0], places[i], &context[i, 0])
    return out.reshape(*leading, 64)


def pool_embedding(embedding):
    rows, leading = _rows_of("embedding", embedding, 64)
    cdef const float[:, ::1] felt = rows
    out = np.empty((len(rows), 16), dtype=np.float32)
    cdef float[:, ::1] pooled = out
    cdef Py_ssize_t i
    for i in range(pooled.shape[0]):
        c_pool_embedding(&felt[i, 0], &pooled[i, 0])
    return out.reshape(*leading, 16)


def dynamics_context(heard, step_in_bar, double tempo, int steps_per_bar=16):
    names = ("level", "onset_strength", "onset_density", "articulation", "key_clarity")
    if heard.ndim != 1 or heard.dtype.names is None or not set(names) <= set(heard.dtype.names):
        raise ValueError(f"heard must have shape (n,) and the fields {', '.join(names)}, found {heard.dtype}")
    if not tempo > 0:
        raise ValueError(f"tempo must be above 0, found {tempo}")
    if not steps_per_bar >= 1:
        raise ValueError(f"steps_per_bar must be at least 1, found {steps_per_bar}")
    columns, leading = _rows_of("heard", np.stack([heard[name] for name in names], axis=1), 5)
    cdef const float[:, ::1] values = columns
    cdef const int[::1] places = _whole_numbers("step_in_bar", step_in_bar, leading, 0, steps_per_bar - 1)
    out = np.empty((len(heard), 16), dtype=np.float32)
    cdef float[:, ::1] context = out
    cdef DynamicsMoment moment
    cdef Py_ssize_t i
    moment.steps_per_bar = steps_per_bar
    moment.tempo = tempo
    for i in range(context.shape[0]):
        moment.level = values[i, 0]
        moment.onset_strength = values[i, 1]
        moment.onset_density = values[i, 2]
        moment.articulation = values[i, 3]
        moment.key_clarity = values[i, 4]
        moment.step_in_bar = places[i]
        c_dynamics_context(moment, &context[i, 0])
    return out


def recall_chords(heard, int tonic=0, int steps_per_bar=16):
    array = np.asarray(heard)
    if array.ndim != 1:
        raise ValueError(f"heard must have shape (n,), found {array.shape}")
    if not 0 <= tonic <= 11:
        raise ValueError(f"tonic must be 0 to 11, found {tonic}")
    if not 1 <= steps_per_bar <= 28:
        raise ValueError(f"steps_per_bar must be 1 to 28, found {steps_per_bar}")
    cdef const int[::1] chords = _whole_numbers("heard", array, array.shape, -1, 75)
    out = np.zeros((len(array), 24), dtype=np.float32)
    cdef float[:, ::1] remembered = out
    cdef ChordMemory memory
    cdef Py_ssize_t i
    for i in range(remembered.shape[0]):
        memory.recall(<uint64_t>i, steps_per_bar, tonic, &remembered[i, 0], &remembered[i, 12])
        memory.note(<uint64_t>i, chords[i])
    return out


def note_weights(pitch):
    array = np.ascontiguousarray(pitch, dtype=np.float64)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"pitch must have shape (n,) and hold finite numbers, found {array.shape}")
    cdef const double[::1] notes = array
    out = np.empty((2, len(array)), dtype=np.float32)
    cdef float[:, ::1] weights = out
    cdef Py_ssize_t i
    for i in range(notes.shape[0]):
        weights[0, i] = c_upper_weight(notes[i])
        weights[1, i] = c_bass_weight(notes[i])
    return out[0], out[1]


cdef object _step_dtype():
    """The memory of Step as a structured dtype."""
    cdef Step row
    cdef char* start = <char*>&row
    return _dtype_at({
        "frame": ("u8", <char*>&row.frame - start),
        "embedding": (_floats(sizeof(row.embedding)), <char*>&row.embedding - start),
        "tonic": ("i4", <char*>&row.moment.tonic - start),
        "chroma_heard": (_floats(sizeof(row.moment.chroma_heard)), <char*>&row.moment.chroma_heard - start),
        "chord_heard": ("i4", <char*>&row.moment.chord_heard - start),
        "chroma_played": (_floats(sizeof(row.moment.chroma_played)), <char*>&row.moment.chroma_played - start),
        "chord_in_force": ("i4", <char*>&row.moment.chord_in_force - start),
        "remembered": (_floats(sizeof(row.moment.remembered)), <char*>&row.moment.remembered - start),
        "level": ("f4", <char*>&row.moment.dynamics.level - start),
        "onset_strength": ("f4", <char*>&row.moment.dynamics.onset_strength - start),
        "onset_density": ("f4", <char*>&row.moment.dynamics.onset_density - start),
        "articulation": ("f4", <char*>&row.moment.dynamics.articulation - start),
        "key_clarity": ("f4", <char*>&row.moment.dynamics.key_clarity - start),
        "step_in_bar": ("i4", <char*>&row.moment.dynamics.step_in_bar - start),
        "steps_per_bar": ("i4", <char*>&row.moment.dynamics.steps_per_bar - start),
        "tempo": ("f4", <char*>&row.moment.dynamics.tempo - start),
        "harmony": (_floats(sizeof(row.inputs.harmony)), <char*>&row.inputs.harmony - start),
        "dynamics": (_floats(sizeof(row.inputs.dynamics)), <char*>&row.inputs.dynamics - start),
    }, sizeof(Step))


step_dtype = _step_dtype()
