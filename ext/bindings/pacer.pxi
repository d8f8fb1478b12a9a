# The paced thread: ext/core/pacer.h.

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
