# What an engine is built from: settings and networks, checked.

from libc.stdint cimport int32_t

cdef extern from "core/music/musician.h" namespace "emohost::music" nogil:
    cdef struct PartSettings:
        cbool enabled
        int channel
        int low
        int high
        int program
        float density
        float velocity
    cdef struct ControlSettings:
        ControlSource source
        int channel
        int controller
        int low
        int high
    const int kMaxControls
    cdef enum class In(int):
        any, lead, contrast
    cdef enum class Position(int):
        any, close, open
    const int kLineSteps
    const int kDrumLines
    const int kFills
    const int kFillLines
    const int kPitchedLines
    cdef struct Span:
        float low
        float high
    cdef struct Line:
        char* steps
        uint8_t length
        In in_ "in"
        uint8_t sound
        float from_ "from"
        float to
        float level
    cdef struct Fill:
        uint8_t steps
        uint8_t within_section
        float from_ "from"
        float to
        int32_t count
        Line* lines
    cdef cppclass Style:
        int32_t beats
        Span tempo
        Span valence
        Span activity
        Span density
        float handicap
        float swing
        int32_t pair
        uint8_t begins
        uint8_t begins_calm
        int32_t drum_count
        Line* drums
        int32_t fill_count
        Fill* fills
        int32_t chord_count
        Line* chords
        int32_t fewest
        int32_t most
        Position position
        uint8_t extensions
        int32_t chord_low
        int32_t chord_high
        int32_t bass_count
        Line* bass
        int32_t bass_low
        int32_t bass_high
        uint8_t chromatic
    cdef cppclass MusicianSettings:
        double sample_rate
        uint64_t seed
        ClockSource clock
        Fallback fallback
        double output_delay_s
        cbool metre_found
        cbool clock_out
        Enter enter
        int enter_bars
        Listen listen
        StyleName style
        vector[Style] styles
        double tempo
        int beats_per_bar
        vector[int8_t] chart
        Play play
        int tonic
        cbool minor
        float humanise
        double control_interval_s
        PartSettings* parts
        ControlSettings* controls
        int control_count
        uint8_t* inputs
    cdef enum InputUse "emohost::music::InputUse":
        kChordInput
        kKeyInput
        kEarsInput
    const int kMostInputs

cdef extern from "core/engine.h" namespace "emohost" nogil:
    cdef cppclass EngineSettings:
        double sample_rate
        int max_block
        int channels_in
        uint64_t heard
        int channels_out
        cbool pass_through
        cbool sheds
        cbool between_ticks
        uint64_t (*clock)() noexcept nogil
        ListenerSettings listener
        MusicianSettings music
    cdef cppclass Hop:
        pass
    cdef cppclass NetworkArray "emohost::Networks":
        unique_ptr[CppModel]& operator[](size_t role)
    cdef cppclass CppEngine "emohost::Engine":
        CppEngine(const EngineSettings& settings, NetworkArray networks, SharedMemory& shared) except +
        void process(const float* input, float* output, int frames)
        cbool offer(NetworkArray networks, uint32_t replaced) except +
        cbool offer_style "offer"(const Style& own) except +
        cbool listen(const CppEmotionRing& ring)
        void resume(const Continuation& start) except +
        int collect()
        void record(CppRecordMemory& memory)
        uint64_t frame()
        size_t memory_bytes()
    void* portaudio_callback "(void*)&emohost::Engine::portaudio_callback"

cdef extern from "core/replay.h" namespace "emohost" nogil:
    uint64_t replayed_clock() noexcept

cdef extern from "core/offline.h" namespace "emohost" nogil:
    cdef cppclass Rendering:
        vector[MidiEvent] events
        vector[BlockReport] reports
        vector[Hop] hops
        cbool keeps_steps
        vector[Step] steps
    void c_render "emohost::render"(
        CppEngine& engine, const float* audio, uint64_t frames, int block_size, Rendering* rendering) except +
    void c_finish "emohost::finish"(CppEngine& engine, Rendering* rendering) except +

cdef extern from "core/pacer.h" namespace "emohost" nogil:
    cdef enum class Signal:
        silence, noise
    cdef cppclass CppPacer "emohost::Pacer":
        CppPacer(CppEngine& engine, int block_size, cbool paced) except +
        void start() except +
        uint64_t feed(const float* audio, uint64_t frames)
        void end()
        void feed_signal(Signal signal, uint64_t seed, double level_db) except +
        void stop()
        cbool running()
        cbool realtime()
        uint64_t underflows()
        uint64_t late()

cdef extern from "core/proof/measure.h" namespace "emohost::proof" nogil:
    const int kTrapKinds
    const char** kTrapNames
    cdef cppclass Measured:
        uint64_t blocks
        cbool trapped
        uint64_t calls[8]
        cbool faults_known
        uint64_t page_faults
        vector[uint32_t] durations_ns
    Measured c_measure "emohost::proof::measure"(
        CppEngine& engine, const float* audio, uint64_t frames, const vector[int]& block_sizes) except +
    cdef cppclass Costs:
        vector[uint32_t]& operator[](size_t kind)
    Costs c_cost "emohost::proof::cost"(
        CppEngine& engine, const float* audio, uint64_t frames, int block_size, int rounds) except +

cdef extern from "core/proof/stimulus.h" namespace "emohost::proof" nogil:
    const int kInputs
    const char** kInputNames

cdef extern from "core/proof/sealed.h" namespace "emohost::proof" nogil:
    cdef cppclass Outcome:
        string why_not
        int signal
        int status
        cbool came_to_its_end()
        cbool was_killed()
    cdef cppclass SealedRun:
        Outcome outcome
        uint64_t blocks
        uint64_t notes
        uint64_t clock_reads
    Outcome c_sealed "emohost::proof::sealed"(void (*work)(void*), void* with_) except +
    void c_call_the_clock "emohost::proof::call_the_clock"(void* with_)
    void c_grow_the_heap "emohost::proof::grow_the_heap"(void* with_)
    SealedRun c_play_sealed "emohost::proof::play_sealed"(
        CppEngine& engine, const float* audio, uint64_t frames, const vector[int]& block_sizes, uint64_t blocks) except +


_SIGNALS = {"silence": <int>Signal.silence, "noise": <int>Signal.noise}


cdef class _Fields:
    """A mapping whose keys are taken one by one; what is missing or left over is an error that names it."""
    cdef str place
    cdef dict rest

    def __init__(self, str place, fields):
        self.place = place
        self.rest = dict(fields)

    cdef take(self, str name):
        if name not in self.rest:
            raise ValueError(f"{self.place}: {name!r} is missing")
        return self.rest.pop(name)

    cdef done(self):
        if self.rest:
            raise ValueError(f"{self.place}: unknown {', '.join(map(repr, self.rest))}")


cdef void _part_settings(PartSettings* part, str name, object given) except *:
    cdef _Fields fields = _Fields(f"music.parts.{name}", given)
    part.enabled = fields.take("enabled")
    part.channel = fields.take("channel")
    part.low = fields.take("low")
    part.high = fields.take("high")
    part.program = fields.take("program")
    part.density = fields.take("density")
    part.velocity = fields.take("velocity")
    fields.done()


cdef void _control_settings(ControlSettings* control, int index, object given) except *:
    cdef _Fields fields = _Fields(f"music.controls[{index}]", given)
    place = f"music.controls[{index}].source"
    control.source = <ControlSource><int>_chosen(place, fields.take("source"), _CONTROL_SOURCES)
    control.channel = fields.take("channel")
    control.controller = fields.take("controller")
    control.low = fields.take("low")
    control.high = fields.take("high")
    fields.done()


_IN = {"any": <int>In.any, "A": <int>In.lead, "B": <int>In.contrast}
_INPUT_USES = {"chord": <int>kChordInput, "key": <int>kKeyInput, "ears": <int>kEarsInput}
_POSITIONS = {"any": <int>Position.any, "close": <int>Position.close, "open": <int>Position.open}


cdef Span _span(object given):
    cdef Span span
    span.low, span.high = given
    return span


cdef void _line(Line* line, str place, object given) except *:
    cdef _Fields fields = _Fields(place, given)
    cdef bytes steps = fields.take("steps").encode("ascii")
    if not 1 <= len(steps) <= kLineSteps:
        raise ValueError(f"{place}.steps: expected 1 to {kLineSteps} sixteenths, found {len(steps)}")
    memcpy(line.steps, <const char*>steps, len(steps))
    line.length = len(steps)
    line.in_ = <In><int>_chosen(f"{place}.section", fields.take("section"), _IN)
    line.sound = fields.take("sound")
    line.from_ = fields.take("from")
    line.to = fields.take("to")
    line.level = fields.take("level")
    fields.done()


cdef int _lines(Line* lines, int most, str place, object given) except -1:
    if len(given) > most:
        raise ValueError(f"{place}: expected at most {most} lines, found {len(given)}")
    for i, each in enumerate(given):
        _line(&lines[<int>i], f"{place}[{i}]", each)
    return len(given)


cdef void _fill(Fill* fill, str place, object given) except *:
    cdef _Fields fields = _Fields(place, given)
    fill.steps = fields.take("steps")
    fill.within_section = fields.take("within_section")
    fill.from_ = fields.take("from")
    fill.to = fields.take("to")
    fill.count = _lines(fill.lines, kFillLines, f"{place}.lines", fields.take("lines"))
    fields.done()


cdef void _style(Style* style, str place, object given) except *:
    """As `emohost.styles.compiled` gives it."""
    cdef _Fields fields = _Fields(place, given)
    style.beats = fields.take("beats")
    style.tempo = _span(fields.take("tempo"))
    style.valence = _span(fields.take("valence"))
    style.activity = _span(fields.take("activity"))
    style.density = _span(fields.take("density"))
    style.handicap = fields.take("handicap")
    style.swing = fields.take("swing")
    style.pair = fields.take("pair")
    style.begins = fields.take("begins")
    style.begins_calm = fields.take("begins_calm")
    style.drum_count = _lines(style.drums, kDrumLines, f"{place}.drums", fields.take("drums"))
    fills = fields.take("fills")
    if len(fills) > kFills:
        raise ValueError(f"{place}.fills: expected at most {kFills}, found {len(fills)}")
    for i, each in enumerate(fills):
        _fill(&style.fills[<int>i], f"{place}.fills[{i}]", each)
    style.fill_count = len(fills)
    style.chord_count = _lines(style.chords, kPitchedLines, f"{place}.chords", fields.take("chords"))
    style.fewest = fields.take("fewest")
    style.most = fields.take("most")
    style.position = <Position><int>_chosen(f"{place}.position", fields.take("position"), _POSITIONS)
    style.extensions = fields.take("extensions")
    style.chord_low, style.chord_high = fields.take("chord_range")
    style.bass_count = _lines(style.bass, kPitchedLines, f"{place}.bass", fields.take("bass"))
    style.bass_low, style.bass_high = fields.take("bass_range")
    style.chromatic = fields.take("chromatic")
    fields.done()


cdef int _chosen(str place, object value, dict among) except -1:
    if value not in among:
        raise ValueError(f"{place}: expected one of {', '.join(among)}, found {value!r}")
    return among[value]


cdef void _music_settings(MusicianSettings* music, double sample_rate, object given) except *:
    cdef _Fields fields = _Fields("music", given)
    cdef _Fields parts = _Fields("music.parts", fields.take("parts"))
    cdef int i
    music.sample_rate = sample_rate
    music.seed = fields.take("seed")
    music.clock = <ClockSource><int>_chosen("music.clock", fields.take("clock"), CLOCK_SOURCES)
    music.fallback = <Fallback><int>_chosen("music.fallback", fields.take("fallback"), _FALLBACKS)
    music.output_delay_s = fields.take("output_delay_s")
    music.clock_out = fields.take("clock_out")
    music.metre_found = fields.take("metre_found")
    music.enter = <Enter><int>_chosen("music.enter", fields.take("enter"), _ENTER)
    music.enter_bars = fields.take("enter_bars")
    music.listen = <Listen><int>_chosen("music.listen", fields.take("listen"), _LISTEN)
    music.style = <StyleName><int>_chosen("music.style", fields.take("style"), _STYLES)
    styles = fields.take("styles")
    music.styles.resize(len(styles))
    for i in range(len(styles)):
        _style(&music.styles[i], f"music.styles[{i}]", styles[i])
    music.tempo = fields.take("tempo")
    music.beats_per_bar = fields.take("beats_per_bar")
    music.chart = fields.take("chart")
    music.play = <Play><int>_chosen("music.play", fields.take("play"), _PLAY)
    music.tonic = fields.take("tonic")
    music.minor = fields.take("minor")
    music.humanise = fields.take("humanise")
    music.control_interval_s = fields.take("control_interval_s")
    for name, number in _PARTS.items():
        _part_settings(&music.parts[<int>number], name, parts.take(name))
    parts.done()
    controls = fields.take("controls")
    if len(controls) > kMaxControls:
        raise ValueError(f"music.controls: expected at most {kMaxControls}, found {len(controls)}")
    for i in range(len(controls)):
        _control_settings(&music.controls[i], i, controls[i])
    music.control_count = len(controls)
    inputs = fields.take("inputs")
    if len(inputs) > kMostInputs:
        raise ValueError(f"music.inputs: expected at most {kMostInputs}, found {len(inputs)}")
    for i in range(len(inputs)):
        for use in inputs[i]:
            music.inputs[i] |= <uint8_t>_chosen(f"music.inputs[{i}]", use, _INPUT_USES)
    fields.done()


cdef uint64_t _heard(object channels) except? 0:
    """The mask of channels that count from 0; none: all."""
    cdef uint64_t mask = 0
    for channel in channels:
        if not 0 <= channel < 64:
            raise ValueError(f"heard: expected channels from 0 to 63, found {channel}")
        mask |= <uint64_t>1 << <int>channel
    return mask


cdef EngineSettings _engine_settings(object given) except *:
    cdef EngineSettings settings
    cdef _Fields fields = _Fields("engine settings", given)
    settings.sample_rate = fields.take("sample_rate")
    settings.max_block = fields.take("max_block")
    settings.channels_in = fields.take("channels_in")
    settings.heard = _heard(fields.take("heard"))
    settings.channels_out = fields.take("channels_out")
    settings.pass_through = fields.take("pass_through")
    settings.sheds = fields.take("sheds")
    settings.between_ticks = fields.take("between_ticks")
    settings.clock = NULL
    if fields.take("replays"):
        settings.clock = replayed_clock
    settings.listener = _listener_settings(settings.sample_rate, fields.take("listener"))
    _music_settings(&settings.music, settings.sample_rate, fields.take("music"))
    fields.done()
    return settings


cdef list _models(object networks):
    """One Model or None per role, by its number; each Model once, none handed over before."""
    unknown = set(networks) - set(_ROLES)
    if unknown:
        raise ValueError(f"networks: unknown {', '.join(map(repr, sorted(unknown)))}")
    models = [None] * len(_ROLES)
    for role, number in _ROLES.items():
        models[number] = networks.get(role)
    for role, number in _ROLES.items():
        model = models[number]
        if model is not None:
            if not isinstance(model, Model):
                raise TypeError(f"{role}: expected a Model or None, found {type(model).__name__}")
            (<Model>model).get()
            if sum(model is other for other in models) > 1:
                raise ValueError(f"{role}: the same Model stands for two roles")
    return models


cdef void _move_in(list models, NetworkArray* networks) noexcept:
    cdef int role
    for role in range(kRoles):
        if models[role] is not None:
            networks[0][role] = move((<Model>models[role]).model)


cdef void _move_back(list models, NetworkArray* networks) noexcept:
    cdef int role
    for role in range(kRoles):
        if models[role] is not None:
            (<Model>models[role]).model = move(networks[0][role])


cdef list _event_list(const vector[MidiEvent]& events):
    cdef size_t i
    return [_event_tuple(&events[i]) for i in range(events.size())]


cdef object _rows(const void* data, size_t count, object dtype):
    """A copy of `count` structs as an array."""
    rows = np.zeros(count, dtype=dtype)
    cdef uint8_t[::1] view
    if count:
        view = rows.view(np.uint8)
        memcpy(&view[0], data, count * <size_t>dtype.itemsize)
    return rows


cdef const float[:, ::1] _frames(str name, object audio, int channels):
    array = np.ascontiguousarray(audio, dtype=np.float32)
    if array.ndim == 1 and channels == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] != channels:
        raise ValueError(f"{name}: expected shape (frames, {channels}), found {array.shape}")
    return array
