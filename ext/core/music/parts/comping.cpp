#include "core/music/parts/comping.h"

#include <algorithm>

namespace emohost::music {

namespace {

constexpr float kMoreVoicesAbove = 0.55f;  // activity
constexpr float kTolerance = 0.15f;        // of the density that a pattern is made for
constexpr int kWaits = kStepsPerBeat;      // steps that another chord waits for the strike that comes
constexpr int kOctave = 12;

// A strike that anticipates plays the chord of the next beat, where one is foreseen.
int chord_of(const Moment& moment, const Struck& struck) noexcept {
    if (struck.mark != '>') return moment.chord;
    const int ahead = moment.chord_ahead(kStepsPerBeat - moment.step % kStepsPerBeat);
    return chord_root(ahead) >= 0 ? ahead : moment.chord;
}

}  // namespace

void Comping::voice(const Moment& moment, int chord, const Stage& stage) noexcept {
    const Style& style = moment.style;
    const PartSettings& part = stage.part(kChords);
    const bool bass = stage.enabled(kBass);
    VoicingRules rules;
    rules.low = std::max(part.low, static_cast<int>(style.chord_low));
    rules.high = std::min(part.high, static_cast<int>(style.chord_high));
    if (rules.high - rules.low < kOctave - 1) {
        rules.low = part.low;
        rules.high = part.high;
    }
    // Under the melody, where it lies now: what would cover it is moved or left out.
    const int melody = stage.enabled(kMelody) ? stage.last_pitch(kMelody) : -1;
    if (melody >= 0) rules.high = std::min(rules.high, std::max(melody - 1, rules.low + kOctave - 1));
    const bool more = chord_size(chord) == 4 || moment.activity > kMoreVoicesAbove;
    rules.voices = more ? style.most : style.fewest;
    rules.position = style.position;
    rules.bass = bass ? stage.last_pitch(kBass) : -1;
    rules.bottom = bass ? -1 : chord_root(chord);
    voicing_ = voice_tones(tones_in_style(moment, chord, rules.voices, bass), voicing_, rules);
    voiced_ = chord;
}

void Comping::plan(const Moment& moment, Stage& stage) noexcept {
    const float density = density_.follow(stage.density(kChords), moment.step % 4 == 0, kTolerance);
    const auto& drawn = patterns_.at(moment.place);
    const bool another = moment.chord_changed && moment.chord != voiced_;
    if (another) stage.schedule().end_part(kChords, moment.frame);
    if (moment.chord == kNoChord || !moment.advice.has_harmony || density <= 0.0f) return;

    const Style& style = moment.style;
    const Reading reading(style.chords, style.chord_count, drawn.numbers, moment, density);
    const Struck struck = reading.at(0);
    if (!struck) {
        const bool late = another && reading.to_next(kWaits + 1) > kWaits;
        const bool silent = moment.chord_changed && !another && reading.holds() &&
                            stage.schedule().sounding(kChords, moment.frame).none();
        if (!late && !silent) return;
    }
    const int chord = chord_of(moment, struck);
    if (chord != voiced_ || moment.chord_changed) voice(moment, chord, stage);
    const int steps = struck ? reading.length(struck) : reading.to_next(moment.steps_left());
    const double length = steps * static_cast<double>(mix(0.7f, 1.0f, moment.gate(kChords)));
    stage.schedule().end_part(kChords, moment.frame);
    const float loudness = struck ? struck.level + loudness_of(struck.mark) : 0.0f;
    for (int i = 0; i < voicing_.count; ++i) {
        const bool top = i == voicing_.count - 1;  // it carries
        stage.play(kChords, voicing_.notes[i], moment, length, loudness + (top ? -0.1f : -0.25f));
    }
}

}  // namespace emohost::music
