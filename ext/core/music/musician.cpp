// The audio thread's side of the musician. Nothing here allocates.
#include "core/music/musician.h"

#include <algorithm>
#include <cmath>

#include "core/music/band.h"
#include "core/music/harmony.h"
#include "core/music/moment.h"

namespace emohost::music {

namespace {

// Standard deviation, in steps, of a drummer's hits around the usual place of their sixteenth: Groove MIDI
// Dataset, training split, 1.48 times the median distance within four bars (training/groove_data.py).
constexpr double kDrummersSpread = 0.107;
constexpr float kBusyOnsets = 8.0f;  // onsets per second that read as 1 in the dynamics context
constexpr float kSlowTempo = 60.0f, kTempoOctaves = 2.0f;  // reads as 0 there; so far above it as 1
// What the harmony network is told of the ear: half is the chroma, the rest the chord that the listener names.
constexpr float kChromaHeard = 0.5f, kToneNamed = 0.0625f, kRootNamed = 0.25f;

}  // namespace

void Band::describe_step(const dsp::Heard& heard, float* harmony_context,
                         float* dynamics_context) const noexcept {
    describe_harmony(heard, harmony_context);
    describe_dynamics(heard, dynamics_context);
}

void Band::plan(const dsp::Heard& heard, Emotion emotion, const Outputs& outputs) noexcept {
    if (!clock_.running()) return;
    const uint64_t now = clock_.plan_frame();
    const bool rests = when_heard_ && !heard.sounding;
    stage_.apply(now);
    stage_.fade_chroma();
    valence_ = std::isfinite(emotion.valence) ? std::clamp(emotion.valence, -1.0f, 1.0f) : 0.0f;
    tonality_.update(clock_.step_in_bar() == 0, rests, heard, valence_);
    memory_.note(clock_.step(), heard.chord);
    if (rests) {
        rest(now);
    } else {
        const Advice advice(outputs);
        listen(advice, outputs.fresh);
        Moment moment = describe(now, heard, emotion, advice);
        choose(moment);
        perform(moment, now);
    }
    clock_.advance();
}

void Band::onset(uint64_t frame, const dsp::Heard& heard, Emotion emotion) noexcept {
    if (!clock_.running()) return;
    stage_.apply(frame);
    accents_.onset(frame, heard, activity_of(emotion), tonality_.key(), chord_, stage_);
}

void Band::controls(uint64_t frame, const dsp::Heard& heard, Emotion emotion,
                    const Outputs& outputs) noexcept {
    stage_.apply(frame);
    controls_.update(frame, heard, emotion, outputs, stage_.schedule());
}

bool Band::next_event(uint64_t until, MidiEvent* event) noexcept {
    return stage_.schedule().next(until, event);
}

void Band::set(Parameter parameter, float value) noexcept {
    if (parameter == Parameter::tempo && std::isfinite(value))
        clock_.set_tempo(std::clamp(value, 20.0f, 300.0f));
    else
        stage_.set(parameter, value);
}

void Band::panic(uint64_t frame) noexcept {
    stage_.schedule().panic(frame, static_cast<uint16_t>(stage_.channels() | controls_.channels()));
}

void Band::start(uint64_t frame) noexcept {
    if (!clock_.running()) begin(frame);
}

void Band::stop(uint64_t frame) noexcept {
    panic(frame);
    clock_.stop();
    chord_ = kNoChord;
    by_network_ = -1;
}

int Band::chord_played() const noexcept {
    return chord_ == kNoChord ? -1 : transpose_chord(chord_, stage_.transpose());
}

void Band::begin(uint64_t frame) noexcept {
    clock_.start(frame);
    memory_.clear();
    stage_.program_changes(frame);
    controls_.resend();
    resumes_ = true;
}

void Band::rest(uint64_t now) noexcept {
    by_network_ = -1;
    if (resumes_) return;
    const uint64_t frame = std::max(now, clock_.frame());
    for (int part = 0; part < kParts; ++part)
        if (part != kAccents) stage_.schedule().end_part(part, frame);
    chord_ = kNoChord;
    resumes_ = true;
}

// Where the network is asked what comes next, what it heard a step before still stands. An answer of an earlier step
// may have been of what comes, and is not taken for heard.
void Band::listen(const Advice& advice, bool fresh) noexcept {
    if (!fresh)
        by_network_ = -1;
    else if (!network_foretells(clock_.step_in_bar()))
        by_network_ = chord_by_network(advice, std::max(0, tonality_.key().tonic));
}

Moment Band::describe(uint64_t now, const dsp::Heard& heard, Emotion emotion,
                      const Advice& advice) const noexcept {
    const int step = clock_.step_in_bar();
    const int slot = step % kGrooveSteps;
    const double moved = static_cast<double>(advice.offset[slot]) * clock_.step_frames();
    const double frame = static_cast<double>(clock_.frame() - now) + moved;  // from now on
    return {heard,
            advice,
            valence_,
            activity_of(emotion),
            tonality_.key(),
            by_network_ >= 0 ? by_network_ : heard.chord,
            chord_,
            false,
            clock_.bar(),
            step,
            clock_.steps_per_bar(),
            metrical_weight(step, clock_.steps_per_bar()),
            now + static_cast<uint64_t>(std::max(0.0, frame + 0.5)),
            clock_.step_frames(),
            advice.emphasis[slot]};
}

void Band::choose(Moment& moment) noexcept {
    const bool may_change = chord_may_change(moment, chord_rng_);
    if (!moment.key.known() || !(may_change || resumes_)) return;
    moment.chord =
        moment.advice.has_harmony ? choose_chord(moment, chord_rng_) : chord_without_network(moment);
    moment.chord_changed = moment.chord != chord_ || moment.step == 0 || resumes_;
    chord_ = moment.chord;
    resumes_ = false;
}

void Band::perform(const Moment& moment, uint64_t now) noexcept {
    if (moment.key.known()) {
        perform(kChords, comping_, moment, now);
        perform(kBass, bass_, moment, now);
        perform(kMelody, melody_, moment, now);
    }
    perform(kDrums, drums_, moment, now);
}

template <typename Player>
void Band::perform(Part part, Player& player, Moment moment, uint64_t now) noexcept {
    const double late = humanise_ * kDrummersSpread * hands_[part].bell() * moment.step_frames;
    if (!stage_.enabled(part)) return;
    const double frame = static_cast<double>(moment.frame - now) + late;  // from now on
    moment.frame = now + static_cast<uint64_t>(std::max(0.0, frame + 0.5));
    moment.frame = stage_.attack(part, moment);
    player.plan(moment, stage_);
}

void Band::describe_harmony(const dsp::Heard& heard, float* context) const noexcept {
    Tonality next = tonality_;
    next.update(clock_.step_in_bar() == 0, when_heard_ && !heard.sounding, heard, valence_);
    const int tonic = std::max(0, next.key().tonic);
    const int named = transpose_chord(heard.chord, -tonic);
    float played[12];
    stage_.chroma_played(played);
    std::fill(context, context + 64, 0.0f);
    for (int i = 0; i < 12; ++i) {
        context[i] =
            kChromaHeard * heard.chroma[(tonic + i) % 12] + (holds(chord_mask(named), i) ? kToneNamed : 0.0f);
        context[12 + i] = played[(tonic + i) % 12];
        context[24 + i] = holds(chord_mask(chord_), tonic + i) ? 1.0f : 0.0f;
    }
    if (chord_root(named) >= 0) context[chord_root(named)] += kRootNamed;
    if (chord_root(chord_) >= 0) context[36 + pitch_class(chord_root(chord_) - tonic)] = 1.0f;
    memory_.recall(clock_.step(), clock_.steps_per_bar(), tonic, context + 24, context + 36);
    context[48 + clock_.step_in_bar() % kGrooveSteps] = 1.0f;
}

void Band::describe_dynamics(const dsp::Heard& heard, float* context) const noexcept {
    const int step = clock_.step_in_bar();
    const float phase = 6.2831853f * static_cast<float>(step) / static_cast<float>(clock_.steps_per_bar());
    std::fill(context, context + 16, 0.0f);
    context[0] = heard.level;
    context[1] = heard.onset_strength;
    context[2] = std::min(1.0f, heard.onset_density / kBusyOnsets);
    context[3] = heard.articulation;
    context[4 + step / 4 % 4] = 1.0f;
    context[8 + step % 4] = 1.0f;
    context[12] = std::sin(phase);
    context[13] = std::cos(phase);
    context[14] = heard.key_clarity;
    const auto tempo = static_cast<float>(clock_.tempo());
    context[15] = std::clamp(std::log2(tempo / kSlowTempo) / kTempoOctaves, 0.0f, 1.0f);
}

}  // namespace emohost::music
