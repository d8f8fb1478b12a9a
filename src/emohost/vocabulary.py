"""The one vocabulary: every name that crosses a border between languages, processes or people, once.

Plain tables that import nothing of emohost, so that `--help` stays fast. `tools/vocabulary.py` writes the C++ and
Cython headers from them; the configuration's bounds and defaults, the JSON Schema, the command line and the control
socket read them. The order of a table is the order of its numbers, which is part of the layout that processes share:
append.
"""

from __future__ import annotations

from typing import Literal, NamedTuple


class Parameter(NamedTuple):
    """What can be changed while the host plays."""

    name: str
    low: float
    high: float
    default: float
    unit: str
    help: str
    key: str | None = None  # of the rig, that says what it is at the start; None: its default
    kind: Literal["number", "whole", "switch", "choice"] = "number"  # whole: of whole numbers only
    choices: tuple[str, ...] = ()  # what the numbers 0, 1 … of a choice are called


class Part(NamedTuple):
    """A part of the band, with its usual settings and its place in the dynamics network's output."""

    name: str
    enabled: bool
    channel: int  # MIDI channel, 1 to 16
    low: int  # lowest and highest MIDI note
    high: int
    program: int | None  # General MIDI program, 0 to 127
    velocity_output: int | None  # of the dynamics network; None: the part has none of its own
    gate_output: int | None
    help: str


class Role(NamedTuple):
    """What one of the networks is for, and the architecture it normally has."""

    name: str
    file: str  # the standard name of its model file
    inputs: int
    outputs: int
    layers: tuple[tuple[str, int], ...]  # (kind, outputs); any other architecture is as good
    hidden: str  # activation of its dense and convolution layers, where a file names none
    output: str  # and of the last of them
    tick: Literal["hop", "sixteenth"]  # on what its state advances
    meaning: str  # of the outputs
    help: str  # for the configuration
    optional: bool = False  # the host starts without it unless the configuration asks for it

    @property
    def architecture(self) -> str:
        """Such as 'dense 512 tanh, dense 256 tanh, lstm 128, dense 64 tanh'."""
        parts = []
        for index, (kind, size) in enumerate(self.layers):
            activation = self.output if index == len(self.layers) - 1 else self.hidden
            parts.append(f"{kind} {size}" if kind == "lstm" else f"{kind} {size} {activation}")
        return ", ".join(parts)


class ControlSource(NamedTuple):
    """What a control change can follow."""

    name: str
    dynamics_output: int | None  # the dynamics network's output that it reads; None: something else
    help: str


class Command(NamedTuple):
    """What the host can ask of the engine, besides setting a parameter."""

    name: str
    help: str


class Flag(NamedTuple):
    """A bit of a block's report."""

    name: str
    bit: int
    fault: bool  # False: it reports something usual
    help: str


class Choice(NamedTuple):
    """One of several that exclude each other."""

    name: str
    help: str


class Quality(NamedTuple):
    """A chord quality in Harte's syntax."""

    name: str
    label: str


class Feature(NamedTuple):
    """A run of features of the layout `emohost1`."""

    name: str
    first: int
    size: int
    help: str


class Controller(NamedTuple):
    """A MIDI controller, by its number."""

    name: str
    number: int


class Limit(NamedTuple):
    low: float
    high: float


TEMPO = Limit(20, 300)  # beats per minute
HEARD_TEMPO = Limit(
    40, 240
)  # likewise: among which the beat can be looked for (ext/core/hearing/beat/bar_pointer.h)
BEATS_PER_BAR = Limit(2, 7)
CHART_BEATS = 1024  # of the longest chord chart
SAMPLE_RATE = Limit(8000, 192000)  # Hz
BLOCK = Limit(1, 8192)  # frames
SHARE = Limit(0, 1)
FACTOR = Limit(0, 2)

# What a panic sends on a channel besides its note-offs, each with the value 0, in this order.
PANIC = (Controller("sustain", 64), Controller("all notes off", 123))
# And where nobody knows what sounds: it also cuts what fades.
ALL_SOUND_OFF = Controller("all sound off", 120)

ROLES = (
    Role(
        "emotion",
        "emotionrecognizer.json",
        128,
        64,
        (("dense", 512), ("dense", 256), ("lstm", 128), ("dense", 64)),
        "tanh",
        "tanh",
        "hop",
        "emotion embedding: thermometer code of valence (0-31) and arousal (32-63)",
        "Features heard to emotion",
    ),
    Role(
        "melody",
        "melodytransformer.json",
        64,
        128,
        (("dense", 256), ("lstm", 256), ("dense", 256), ("dense", 128)),
        "relu",
        "sigmoid",
        "sixteenth",
        "probability that each MIDI note begins at the step, in C major / A minor",
        "Emotion to melody notes",
    ),
    Role(
        "harmony",
        "harmonypredictor.json",
        128,
        64,
        (("dense", 256), ("dense", 128), ("dense", 64)),
        "tanh",
        "softmax",
        "sixteenth",
        "distribution over 64 chord classes relative to the tonic",
        "Emotion and what is heard to chords",
    ),
    Role(
        "dynamics",
        "dynamicsengine.json",
        32,
        16,
        (("dense", 128), ("dense", 64), ("dense", 16)),
        "relu",
        "sigmoid",
        "sixteenth",
        "velocity and gate of melody, chords, bass, drums; accent; expression, brightness, modulation, reverb, "
        "chorus, attack, release; each 0 to 1",
        "Emotion and level to velocities, gates and expression",
    ),
    Role(
        "groove",
        "groovepredictor.json",
        64,
        32,
        (("dense", 128), ("dense", 64), ("dense", 32)),
        "tanh",
        "tanh",
        "sixteenth",
        "16 sixteenths x (emphasis, timing offset as a fraction of a step), each -1 to 1",
        "Emotion to emphasis and timing of sixteenths",
    ),
    Role(
        "beat",
        "beat.json",
        128,
        2,
        (("dense", 64), ("lstm", 96), ("lstm", 48), ("dense", 2)),
        "tanh",
        "sigmoid",
        "hop",
        "activation of a beat, and of a downbeat, 0 to 1",
        "Bands heard to beats and downbeats; without it no beat is heard",
        optional=True,
    ),
)

ROLE_NAMES = tuple(role.name for role in ROLES)

PARTS = (
    Part("melody", True, 1, 60, 84, 0, 0, 4, "One voice, from the melody network"),
    Part("chords", True, 2, 48, 76, 4, 1, 5, "Voiced chords, from the harmony network"),
    Part("bass", True, 3, 28, 52, 33, 2, 6, "One low voice under the chords"),
    Part("drums", True, 10, 0, 127, None, 3, 7, "General MIDI drums on the groove"),
    Part("accents", False, 5, 60, 96, 11, None, None, "Answers each onset heard at once, on a chord tone"),
)

PART_NAMES = tuple(part.name for part in PARTS)

# How the band listens to the player (music.listen).
LISTEN = (
    Choice("follow", "How much it plays goes with the player"),
    Choice("answer", "Its melody plays in the player's gaps"),
    Choice("lead", "How much it plays is its own affair"),
)

# What the band plays in (music.style): data, in styles/NAME.yaml. The order is that of the engine's memory.
STYLES = (
    Choice("auto", "By what is heard, chosen anew where a section begins"),
    Choice("ballad", "Slow and wide: held chords, a side stick that grows into a snare"),
    Choice("pop", "Straight eighths, chords on their beats"),
    Choice("rock", "Driven eighths, open fifths and roots"),
    Choice("waltz", "Folk waltz in three: bass, chord, chord"),
    Choice("swing", "Ride, walking bass, chords off the beat"),
    Choice("bossa", "Straight eighths, side stick, root and fifth"),
    Choice("funk", "Sixteenths, ghost notes, short chords"),
    Choice("ambient", "Long chords with ninths, hardly a drum"),
    Choice("electronic", "Four on the floor, chords off the beat"),
    Choice("hymn", "Four voices, a chord on each beat"),
    Choice("own", "The file that music.style names"),
)

PARAMETERS = (
    Parameter("tempo", *TEMPO, 100, "beats per minute", "Tempo", "music.tempo"),
    Parameter("density", *FACTOR, 1, "", "Factor on how many notes are played"),
    Parameter("velocity", *FACTOR, 1, "", "Factor on velocities"),
    Parameter("transpose", -24, 24, 0, "semitones", "Moves new notes up or down", None, "whole"),
    *(
        Parameter(
            f"{part.name}_enabled",
            *SHARE,
            float(part.enabled),
            "",
            f"1: {part.name} may play, 0: silent",
            f"music.parts.{part.name}.enabled",
            "switch",
        )
        for part in PARTS
    ),
    Parameter(
        "emotion_weight",
        *SHARE,
        1,
        "",
        "Factor on the weight of emotion from people and programs",
        "bridge.weight",
    ),
    Parameter(
        "listen",
        0,
        len(LISTEN) - 1,
        0,
        "",
        "How the band listens to the player",
        "music.listen",
        "choice",
        tuple(each.name for each in LISTEN),
    ),
    Parameter(
        "style",
        0,
        len(STYLES) - 1,
        0,
        "",
        "What the band plays in, from the next bar on",
        "music.style",
        "choice",
        tuple(each.name for each in STYLES),
    ),
)

CONTROL_SOURCES = (
    ControlSource("valence", None, "Valence, -1 to 1"),
    ControlSource("arousal", None, "Arousal, -1 to 1"),
    ControlSource("level", None, "Level against the player's usual one"),
    ControlSource("expression", 9, "Expression"),
    ControlSource("brightness", 10, "Brightness"),
    ControlSource("modulation", 11, "Modulation"),
    ControlSource("reverb", 12, "Reverb send"),
    ControlSource("chorus", 13, "Chorus send"),
    ControlSource("attack", 14, "Attack time"),
    ControlSource("release", 15, "Release time"),
)

COMMANDS = (
    Command("panic", "Ends every note and forgets what was planned"),
    Command("transport_start", "Starts the transport on a bar"),
    Command("transport_stop", "Ends every note and stops the transport"),
    Command("tap", "A beat falls here; taps in a row set the tempo"),
    Command("downbeat", "A bar begins here"),
    Command("anchor", "Where the beat of a clock outside lies: its tempo is the value"),
    Command("lead", "Another clock leads: its number is the value"),
)

# What a performer can ask of the host, besides setting a parameter: a pedal, a pad, a message.
ACTIONS = (
    Choice("tap", "A beat falls now"),
    Choice("downbeat", "A bar begins with the beat next to now"),
    Choice("start", "Starts the transport"),
    Choice("stop", "Stops the transport; every note ends"),
    Choice("panic", "All notes off"),
)

# What leads in time (music.clock.source).
CLOCK_SOURCES = (
    Choice("follow", "The beat that is heard"),
    Choice("internal", "music.tempo, and what is tapped"),
    Choice("midi", "MIDI clock from outside"),
    Choice("link", "Ableton Link"),
    Choice("jack", "JACK's transport"),
)

# When the clock that leads is lost (music.clock.fallback).
FALLBACKS = (
    Choice("hold", "Its last tempo is held"),
    Choice("internal", "music.tempo"),
    Choice("follow", "The beat that is heard"),
    Choice("stop", "Nothing plays until it returns"),
)

# How the band comes in (music.enter.how).
ENTER = (
    Choice("at_once", "With the first step"),
    Choice("listen", "Once the beat is trusted for some bars: bass and chords, then drums, then melody"),
    Choice("count_in", "After bars of clicks"),
)

# What the band does, in BlockReport::playing.
PLAYING = (
    Choice("stopped", "The transport is stopped"),
    Choice("listening", "It listens, and has not come in yet"),
    Choice("counting_in", "It counts in"),
    Choice("playing", "It plays"),
    Choice("unsure", "It plays thinly: the beat is not trusted"),
    Choice("resting", "The player rests: it keeps time"),
    Choice("ended", "It has ended, and goes on if the player does"),
)

# What kind of sound is heard, in BlockReport::sound and Heard::sound.
SOUNDS = (
    Choice("nothing", "Silence, or not yet known"),
    Choice("noise", "Noise, hum or applause"),
    Choice("speech", "Speech, or a crowd"),
    Choice("tone", "A single tone"),
    Choice("rhythm", "Rhythm without pitch"),
    Choice("music", "Music"),
)

# When the band plays (music.play).
PLAY = (
    Choice("when_music", "Rest while there is no music; a rhythm alone gets drums, a single tone its fifth"),
    Choice("when_heard", "Rest while nothing sounds"),
    Choice("always", "Play in silence, too"),
)

FLAGS = (
    # PortAudio's own, in its order (paInputUnderflow ...).
    Flag("input_underflow", 0, True, "The driver had no input in time"),
    Flag("input_overflow", 1, True, "The driver threw input away"),
    Flag("output_underflow", 2, True, "The driver had no output in time"),
    Flag("output_overflow", 3, True, "The driver threw output away"),
    Flag("priming_output", 4, False, "The stream is being started"),
    Flag("not_a_number", 8, True, "The input held NaN or infinity (played as silence)"),
    Flag("null_input", 9, True, "The driver gave no input buffer (silence)"),
    Flag(
        "event_ring_full",
        10,
        True,
        "The event ring was full: what was due stays scheduled for the next block",
    ),
    Flag("hop", 11, False, "An emotion tick fell inside this block"),
    Flag("step", 12, False, "A sixteenth fell inside this block"),
    Flag("oversized_block", 13, True, "More frames than max_block: processed in pieces"),
    # Overload (ext/core/overload.h): what this block left out.
    Flag("shed_evaluations", 14, True, "The networks were not evaluated between their ticks"),
    Flag("shed_listening", 15, True, "The search for notes was left out"),
    Flag("shed_networks", 16, True, "The networks were left out on their ticks"),
    # What is strange about the input.
    Flag("clipped", 17, False, "Several samples in a row were at full scale"),
    Flag("cancelled_channels", 18, False, "The channels heard cancel each other when they are mixed"),
)

# The 64 chord classes: 12 roots x these qualities (class = root * 5 + quality), no chord, three diminished sevenths.
QUALITIES = (
    Quality("major", "maj"),
    Quality("minor", "min"),
    Quality("dominant7", "7"),
    Quality("major7", "maj7"),
    Quality("minor7", "min7"),
)
NO_CHORD = 12 * len(QUALITIES)
DIMINISHED = Quality("diminished7", "dim7")
DIMINISHED_CLASSES = 3
CHORD_CLASSES = NO_CHORD + 1 + DIMINISHED_CLASSES

FEATURES = (
    Feature("bands", 0, 64, "mel bands against the player's usual level, over 0.5 s"),
    Feature("chroma_long", 64, 12, "chroma of about 6 s from the tonic on; zeros while no key is known"),
    Feature("chroma_middle", 76, 12, "chroma of about 3 s likewise"),
    Feature("level", 88, 1, "level against the player's usual one"),
    Feature("brightness", 89, 1, "brightness"),
    Feature("flatness", 90, 1, "flatness of the spectrum"),
    Feature("articulation", 91, 1, "0 legato, 1 staccato"),
    Feature("pitch_register", 92, 1, "0 low, 1 high"),
    Feature("mode", 93, 1, "-1 minor to 1 major, of chroma_long"),
    Feature("mode_middle", 94, 1, "the same of about 3 s"),
    Feature("mode_recent", 95, 1, "the same of 1.5 s"),
    Feature("attacks", 96, 7, "onsets per second above each of seven strengths, log"),
    Feature("falls", 103, 5, "share of the time in which the level falls faster than five rates"),
    Feature("modulation", 108, 20, "shares of 20 rates, 0.5 to 14 Hz, in the pulsing of the sound, log"),
)
