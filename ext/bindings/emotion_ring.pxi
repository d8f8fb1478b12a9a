# Side B's rings: ext/core/emotion_ring.h. Files, locks and names of them are emohost.bridge's.

from cpython.buffer cimport (
    PyBUF_FORMAT, PyBUF_SIMPLE, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_CheckBuffer,
    PyObject_GetBuffer,
)
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset
from libcpp cimport bool as cbool

cdef extern from "core/messages.h" namespace "emohost" nogil:
    cdef struct EmotionMessage:
        float embedding[64]
        float weight
        float ttl_s
        uint64_t written_ns
        uint32_t withheld
        uint32_t unused

cdef extern from "core/emotion_ring.h" namespace "emohost" nogil:
    cdef struct QueueWriter:
        uint64_t process
        char about[120]
    cdef cppclass LatestWriter "emohost::rt::Latest<emohost::QueueWriter>":
        void store(const QueueWriter& value)
        cbool load(QueueWriter* value)
    cdef cppclass CppEmotionRing "emohost::EmotionRing":
        uint64_t write(const EmotionMessage& item)
        uint64_t written()
    cdef cppclass CppEmotionQueue "emohost::EmotionQueue":
        LatestWriter writer
        CppEmotionRing ring
    const char* queue_mistake "emohost::EmotionQueue::mistake"(const void* memory, size_t length) noexcept
    CppEmotionQueue* queue_format "emohost::EmotionQueue::format"(void* memory, size_t length) noexcept

cdef extern from "core/rt/clock.h" namespace "emohost::rt" nogil:
    uint64_t c_monotonic_ns "emohost::rt::monotonic_ns"() noexcept
    const char* monotonic_clock_name() noexcept

_EMOTION_TTL_S = 10.0
_ABOUT = 119  # bytes
cdef uint64_t _writes_here = 0


cdef int _read_embedding(value, float* out) except -1:
    """64 finite numbers from whatever numpy makes an array of; a float32 array or a list costs no call of numpy's."""
    cdef Py_buffer view
    cdef int i
    cdef double sum = 0
    cdef bint copied = False
    if type(value) is list and len(<list>value) == 64:
        try:
            for i in range(64):
                out[i] = <float><double>(<list>value)[i]
        except TypeError:
            raise ValueError("embedding holds something that is no number; 64 numbers expected") from None
        copied = True
    elif PyObject_CheckBuffer(value):
        PyObject_GetBuffer(value, &view, PyBUF_FORMAT | PyBUF_STRIDES)
        if view.ndim == 1 and view.shape[0] == 64 and view.itemsize == 4 and view.strides[0] == 4:
            copied = view.format[0] == c"f"
        if copied:
            memcpy(out, view.buf, 64 * sizeof(float))
        PyBuffer_Release(&view)
    if not copied:
        _convert_embedding(value, out)
    for i in range(64):
        sum += out[i] * 0.0  # NaN as soon as one is not finite
    if sum != sum:
        raise ValueError("embedding holds NaN or infinity; finite numbers expected")
    return 0


cdef int _convert_embedding(value, float* out) except -1:
    try:
        array = np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError):
        raise ValueError(f"embedding: expected 64 numbers, found {type(value).__name__} that is none") from None
    if array.shape != (64,):
        raise ValueError(f"embedding must have shape (64,), found {array.shape}")
    cdef const float[:] numbers = array
    cdef int i
    for i in range(64):
        out[i] = numbers[i]
    return 0


cdef int _fill_emotion(EmotionMessage* message, embedding, double weight, double ttl_s) except -1:
    """Checked; new when it is read, and may be kept."""
    memset(message, 0, sizeof(EmotionMessage))
    _read_embedding(embedding, message.embedding)
    if not 0.0 <= weight <= 1.0:
        raise ValueError(f"weight: expected 0 to 1, found {weight:g}")
    if not 0.0 <= ttl_s <= 1e6:
        raise ValueError(f"ttl_s: expected 0 to 1e6 seconds, found {ttl_s:g}")
    message.weight = <float>weight
    message.ttl_s = <float>ttl_s
    return 0


def emotion_writes():
    return _writes_here


cdef class EmotionQueue:
    size = sizeof(CppEmotionQueue)

    cdef Py_buffer buffer
    cdef bint exported
    cdef CppEmotionQueue* queue

    def __init__(self, buffer, *, bint writable=False):
        if self.exported:
            raise ValueError("EmotionQueue is initialised once")
        PyObject_GetBuffer(buffer, &self.buffer, PyBUF_SIMPLE | (PyBUF_WRITABLE if writable else 0))
        self.exported = True
        cdef const char* mistake = queue_mistake(self.buffer.buf, <size_t>self.buffer.len)
        if mistake is not NULL:
            raise ValueError(mistake.decode())
        self.queue = <CppEmotionQueue*>self.buffer.buf

    def __dealloc__(self):
        if self.exported:
            PyBuffer_Release(&self.buffer)

    cdef CppEmotionQueue* get(self) except NULL:
        if self.queue is NULL:
            raise ValueError("EmotionQueue was not initialised")
        return self.queue

    @staticmethod
    def fresh():
        memory = np.zeros(sizeof(CppEmotionQueue) + 64, dtype=np.uint8)
        offset = -memory.ctypes.data % 64
        cdef uint8_t[::1] view = memory[offset : offset + sizeof(CppEmotionQueue)]
        queue_format(&view[0], sizeof(CppEmotionQueue))
        return bytes(view)

    @property
    def written(self):
        return self.get().ring.written()

    @property
    def writer(self):
        cdef QueueWriter writer
        if not self.get().writer.load(&writer):
            return None
        writer.about[_ABOUT] = 0  # whatever was written there
        return writer.process, (<bytes>writer.about).decode(errors="replace")


cdef class EmotionWriter:
    cdef EmotionQueue memory
    cdef CppEmotionQueue* queue
    cdef public bint withheld

    def __init__(self, buffer, uint64_t process, str about=""):
        if self.memory is not None:
            raise ValueError("EmotionWriter is initialised once")
        cdef bytes text = about.encode()
        while len(text) > _ABOUT:
            about = about[:-1]
            text = about.encode()
        self.memory = EmotionQueue(buffer, writable=True)
        cdef QueueWriter writer
        memset(&writer, 0, sizeof(QueueWriter))
        writer.process = process
        memcpy(writer.about, <const char*>text, len(text))
        self.queue = self.memory.queue
        self.queue.writer.store(writer)

    def write(self, embedding, double weight=1.0, double ttl_s=_EMOTION_TTL_S):
        global _writes_here
        cdef EmotionMessage message
        _fill_emotion(&message, embedding, weight, ttl_s)
        if self.queue is NULL:
            raise ValueError("the ring was closed")
        message.written_ns = c_monotonic_ns()
        message.withheld = self.withheld
        self.queue.ring.write(message)
        _writes_here += 1

    def close(self):
        self.queue = NULL
        self.memory = None
