# MIDI ports through JACK's library, and the memory between their process and the host: ext/core/midi.

cdef extern from "core/midi/port_memory.h" namespace "emohost::midi" nogil:
    cdef struct PortEvent:
        uint64_t frame
        uint64_t due_ns
        uint8_t bytes[3]
        uint8_t size
    cdef struct PortPlayed:
        uint64_t due_ns
        int64_t late_ns
    cdef struct PortTime:
        uint64_t frame
        uint64_t monotonic_ns
    cdef struct PortInput:
        uint64_t monotonic_ns
        uint64_t frame
        uint8_t bytes[3]
        uint8_t size
        uint8_t source
    cdef cppclass PortOutRing "decltype(emohost::midi::PortMemory::out)":
        cbool push(const PortEvent& item)
        cbool full()
    cdef cppclass PortPlayedRing "decltype(emohost::midi::PortMemory::played)":
        cbool pop(PortPlayed* item)
    cdef cppclass PortInRing "decltype(emohost::midi::PortMemory::in)":
        cbool push(const PortInput& item)
        cbool pop(PortInput* item)
        uint64_t dropped()
    cdef cppclass StoredU64 "std::atomic<uint64_t>":
        uint64_t load()
        void store(uint64_t value)
    cdef cppclass LatestPortTime "decltype(emohost::midi::PortMemory::time)":
        void store(const PortTime& value)
    cdef cppclass AtomicU32 "std::atomic<uint32_t>":
        uint32_t load()
    cdef cppclass AtomicDouble "std::atomic<double>":
        double load()
        void store(double value)
    cdef cppclass CppPortMemory "emohost::midi::PortMemory":
        StoredU64 alive_ns
        AtomicDouble engine_rate
        StoredU64 delay_ns
        LatestPortTime time
        StoredU64 cycles
        AtomicU32 period
        AtomicDouble rate
        StoredU64 sounding
        PortOutRing out
        PortPlayedRing played
        PortInRing incoming "in"
        void silence()
    cbool port_valid "emohost::midi::PortMemory::valid"(const void* memory, size_t length) noexcept
    CppPortMemory* port_format "emohost::midi::PortMemory::format"(void* memory, size_t length) noexcept

cdef extern from "core/midi/jack_client.h" namespace "emohost::midi" nogil:
    cdef cppclass CppJackClient "emohost::midi::JackClient":
        CppJackClient(const string& name, CppPortMemory* memory, const string& output,
                      const vector[string]& inputs, uint64_t thru) except +
        void activate() except +
        string name()
        string output()
        vector[string] inputs()
        vector[string] ports(cbool sinks, cbool audio)
        vector[string] connections(const string& port)
        cbool connect(const string& source, const string& destination)
        cbool disconnect(const string& source, const string& destination)
        uint32_t sample_rate()
        uint32_t period()
        cbool ended()
        void silence()
        cbool idle()
        vector[uint64_t] trapped()


cdef class PortMemory:
    size = sizeof(CppPortMemory)

    cdef Py_buffer buffer
    cdef bint exported
    cdef CppPortMemory* memory

    def __init__(self, buffer, bint create=False):
        if self.exported:
            raise ValueError("PortMemory is initialised once")
        PyObject_GetBuffer(buffer, &self.buffer, PyBUF_SIMPLE | PyBUF_WRITABLE)
        self.exported = True
        cdef size_t size = <size_t>self.buffer.len
        if create:
            self.memory = port_format(self.buffer.buf, size)
        elif port_valid(self.buffer.buf, size):
            self.memory = <CppPortMemory*>self.buffer.buf
        if self.memory is NULL:
            raise ValueError(f"port memory: expected {sizeof(CppPortMemory)} bytes as mmap gives them, made by this version")

    def __dealloc__(self):
        if self.exported:
            PyBuffer_Release(&self.buffer)

    cdef CppPortMemory* get(self) except NULL:
        if self.memory is NULL:
            raise ValueError("PortMemory was not initialised")
        return self.memory

    def push(self, bytes data, uint64_t frame=0, uint64_t due_ns=0):
        cdef PortEvent event
        memset(&event, 0, sizeof(PortEvent))
        event.frame = frame
        event.due_ns = due_ns
        event.size = _fill_midi(event.bytes, data)
        return self.get().out.push(event)

    @property
    def full(self):
        return self.get().out.full()

    def pop_lateness_ms(self):
        cdef PortPlayed played
        late, left_out = [], 0
        while self.get().played.pop(&played):
            if played.late_ns < 0:
                left_out += 1
            else:
                late.append(played.late_ns * 1e-6)
        return late, left_out

    def push_input(self, uint64_t monotonic_ns, bytes data, uint8_t source=0):
        cdef PortInput event
        memset(&event, 0, sizeof(PortInput))
        event.monotonic_ns = monotonic_ns
        event.size = _fill_midi(event.bytes, data)
        event.source = source
        return self.get().incoming.push(event)

    def pop_inputs(self):
        cdef PortInput event
        events = []
        while self.get().incoming.pop(&event):
            if 1 <= event.size <= 3:
                data = <bytes>(<const char*>event.bytes)[:event.size]
                events.append((event.monotonic_ns, event.frame, data, event.source))
        return events

    @property
    def inputs_dropped(self):
        return self.get().incoming.dropped()

    def silence(self):
        self.get().silence()

    def live(self):
        self.get().alive_ns.store(c_monotonic_ns())

    def follow(self, double sample_rate, uint64_t frame, uint64_t monotonic_ns):
        cdef PortTime time
        time.frame = frame
        time.monotonic_ns = monotonic_ns
        self.get().engine_rate.store(sample_rate)
        self.get().time.store(time)

    def set_delay(self, double seconds):
        self.get().delay_ns.store(<uint64_t>(seconds * 1e9))

    @property
    def cycles(self):
        return self.get().cycles.load()

    @property
    def period_s(self):
        cdef double rate = self.get().rate.load()
        return self.get().period.load() / rate if rate > 0 else 0.0

    @property
    def sounding(self):
        return self.get().sounding.load()


cdef uint8_t _fill_midi(uint8_t* to, bytes data) except 0:
    if not 1 <= len(data) <= 3:
        raise ValueError(f"data: expected 1 to 3 MIDI bytes, found {len(data)}")
    cdef Py_ssize_t i
    for i in range(len(data)):
        to[i] = data[i]
    return <uint8_t>len(data)


cdef class JackClient:
    cdef unique_ptr[CppJackClient] client
    cdef PortMemory memory  # outlives the client

    def __init__(self, str name, PortMemory memory=None, str output="", inputs=(), thru=()):
        if self.client:
            raise ValueError("JackClient is initialised once")
        cdef string client_name = name.encode(), output_name = output.encode()
        cdef vector[string] input_names = [each.encode() for each in inputs]
        cdef uint64_t passed_on = 0
        cdef CppPortMemory* at = NULL
        if memory is not None:
            at = memory.get()
        cdef CppJackClient* made
        for i, on in enumerate(thru):
            passed_on |= <uint64_t>bool(on) << <int>i
        self.memory = memory
        with nogil:
            made = new CppJackClient(client_name, at, output_name, input_names, passed_on)
        self.client.reset(made)

    def __dealloc__(self):
        self.client.reset()

    cdef CppJackClient* get(self) except NULL:
        if not self.client:
            raise ValueError("JackClient is closed")
        return self.client.get()

    def activate(self):
        cdef CppJackClient* client = self.get()
        with nogil:
            client.activate()

    def close(self):
        cdef CppJackClient* client = self.client.release()
        with nogil:
            del client

    @property
    def name(self):
        return self.get().name().decode()

    @property
    def output(self):
        return self.get().output().decode()

    @property
    def inputs(self):
        return [name.decode() for name in self.get().inputs()]

    def ports(self, bint sinks, bint audio=False):
        return [name.decode() for name in self.get().ports(sinks, audio)]

    def connections(self, str port):
        return sorted(name.decode() for name in self.get().connections(port.encode()))

    def connect(self, str source, str destination):
        cdef CppJackClient* client = self.get()
        cdef string to_source = source.encode(), to_destination = destination.encode()
        cdef cbool connected
        with nogil:
            connected = client.connect(to_source, to_destination)
        return connected

    def disconnect(self, str source, str destination):
        cdef CppJackClient* client = self.get()
        cdef string to_source = source.encode(), to_destination = destination.encode()
        cdef cbool done
        with nogil:
            done = client.disconnect(to_source, to_destination)
        return done

    @property
    def sample_rate(self):
        return self.get().sample_rate()

    @property
    def period(self):
        return self.get().period()

    @property
    def ended(self):
        return self.get().ended()

    def silence(self):
        self._playing().silence()

    @property
    def idle(self):
        return self._playing().idle()

    @property
    def trapped(self):
        return list(self.get().trapped())

    cdef CppJackClient* _playing(self) except NULL:
        if self.memory is None:
            raise ValueError("this JackClient has no memory to play from")
        return self.get()
