# Made by tools/vocabulary.py from src/emohost/vocabulary.py: change that, not this.

from libc.stdint cimport uint32_t

cdef extern from "core/vocabulary.h" namespace "emohost" nogil:
    cdef enum class Parameter(uint32_t):
        tempo
        density
        velocity
        transpose
        melody_enabled
        chords_enabled
        bass_enabled
        drums_enabled
        accents_enabled
        emotion_weight
        listen
        style
    cdef enum class CommandKind(uint32_t):
        set_parameter
        panic
        transport_start
        transport_stop
        tap
        downbeat
        anchor
        lead
    cdef enum BlockFlags:
        kInputUnderflow
        kInputOverflow
        kOutputUnderflow
        kOutputOverflow
        kPrimingOutput
        kNotANumber
        kNullInput
        kEventRingFull
        kHop
        kStep
        kOversizedBlock
        kShedEvaluations
        kShedListening
        kShedNetworks
        kClipped
        kCancelledChannels
    cdef enum Role:
        kEmotionRole
        kMelodyRole
        kHarmonyRole
        kDynamicsRole
        kGrooveRole
        kBeatRole
        kRoles

cdef extern from "core/vocabulary.h" namespace "emohost::hearing" nogil:
    cdef enum class Sound(int):
        nothing
        noise
        speech
        tone
        rhythm
        music

cdef extern from "core/vocabulary.h" namespace "emohost::music" nogil:
    cdef enum Part:
        kMelody
        kChords
        kBass
        kDrums
        kAccents
    cdef enum class ControlSource(int):
        valence
        arousal
        level
        expression
        brightness
        modulation
        reverb
        chorus
        attack
        release
    cdef enum class ClockSource(int):
        follow
        internal
        midi
        link
        jack
    cdef enum class Fallback(int):
        hold
        internal
        follow
        stop
    cdef enum class Enter(int):
        at_once
        listen
        count_in
    cdef enum class Listen(int):
        follow
        answer
        lead
    cdef enum class Playing(int):
        stopped
        listening
        counting_in
        playing
        unsure
        resting
        ended
    cdef enum class Play(int):
        when_music
        when_heard
        always
    cdef enum class StyleName(int):
        auto_
        ballad
        pop
        rock
        waltz
        swing
        bossa
        funk
        ambient
        electronic
        hymn
        own

PARAMETERS = {
    "tempo": <uint32_t>Parameter.tempo,
    "density": <uint32_t>Parameter.density,
    "velocity": <uint32_t>Parameter.velocity,
    "transpose": <uint32_t>Parameter.transpose,
    "melody_enabled": <uint32_t>Parameter.melody_enabled,
    "chords_enabled": <uint32_t>Parameter.chords_enabled,
    "bass_enabled": <uint32_t>Parameter.bass_enabled,
    "drums_enabled": <uint32_t>Parameter.drums_enabled,
    "accents_enabled": <uint32_t>Parameter.accents_enabled,
    "emotion_weight": <uint32_t>Parameter.emotion_weight,
    "listen": <uint32_t>Parameter.listen,
    "style": <uint32_t>Parameter.style,
}
COMMANDS = {
    "panic": <uint32_t>CommandKind.panic,
    "transport_start": <uint32_t>CommandKind.transport_start,
    "transport_stop": <uint32_t>CommandKind.transport_stop,
    "tap": <uint32_t>CommandKind.tap,
    "downbeat": <uint32_t>CommandKind.downbeat,
    "anchor": <uint32_t>CommandKind.anchor,
    "lead": <uint32_t>CommandKind.lead,
}
FLAGS = {
    "input_underflow": <uint32_t>kInputUnderflow,
    "input_overflow": <uint32_t>kInputOverflow,
    "output_underflow": <uint32_t>kOutputUnderflow,
    "output_overflow": <uint32_t>kOutputOverflow,
    "priming_output": <uint32_t>kPrimingOutput,
    "not_a_number": <uint32_t>kNotANumber,
    "null_input": <uint32_t>kNullInput,
    "event_ring_full": <uint32_t>kEventRingFull,
    "hop": <uint32_t>kHop,
    "step": <uint32_t>kStep,
    "oversized_block": <uint32_t>kOversizedBlock,
    "shed_evaluations": <uint32_t>kShedEvaluations,
    "shed_listening": <uint32_t>kShedListening,
    "shed_networks": <uint32_t>kShedNetworks,
    "clipped": <uint32_t>kClipped,
    "cancelled_channels": <uint32_t>kCancelledChannels,
}
_ROLES = {
    "emotion": <int>kEmotionRole,
    "melody": <int>kMelodyRole,
    "harmony": <int>kHarmonyRole,
    "dynamics": <int>kDynamicsRole,
    "groove": <int>kGrooveRole,
    "beat": <int>kBeatRole,
}
_PARTS = {
    "melody": <int>kMelody,
    "chords": <int>kChords,
    "bass": <int>kBass,
    "drums": <int>kDrums,
    "accents": <int>kAccents,
}
_CONTROL_SOURCES = {
    "valence": <int>ControlSource.valence,
    "arousal": <int>ControlSource.arousal,
    "level": <int>ControlSource.level,
    "expression": <int>ControlSource.expression,
    "brightness": <int>ControlSource.brightness,
    "modulation": <int>ControlSource.modulation,
    "reverb": <int>ControlSource.reverb,
    "chorus": <int>ControlSource.chorus,
    "attack": <int>ControlSource.attack,
    "release": <int>ControlSource.release,
}
CLOCK_SOURCES = {
    "follow": <int>ClockSource.follow,
    "internal": <int>ClockSource.internal,
    "midi": <int>ClockSource.midi,
    "link": <int>ClockSource.link,
    "jack": <int>ClockSource.jack,
}
_FALLBACKS = {
    "hold": <int>Fallback.hold,
    "internal": <int>Fallback.internal,
    "follow": <int>Fallback.follow,
    "stop": <int>Fallback.stop,
}
_ENTER = {
    "at_once": <int>Enter.at_once,
    "listen": <int>Enter.listen,
    "count_in": <int>Enter.count_in,
}
_LISTEN = {
    "follow": <int>Listen.follow,
    "answer": <int>Listen.answer,
    "lead": <int>Listen.lead,
}
PLAYING = {
    "stopped": <int>Playing.stopped,
    "listening": <int>Playing.listening,
    "counting_in": <int>Playing.counting_in,
    "playing": <int>Playing.playing,
    "unsure": <int>Playing.unsure,
    "resting": <int>Playing.resting,
    "ended": <int>Playing.ended,
}
_PLAY = {
    "when_music": <int>Play.when_music,
    "when_heard": <int>Play.when_heard,
    "always": <int>Play.always,
}
_STYLES = {
    "auto": <int>StyleName.auto_,
    "ballad": <int>StyleName.ballad,
    "pop": <int>StyleName.pop,
    "rock": <int>StyleName.rock,
    "waltz": <int>StyleName.waltz,
    "swing": <int>StyleName.swing,
    "bossa": <int>StyleName.bossa,
    "funk": <int>StyleName.funk,
    "ambient": <int>StyleName.ambient,
    "electronic": <int>StyleName.electronic,
    "hymn": <int>StyleName.hymn,
    "own": <int>StyleName.own,
}
