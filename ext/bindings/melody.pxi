# The weights of the next melody note: ext/core/music/parts/melody_factors.h.

cdef extern from "core/theory/keys.h" namespace "emohost::theory" nogil:
    cdef struct Key:
        int tonic
        bint minor

cdef extern from "core/music/parts/melody_factors.h" namespace "emohost::music" nogil:
    void c_melody_weights "emohost::music::melody_weights"(
        const float* network, int previous, Key key, int chord, int step, int steps_per_bar, float* weights) noexcept


def melody_weights(network, previous, int tonic, bint minor, chord, step, int steps_per_bar=16):
    said = np.ascontiguousarray(network, dtype=np.float32)
    if said.ndim != 2 or said.shape[1] != 128:
        raise ValueError(f"network must have shape (n, 128), found {said.shape}")
    if not ((said >= 0) & (said <= 1)).all():
        raise ValueError("network must hold probabilities, 0 to 1")
    if not 0 <= tonic <= 11:
        raise ValueError(f"tonic must be 0 to 11, found {tonic}")
    if not 1 <= steps_per_bar:
        raise ValueError(f"steps_per_bar must be at least 1, found {steps_per_bar}")
    columns = [np.ascontiguousarray(each, dtype=np.int32) for each in (previous, chord, step)]
    limits = ((-1, 127), (-1, 63), (0, steps_per_bar - 1))
    for name, column, (low, high) in zip(("previous", "chord", "step"), columns, limits):
        if column.shape != (len(said),):
            raise ValueError(f"{name} must have shape ({len(said)},), found {column.shape}")
        if ((column < low) | (column > high)).any():
            raise ValueError(f"{name} must be {low} to {high}")
    cdef const float[:, ::1] probabilities = said
    cdef const int[::1] before = columns[0], chords = columns[1], steps = columns[2]
    out = np.empty((len(said), 128), dtype=np.float32)
    cdef float[:, ::1] weights = out
    cdef Key key
    key.tonic = tonic
    key.minor = minor
    cdef Py_ssize_t i
    with nogil:
        for i in range(weights.shape[0]):
            c_melody_weights(
                &probabilities[i, 0], before[i], key, chords[i], steps[i], steps_per_bar, &weights[i, 0])
    return out
