#include "core/music/parts/last_chord.h"

#include <bitset>
#include <cstdlib>

#include "core/music/parts/voicing.h"

namespace emohost::music {

namespace {

constexpr int kKick = 36, kCrash = 49;
constexpr float kLoudEnough = 0.35f;  // activity from which on a cymbal belongs to an end

using Pitches = std::bitset<128>;

uint16_t classes_of(const Pitches& pitches) noexcept {
    unsigned mask = 0;
    for (int pitch = 0; pitch < 128; ++pitch)
        if (pitches[static_cast<std::size_t>(pitch)]) mask |= 1u << pitch_class(pitch);
    return static_cast<uint16_t>(mask);
}

// What the part holds, before transposition.
uint16_t classes_held(const Stage& stage, Part part, uint64_t frame) noexcept {
    return rotate_mask(classes_of(stage.schedule().sounding(part, frame)), -stage.transpose());
}

int third_of(int chord) noexcept {
    const int quality = chord_quality(chord);
    return quality == kFifthAlone                                               ? 7
           : quality == kMinor || quality == kMinor7 || quality == kDiminished7 ? 3
                                                                                : 4;
}

// The tone of the chord nearest to `pitch` in the part's range; the root where two are as near.
int nearest_tone(int chord, int pitch, const PartSettings& part) noexcept {
    int best = -1, best_cost = 0;
    for (int tone = part.low; tone <= part.high; ++tone) {
        if (!holds(chord_mask(chord), tone)) continue;
        const int cost = 2 * std::abs(tone - pitch) + (pitch_class(tone) == chord_root(chord) ? 0 : 1);
        if (best >= 0 && cost >= best_cost) continue;
        best = tone;
        best_cost = cost;
    }
    return best;
}

int nearest_root(int chord, int pitch, const PartSettings& part) noexcept {
    int best = -1;
    for (int tone = part.low; tone <= part.high; ++tone)
        if (pitch_class(tone) == chord_root(chord) &&
            (best < 0 || std::abs(tone - pitch) < std::abs(best - pitch)))
            best = tone;
    return best;
}

int from(Part part, const Stage& stage) noexcept {
    const PartSettings& settings = stage.part(part);
    return stage.last_pitch(part) < 0 ? (settings.low + settings.high) / 2 : stage.last_pitch(part);
}

// What the part holds goes on sounding if it is of the chord and has the tones it needs; else it ends, and the part plays:
// true.
template <typename Play>
bool hold_or(Part part, unsigned needed, const Moment& moment, double steps, Stage& stage,
             Play play) noexcept {
    if (!stage.enabled(part)) return false;
    Moment then = moment;
    then.frame = stage.attack(part, moment);
    const unsigned held = classes_held(stage, part, then.frame);
    const bool belongs = (held & ~static_cast<unsigned>(chord_mask(moment.chord))) == 0;
    if (held != 0 && belongs && (held & needed) == needed) {
        stage.schedule().hold_part(part, then.frame, then.after(steps));
        return false;
    }
    stage.schedule().end_part(part, then.frame);
    play(then);
    return true;
}

// The melody rests on a tone of the chord: on the one that sounds, or the nearest to its last.
void settle_melody(const Moment& moment, double steps, Stage& stage) noexcept {
    hold_or(kMelody, 0, moment, steps, stage, [&](const Moment& then) {
        const int pitch = nearest_tone(moment.chord, from(kMelody, stage), stage.part(kMelody));
        if (pitch >= 0) stage.play(kMelody, pitch, then, steps, 0.1f);
    });
}

}  // namespace

int last_chord(const Moment& moment, bool held) noexcept {
    if (held && chord_root(moment.heard.chord) >= 0) return moment.heard.chord;
    if (!moment.key.known()) return moment.chord;
    return moment.key.tonic * 5 + (moment.key.minor ? kMinor : kMajor);
}

void play_last_chord(const Moment& moment, const LastChord& how, Stage& stage) noexcept {
    const int chord = moment.chord;
    if (chord_mask(chord) == 0) return;
    const double ring = how.steps;
    // First, so that the chord comes to lie under it.
    if (how.melody || classes_held(stage, kMelody, moment.frame) != 0) settle_melody(moment, ring, stage);
    const auto root = static_cast<uint16_t>(1u << chord_root(chord));
    const auto third = static_cast<uint16_t>(1u << pitch_class(chord_root(chord) + third_of(chord)));
    bool struck = hold_or(kChords, root | third, moment, ring, stage, [&](const Moment& then) {
        const PartSettings& part = stage.part(kChords);
        const Voicing voicing = voice_chord(chord, Voicing(), part.low, part.high, kMaxVoices);
        for (int i = 0; i < voicing.count; ++i) stage.play(kChords, voicing.notes[i], then, ring, -0.1f);
    });
    struck |= hold_or(kBass, root, moment, ring, stage, [&](const Moment& then) {
        const int pitch = nearest_root(chord, from(kBass, stage), stage.part(kBass));
        if (pitch >= 0) stage.play(kBass, pitch, then, ring, 0.05f);
    });
    if (!struck || !how.drums || !stage.enabled(kDrums)) return;
    Moment then = moment;
    then.frame = stage.attack(kDrums, moment);
    const PartSettings& drums = stage.part(kDrums);
    for (const int sound : {kKick, kCrash})
        if (sound >= drums.low && sound <= drums.high && (sound == kKick || moment.activity > kLoudEnough))
            stage.play(kDrums, sound, then, 1.0, 0.0f);
}

}  // namespace emohost::music
