# JACK's transport, followed and led: ext/core/midi/jack_transport.h.

cdef extern from "core/music/time/timebase.h" namespace "emohost::music" nogil:
    cdef cppclass Beat:
        Beat()
        double tempo
        double beat
        uint32_t frame
        uint16_t beats_per_bar
        uint16_t placed

cdef extern from "core/midi/jack_transport.h" namespace "emohost::midi" nogil:
    cdef struct TransportPoint:
        uint64_t now_ns
        uint32_t cycle
        uint32_t position
        uint32_t rate
        uint32_t starts
        uint32_t jumps
        uint32_t rolls
        uint32_t has_bar
        double bar
        double beat
        double beats_per_bar
        double tempo
        uint32_t told
    cdef cppclass CppJackTransport "emohost::midi::JackTransport":
        CppJackTransport(const string& name) except +
        string name()
        cbool ended()
        cbool point(TransportPoint* to)
        void roll(cbool on)
        cbool take_timebase()
        void say(const Beat& band)


cdef class JackTransport:
    cdef unique_ptr[CppJackTransport] client

    def __init__(self, str name):
        if self.client:
            raise ValueError("JackTransport is initialised once")
        cdef string client_name = name.encode()
        cdef CppJackTransport* made
        with nogil:
            made = new CppJackTransport(client_name)
        self.client.reset(made)

    def __dealloc__(self):
        self.client.reset()

    cdef CppJackTransport* get(self) except NULL:
        if not self.client:
            raise ValueError("JackTransport is closed")
        return self.client.get()

    def close(self):
        cdef CppJackTransport* client = self.client.release()
        with nogil:
            del client

    @property
    def name(self):
        return self.get().name().decode()

    @property
    def ended(self):
        return self.get().ended()

    def point(self):
        cdef TransportPoint at
        if not self.get().point(&at):
            return None
        told = {
            "now_ns": at.now_ns,
            "cycle": at.cycle,
            "position": at.position,
            "rate": at.rate,
            "rolls": at.rolls != 0,
            "starts": at.starts,
            "jumps": at.jumps,
            "told": at.told,
        }
        if at.has_bar:
            told.update(bar=at.bar, beat=at.beat, beats_per_bar=at.beats_per_bar, tempo=at.tempo)
        return told

    def roll(self, bint on):
        cdef CppJackTransport* client = self.get()
        with nogil:
            client.roll(on)

    def take_timebase(self):
        cdef CppJackTransport* client = self.get()
        cdef cbool taken
        with nogil:
            taken = client.take_timebase()
        return taken

    def say(self, double tempo, int beats_per_bar, beat=None, uint32_t cycle=0):
        if not 2 <= beats_per_bar <= 7:
            raise ValueError(f"beats_per_bar: expected 2 to 7, found {beats_per_bar}")
        cdef Beat band
        band.tempo = tempo
        band.beats_per_bar = <uint16_t>beats_per_bar
        if beat is not None:
            band.beat = beat
            band.frame = cycle
            band.placed = 1
        self.get().say(band)
