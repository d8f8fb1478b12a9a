# The engine in this process: ext/core/engine.h, offline.h and the room proof/.

cdef class Engine:
    cdef unique_ptr[CppEngine] engine
    cdef Shared rings  # keeps the memory alive
    cdef list queues  # likewise
    cdef RecordMemory recording  # likewise
    cdef Rendering rendering
    cdef readonly int channels_in
    cdef readonly int channels_out
    cdef readonly int max_block
    cdef readonly double sample_rate

    def __init__(self, settings, networks, Shared shared=None):
        if self.engine:
            raise ValueError("Engine is initialised once")
        cdef EngineSettings c_settings = _engine_settings(settings)
        if shared is None:
            memory = np.zeros(sizeof(SharedMemory) + 64, dtype=np.uint8)
            offset = -memory.ctypes.data % 64
            shared = Shared(memory[offset : offset + sizeof(SharedMemory)], create=True)
        cdef list models = _models(networks)
        cdef NetworkArray moved
        _move_in(models, &moved)
        try:
            self.engine.reset(new CppEngine(c_settings, move(moved), shared.get()[0]))
        except BaseException:
            _move_back(models, &moved)
            raise
        self.rings = shared
        self.queues = []
        self.channels_in = c_settings.channels_in
        self.channels_out = c_settings.channels_out
        self.max_block = c_settings.max_block
        self.sample_rate = c_settings.sample_rate

    cdef CppEngine* get(self) except NULL:
        if not self.engine:
            raise ValueError("Engine was not initialised")
        return self.engine.get()

    @property
    def shared(self):
        return self.rings

    @property
    def callback(self):
        return <size_t>portaudio_callback

    @property
    def user_data(self):
        return <size_t>self.get()

    @property
    def frame(self):
        return self.get().frame()

    @property
    def memory_bytes(self):
        return self.get().memory_bytes()

    def process(self, block, frames=None):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples
        cdef float[:, ::1] out
        cdef const float* source = NULL
        cdef float* target = NULL
        cdef int count
        if block is None:
            if frames is None or frames < 0:
                raise ValueError(f"frames: expected how many the missing block has, found {frames!r}")
            count = frames
        else:
            samples = _frames("block", block, self.channels_in)
            count = <int>samples.shape[0]
            if frames is not None and frames != count:
                raise ValueError(f"frames: expected {count}, as the block has, found {frames}")
            if count:
                source = &samples[0, 0]
            else:
                source = &_NOTHING
        result = None
        if self.channels_out:
            result = np.empty((count, self.channels_out), dtype=np.float32)
            out = result
            if count:
                target = &out[0, 0]
        with nogil:
            engine.process(source, target, count)
        return result

    def render(self, audio, int block_size, bint keep_steps=False):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples = _frames("audio", audio, self.channels_in)
        cdef uint64_t frames = samples.shape[0]
        if not 1 <= block_size:
            raise ValueError(f"block_size: expected at least 1, found {block_size}")
        self.rendering.keeps_steps = keep_steps
        if frames:
            with nogil:
                c_render(engine[0], &samples[0, 0], frames, block_size, &self.rendering)
        return self._take_events()

    def finish(self):
        cdef CppEngine* engine = self.get()
        with nogil:
            c_finish(engine[0], &self.rendering)
        return self._take_events()

    cdef list _take_events(self):
        events = _event_list(self.rendering.events)
        self.rendering.events.clear()
        return events

    def take_reports(self):
        reports = _rows(self.rendering.reports.data(), self.rendering.reports.size(), report_dtype)
        self.rendering.reports = vector[BlockReport]()
        return reports

    def take_hops(self):
        hops = _rows(self.rendering.hops.data(), self.rendering.hops.size(), hop_dtype)
        self.rendering.hops = vector[Hop]()
        return hops

    def take_steps(self):
        steps = _rows(self.rendering.steps.data(), self.rendering.steps.size(), step_dtype)
        self.rendering.steps = vector[Step]()
        return steps

    def listen(self, EmotionQueue queue):
        if not self.get().listen(queue.get().ring):
            raise ValueError("an engine listens to four writers of Side B at most")
        self.queues.append(queue)

    def record(self, RecordMemory memory):
        self.get().record(memory.get()[0])
        self.recording = memory

    def give(self, str kind, bytes payload):
        cdef Command command
        cdef InputEvent event
        cdef EmotionMessage message
        cdef uint64_t ring
        recorded_message(kind, payload)
        if kind == "command":
            memcpy(&command, <const char*>payload, sizeof(Command))
            return self.rings.get().command.push(command)
        if kind == "input":
            memcpy(&event, <const char*>payload, sizeof(InputEvent))
            return self.rings.get().input.push(event)
        if kind != "emotion":
            raise ValueError(f"{kind}: no message for a ring")
        memcpy(&ring, <const char*>payload, sizeof(uint64_t))
        memcpy(&message, <const char*>payload + sizeof(uint64_t), sizeof(EmotionMessage))
        if ring == 0:
            self.rings.get().emotion.write(message)
        elif ring <= <uint64_t>len(self.queues):
            (<EmotionQueue>self.queues[ring - 1]).get().ring.write(message)
        else:
            raise ValueError(f"writer {ring} of Side B: the engine listens to {len(self.queues)}")
        return True

    def replay(self, blocks, samples):
        cdef CppEngine* engine = self.get()
        rows = np.ascontiguousarray(blocks, dtype=recorded_block_dtype)
        cdef const float[:, ::1] audio = _frames("samples", samples, self.channels_in)
        if int(rows["frames"].sum()) != audio.shape[0] or not len(rows):
            raise ValueError(f"samples: expected those of {len(rows)} blocks, found {audio.shape[0]} frames")
        cdef const uint8_t[::1] view = rows.view(np.uint8)
        cdef size_t count = len(rows)
        cdef const float* start = &audio[0, 0] if audio.shape[0] else &_NOTHING
        with nogil:
            c_replay(engine[0], <const RecordedBlock*>&view[0], count, start, &self.rendering)
        return self._take_events()

    def resume(self, continuation):
        cdef Continuation start
        memset(&start, 0, sizeof(Continuation))
        cdef _Fields fields = _Fields("continuation", continuation)
        start.step_frame = fields.take("step_frame")
        start.step_ns = fields.take("step_ns")
        start.bar = fields.take("bar")
        start.tempo = fields.take("tempo")
        start.reference_db = fields.take("reference_db")
        start.step_in_bar = fields.take("step_in_bar")
        start.tonic = fields.take("tonic")
        start.minor = fields.take("minor")
        start.chord = fields.take("chord")
        start.sounding = fields.take("sounding")
        start.running = fields.take("running")
        start.plays = fields.take("plays")
        start.beats_per_bar = fields.take("beats_per_bar")
        start.lately = fields.take("lately")
        fields.done()
        self.get().resume(start)

    def offer(self, networks):
        cdef CppEngine* engine = self.get()
        cdef list models = _models(networks)
        cdef NetworkArray moved
        cdef bint taken = False
        cdef uint32_t replaced = 0
        for role in networks:
            replaced |= <uint32_t>1 << <int>_ROLES[role]
        _move_in(models, &moved)
        try:
            taken = engine.offer(move(moved), replaced)
        finally:
            if not taken:
                _move_back(models, &moved)
        return taken

    def offer_style(self, own):
        cdef Style style
        _style(&style, "style", own)
        return self.get().offer_style(style)

    def collect(self):
        return self.get().collect()

    def measure(self, audio, block_sizes):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples = _frames("audio", audio, self.channels_in)
        cdef uint64_t frames = samples.shape[0]
        cdef vector[int] sizes = block_sizes
        cdef Measured measured
        if not frames or sizes.empty() or min(sizes) < 1:
            raise ValueError("measure needs at least one frame and block sizes of at least 1")
        with nogil:
            measured = c_measure(engine[0], &samples[0, 0], frames, sizes)
        return {
            "blocks": measured.blocks,
            "calls": {kTrapNames[i].decode(): measured.calls[i] for i in range(kTrapKinds)} if measured.trapped else None,
            "page_faults": measured.page_faults if measured.faults_known else None,
            "durations_ns": _rows(measured.durations_ns.data(), measured.durations_ns.size(), np.dtype(np.uint32)),
        }

    def cost(self, audio, int block_size, int rounds=1):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples = _frames("audio", audio, self.channels_in)
        cdef uint64_t frames = samples.shape[0]
        cdef Costs costs
        cdef size_t i
        if not frames or block_size < 1 or rounds < 1:
            raise ValueError("cost needs at least one frame, a block size of at least 1 and a round")
        with nogil:
            costs = c_cost(engine[0], &samples[0, 0], frames, block_size, rounds)
        return {
            kInputNames[i].decode(): _rows(costs[i].data(), costs[i].size(), np.dtype(np.uint32))
            for i in range(<size_t>kInputs)
        }

    def play_sealed(self, audio, block_sizes, uint64_t blocks):
        cdef CppEngine* engine = self.get()
        cdef const float[:, ::1] samples = _frames("audio", audio, self.channels_in)
        cdef uint64_t frames = samples.shape[0]
        cdef vector[int] sizes = block_sizes
        cdef SealedRun run
        if not frames or sizes.empty() or min(sizes) < 1:
            raise ValueError("play_sealed needs at least one frame and block sizes of at least 1")
        with nogil:
            run = c_play_sealed(engine[0], &samples[0, 0], frames, sizes, blocks)
        return {"blocks": run.blocks, "notes": run.notes, "clock_reads": run.clock_reads, "ending": _outcome(run.outcome)}


def try_seal():
    return {
        "a system call": _outcome(c_sealed(c_call_the_clock, NULL)),
        "a heap that grows": _outcome(c_sealed(c_grow_the_heap, NULL)),
    }


cdef str _outcome(Outcome outcome):
    if not outcome.why_not.empty():
        return outcome.why_not.decode()
    if outcome.came_to_its_end():
        return "came to its end"
    if outcome.was_killed():
        return "killed"
    return f"ended by signal {outcome.signal}" if outcome.signal else f"ended with status {outcome.status}"


cdef float _NOTHING = 0.0  # an empty block is not a missing one

hop_dtype = np.dtype({
    "names": [*heard_dtype.names, "embedding"],
    "formats": [*(heard_dtype.fields[name][0] for name in heard_dtype.names), ("f4", (64,))],
    "offsets": [*(heard_dtype.fields[name][1] for name in heard_dtype.names), heard_dtype.itemsize],
    "itemsize": sizeof(Hop),
})
