# The emotion embedding: ext/core/emotion.h.

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
