# What a run is made of, kept and played again: ext/core/record.h, replay.h.

cdef extern from "core/record.h" namespace "emohost" nogil:
    cdef enum class RecordKind(uint32_t):
        block, command, input, emotion, networks, style, samples, event
    cdef struct RecordHeader:
        RecordKind kind
        uint32_t bytes
    cdef struct RecordedBlock:
        uint64_t frame
        uint64_t started_ns
        uint32_t frames
        uint32_t flags
    cdef cppclass CppRecordMemory "emohost::RecordMemory":
        uint64_t capacity
        AtomicU64 lost
        AtomicFlag32 stopped
        size_t read(unsigned char* to, size_t room)
    cdef cppclass AtomicFlag32 "std::atomic<uint32_t>":
        void store(uint32_t value)
    CppRecordMemory* record_valid "emohost::RecordMemory::valid"(void* memory, size_t length) noexcept
    CppRecordMemory* record_format "emohost::RecordMemory::format"(void* memory, size_t length) noexcept

cdef extern from "core/replay.h" namespace "emohost" nogil:
    void c_replay "emohost::replay"(
        CppEngine& engine, const RecordedBlock* blocks, size_t count, const float* samples,
        Rendering* rendering) except +


cdef object _recorded_block_dtype():
    cdef RecordedBlock row
    cdef char* start = <char*>&row
    return _dtype_at({
        "frame": ("u8", <char*>&row.frame - start),
        "started_ns": ("u8", <char*>&row.started_ns - start),
        "frames": ("u4", <char*>&row.frames - start),
        "flags": ("u4", <char*>&row.flags - start),
    }, sizeof(RecordedBlock))


recorded_block_dtype = _recorded_block_dtype()

_MESSAGE_KINDS = {
    <uint32_t>RecordKind.command: "command",
    <uint32_t>RecordKind.input: "input",
    <uint32_t>RecordKind.emotion: "emotion",
    <uint32_t>RecordKind.networks: "networks",
    <uint32_t>RecordKind.style: "style",
}


cdef class RecordMemory:
    cdef Py_buffer buffer
    cdef bint exported
    cdef CppRecordMemory* memory
    cdef object space  # one ring's bytes, to read into

    def __init__(self, buffer, bint create=False):
        if self.exported:
            raise ValueError("RecordMemory is initialised once")
        PyObject_GetBuffer(buffer, &self.buffer, PyBUF_SIMPLE | PyBUF_WRITABLE)
        self.exported = True
        cdef size_t size = <size_t>self.buffer.len
        self.memory = record_format(self.buffer.buf, size) if create else record_valid(self.buffer.buf, size)
        if self.memory is NULL:
            raise ValueError("recording memory: too small, not aligned, or not of this version of emohost")

    def __dealloc__(self):
        if self.exported:
            PyBuffer_Release(&self.buffer)

    cdef CppRecordMemory* get(self) except NULL:
        if self.memory is NULL:
            raise ValueError("RecordMemory was not initialised")
        return self.memory

    @property
    def lost(self):
        return self.get().lost.load()

    def stop(self):
        self.get().stopped.store(1)

    def read(self, int channels):
        cdef CppRecordMemory* memory = self.get()
        if self.space is None:
            self.space = np.empty(memory.capacity, dtype=np.uint8)
        cdef uint8_t[::1] view = self.space
        cdef size_t room = <size_t>memory.capacity, length
        with nogil:
            length = memory.read(&view[0], room)
        return _parsed(view, length, channels)


cdef tuple _parsed(uint8_t[::1] view, size_t length, int channels):
    """(blocks, samples, messages, events) of whole blocks."""
    cdef size_t at = 0, block_count = 0, frame_count = 0
    cdef RecordHeader header
    cdef RecordedBlock block
    cdef MidiEvent event
    while at + sizeof(RecordHeader) <= length:
        memcpy(&header, &view[at], sizeof(RecordHeader))
        at += sizeof(RecordHeader)
        if header.kind == RecordKind.block:
            memcpy(&block, &view[at], sizeof(RecordedBlock))
            block_count += 1
            frame_count += block.frames
        at += (header.bytes + 7) & ~<size_t>7
    blocks = np.zeros(block_count, dtype=recorded_block_dtype)
    samples = np.zeros(frame_count * channels, dtype=np.float32)
    cdef uint8_t[::1] block_bytes = blocks.view(np.uint8)
    cdef uint8_t[::1] sample_bytes = samples.view(np.uint8)
    messages, events = [], []
    cdef size_t sample_at = 0, next_at = 0, index = 0
    at = 0
    while at + sizeof(RecordHeader) <= length:
        memcpy(&header, &view[at], sizeof(RecordHeader))
        at += sizeof(RecordHeader)
        if header.kind == RecordKind.block:
            memcpy(&block_bytes[index * sizeof(RecordedBlock)], &view[at], sizeof(RecordedBlock))
            memcpy(&block, &view[at], sizeof(RecordedBlock))
            index += 1
            sample_at = next_at  # a null input has no samples: they stay zeros
            next_at += block.frames * <size_t>channels * sizeof(float)
        elif header.kind == RecordKind.samples:
            if header.bytes and sample_at + header.bytes <= next_at:
                memcpy(&sample_bytes[sample_at], &view[at], header.bytes)
                sample_at += header.bytes
        elif header.kind == RecordKind.event:
            memcpy(&event, &view[at], sizeof(MidiEvent))
            events.append(_event_tuple(&event))
        elif <uint32_t>header.kind in _MESSAGE_KINDS:
            payload = b"" if header.bytes == 0 else <bytes>(<const char*>&view[at])[:header.bytes]
            messages.append((index - 1, _MESSAGE_KINDS[<uint32_t>header.kind], payload))
        at += (header.bytes + 7) & ~<size_t>7
    return blocks, samples.reshape(-1, channels), messages, events


def recorded_message(str kind, bytes payload):
    """What a recorded message says, for people."""
    cdef Command command
    cdef InputEvent event
    cdef EmotionMessage message
    cdef uint64_t ring
    if kind == "command" and len(payload) == sizeof(Command):
        memcpy(&command, <const char*>payload, sizeof(Command))
        said = {"command": _COMMAND_NAMES.get(<uint32_t>command.kind, "?"), "from": command.frame}
        if command.kind == CommandKind.set_parameter:
            said["parameter"] = _PARAMETER_NAMES.get(<uint32_t>command.parameter, "?")
        if command.kind in (CommandKind.set_parameter, CommandKind.lead, CommandKind.anchor):
            said["value"] = command.value
        return said
    if kind == "input" and len(payload) == sizeof(InputEvent):
        memcpy(&event, <const char*>payload, sizeof(InputEvent))
        return {
            "input": event.source, "from": event.frame,
            "midi": (<bytes>(<const char*>event.bytes)[:min(<int>event.size, 3)]).hex(),
        }
    if kind == "emotion" and len(payload) == sizeof(uint64_t) + sizeof(EmotionMessage):
        memcpy(&ring, <const char*>payload, sizeof(uint64_t))
        memcpy(&message, <const char*>payload + sizeof(uint64_t), sizeof(EmotionMessage))
        embedding = np.frombuffer(payload, np.float32, 64, sizeof(uint64_t))
        return {
            "writer": ring, "embedding": embedding.tolist(), "weight": message.weight, "ttl_s": message.ttl_s,
            "written_ns": message.written_ns, "withheld": message.withheld != 0,
        }
    if kind == "networks" and len(payload) == sizeof(uint64_t):
        memcpy(&ring, <const char*>payload, sizeof(uint64_t))
        return {"roles": [role for role, number in _ROLES.items() if ring >> <int>number & 1]}
    if kind == "style" and not payload:
        return {}
    raise ValueError(f"a recorded message of {len(payload)} bytes is no {kind}")


_COMMAND_NAMES = {
    **{number: name for name, number in COMMANDS.items()},
    <uint32_t>CommandKind.set_parameter: "set_parameter",
    <uint32_t>CommandKind.lead: "lead",
    <uint32_t>CommandKind.anchor: "anchor",
}
_PARAMETER_NAMES = {number: name for name, number in PARAMETERS.items()}
