#include "core/music/musician.h"

#include <algorithm>
#include <cmath>

#include "core/music/accents.h"
#include "core/music/bass.h"
#include "core/music/clock.h"
#include "core/music/comping.h"
#include "core/music/control_changes.h"
#include "core/music/drums.h"
#include "core/music/harmony.h"
#include "core/music/melody.h"
#include "core/music/moment.h"
#include "core/music/rng.h"
#include "core/music/stage.h"
#include "core/music/tonality.h"

namespace emohost::music {

namespace {

// Standard deviation, in steps, of a drummer's hits around the usual place of their sixteenth: Groove MIDI
// Dataset, training split, 1.48 times the median distance within four bars (training/groove_data.py).
constexpr double kDrummersSpread = 0.107;
constexpr float kBusyOnsets = 8.0f;  // onsets per second that read as 1 in the dynamics context

class Band final : public Musician {
  public:
    explicit Band(const MusicianSettings& settings) noexcept
        : when_heard_(settings.when_heard),
          clock_(settings.sample_rate, settings.tempo, settings.beats_per_bar),
          tonality_(settings),
          stage_(settings),
          controls_(settings),
          chord_rng_(settings.seed, 6),
          melody_(settings.seed),
          comping_(settings.seed),
          bass_(settings.seed),
          drums_(settings.seed),
          accents_(settings.seed, settings.sample_rate),
          humanise_(settings.humanise),
          hands_{{settings.seed, 16 + kMelody},
                 {settings.seed, 16 + kChords},
                 {settings.seed, 16 + kBass},
                 {settings.seed, 16 + kDrums}} {
        begin(0);
    }

    uint64_t next_plan_frame() const noexcept override { return clock_.plan_frame(); }

    void describe_step(const dsp::Heard& heard, float* harmony_context,
                       float* dynamics_context) const noexcept override {
        describe_harmony(heard, harmony_context);
        describe_dynamics(heard, dynamics_context);
    }

    void plan(const dsp::Heard& heard, Emotion emotion, const Outputs& outputs) noexcept override {
        if (!clock_.running()) return;
        const uint64_t now = clock_.plan_frame();
        const bool rests = when_heard_ && !heard.sounding;
        stage_.apply(now);
        stage_.fade_chroma();
        valence_ = std::isfinite(emotion.valence) ? std::clamp(emotion.valence, -1.0f, 1.0f) : 0.0f;
        tonality_.update(clock_.step_in_bar() == 0, rests, heard, valence_);
        if (rests) {
            rest(now);
        } else {
            const Advice advice(outputs);
            Moment moment = describe(now, heard, emotion, advice);
            choose(moment);
            perform(moment, now);
        }
        clock_.advance();
    }

    void onset(uint64_t frame, const dsp::Heard& heard, Emotion emotion) noexcept override {
        if (!clock_.running()) return;
        stage_.apply(frame);
        accents_.onset(frame, heard, activity_of(emotion), tonality_.key(), chord_, stage_);
    }

    void controls(uint64_t frame, const dsp::Heard& heard, Emotion emotion,
                  const Outputs& outputs) noexcept override {
        stage_.apply(frame);
        controls_.update(frame, heard, emotion, outputs, stage_.schedule());
    }

    bool next_event(uint64_t until, MidiEvent* event) noexcept override {
        return stage_.schedule().next(until, event);
    }
    void taken() noexcept override { stage_.schedule().taken(); }

    void set(Parameter parameter, float value) noexcept override {
        if (parameter == Parameter::tempo && std::isfinite(value))
            clock_.set_tempo(std::clamp(value, 20.0f, 300.0f));
        else
            stage_.set(parameter, value);
    }

    void panic(uint64_t frame) noexcept override {
        stage_.schedule().panic(frame, static_cast<uint16_t>(stage_.channels() | controls_.channels()));
    }
    void start(uint64_t frame) noexcept override {
        if (!clock_.running()) begin(frame);
    }
    void stop(uint64_t frame) noexcept override {
        panic(frame);
        clock_.stop();
        chord_ = kNoChord;
    }

    int chord_played() const noexcept override {
        return chord_ == kNoChord ? -1 : transpose_chord(chord_, stage_.transpose());
    }
    int step_in_bar() const noexcept override { return clock_.step_in_bar(); }
    double tempo() const noexcept override { return clock_.tempo(); }
    uint32_t notes() const noexcept override { return stage_.schedule().notes(); }
    uint32_t dropped() const noexcept override { return stage_.schedule().dropped(); }
    uint16_t sounding() const noexcept override { return stage_.schedule().sounding(); }
    std::size_t memory_bytes() const noexcept override { return sizeof *this; }

  private:
    void begin(uint64_t frame) noexcept {
        clock_.start(frame);
        stage_.program_changes(frame);
        controls_.resend();
        resumes_ = true;
    }

    // What sounds ends; the next step that plays begins afresh.
    void rest(uint64_t now) noexcept {
        if (resumes_) return;
        const uint64_t frame = std::max(now, clock_.frame());
        for (int part = 0; part < kParts; ++part)
            if (part != kAccents) stage_.schedule().end_part(part, frame);
        chord_ = kNoChord;
        resumes_ = true;
    }

    Moment describe(uint64_t now, const dsp::Heard& heard, Emotion emotion,
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

    void choose(Moment& moment) noexcept {
        const bool may_change = chord_may_change(moment, chord_rng_);
        if (!moment.key.known() || !(may_change || resumes_)) return;
        moment.chord =
            moment.advice.has_harmony ? choose_chord(moment, chord_rng_) : chord_without_network(moment);
        moment.chord_changed = moment.chord != chord_ || moment.step == 0 || resumes_;
        chord_ = moment.chord;
        resumes_ = false;
    }

    void perform(const Moment& moment, uint64_t now) noexcept {
        if (moment.key.known()) {
            perform(kChords, comping_, moment, now);
            perform(kBass, bass_, moment, now);
            perform(kMelody, melody_, moment, now);
        }
        perform(kDrums, drums_, moment, now);
    }

    template <typename Player>
    void perform(Part part, Player& player, Moment moment, uint64_t now) noexcept {
        const double late = humanise_ * kDrummersSpread * hands_[part].bell() * moment.step_frames;
        if (!stage_.enabled(part)) return;
        const double frame = static_cast<double>(moment.frame - now) + late;  // from now on
        moment.frame = now + static_cast<uint64_t>(std::max(0.0, frame + 0.5));
        moment.frame = stage_.attack(part, moment);
        player.plan(moment, stage_);
    }

    void describe_harmony(const dsp::Heard& heard, float* context) const noexcept {
        Tonality next = tonality_;
        next.update(clock_.step_in_bar() == 0, when_heard_ && !heard.sounding, heard, valence_);
        const int tonic = std::max(0, next.key().tonic);
        float played[12];
        stage_.chroma_played(played);
        std::fill(context, context + 64, 0.0f);
        for (int i = 0; i < 12; ++i) {
            context[i] = heard.chroma[(tonic + i) % 12];
            context[12 + i] = played[(tonic + i) % 12];
            context[24 + i] = holds(chord_mask(chord_), tonic + i) ? 1.0f : 0.0f;
        }
        if (chord_root(chord_) >= 0) context[36 + pitch_class(chord_root(chord_) - tonic)] = 1.0f;
        context[48 + clock_.step_in_bar() % kGrooveSteps] = 1.0f;
    }

    void describe_dynamics(const dsp::Heard& heard, float* context) const noexcept {
        const int step = clock_.step_in_bar();
        const float phase =
            6.2831853f * static_cast<float>(step) / static_cast<float>(clock_.steps_per_bar());
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
        context[15] = 1.0f;
    }

    bool when_heard_;
    Clock clock_;
    Tonality tonality_;
    Stage stage_;
    ControlChanges controls_;
    Rng chord_rng_;
    Melody melody_;
    Comping comping_;
    Bass bass_;
    Drums drums_;
    Accents accents_;
    double humanise_;        // 1: as much as drummers
    Rng hands_[kDrums + 1];  // of the parts that keep time, each its own
    int chord_ = kNoChord;   // in force, before transposition
    bool resumes_ = true;    // nothing was played at the last step: a chord is chosen at once
    float valence_ = 0.0f;
};

const char* find_error(const MusicianSettings& settings) noexcept {
    const auto outside = [](double x, double low, double high) { return !(x >= low && x <= high); };
    if (outside(settings.sample_rate, 1000.0, 1e6)) return "sample_rate must be 1000 to 1000000 Hz";
    if (outside(settings.tempo, 20.0, 300.0)) return "tempo must be 20 to 300 beats per minute";
    if (outside(settings.beats_per_bar, 2, 7)) return "beats_per_bar must be 2 to 7";
    if (outside(settings.tonic, -1, 11)) return "tonic must be -1 (the key that is heard) or 0 (C) to 11 (B)";
    if (outside(settings.humanise, 0.0, 2.0)) return "humanise must be 0 to 2";
    if (outside(settings.control_interval_s, 0.0, 60.0)) return "control_interval_s must be 0 to 60 s";
    if (outside(settings.control_count, 0, kMaxControls)) return "control_count must be 0 to 32";
    for (const PartSettings& part : settings.parts) {
        if (outside(part.channel, 0, 15)) return "a part's channel must be 0 to 15";
        if (outside(part.low, 0, 127) || outside(part.high, 0, 127))
            return "a part's low and high must be 0 to 127";
        if (part.high - part.low < 11) return "a part's low to high must span at least an octave (12 notes)";
        if (outside(part.program, -1, 127)) return "a part's program must be -1 (none) or 0 to 127";
        if (outside(part.density, 0.0, 2.0)) return "a part's density must be 0 to 2";
        if (outside(part.velocity, 0.0, 2.0)) return "a part's velocity must be 0 to 2";
    }
    for (int i = 0; i < settings.control_count; ++i) {
        const ControlSettings& control = settings.controls[i];
        if (outside(static_cast<int>(control.source), 0, static_cast<int>(ControlSource::count) - 1))
            return "a control's source is unknown";
        if (outside(control.channel, 0, 15)) return "a control's channel must be 0 to 15";
        if (outside(control.controller, 0, 119)) return "a control's controller must be 0 to 119";
        if (outside(control.low, 0, 127) || outside(control.high, 0, 127))
            return "a control's low and high must be 0 to 127";
    }
    return nullptr;
}

}  // namespace

std::unique_ptr<Musician> make_musician(const MusicianSettings& settings, const char** error) {
    const char* found = find_error(settings);
    if (error) *error = found;
    if (found) return nullptr;
    return std::make_unique<Band>(settings);
}

}  // namespace emohost::music
