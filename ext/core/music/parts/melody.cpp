#include "core/music/parts/melody.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/music/parts/melody_factors.h"

namespace emohost::music {

namespace {

constexpr float kLeastMean = 0.1f;  // of the network's activity: a network that rests is believed
constexpr float kMeanShare = 1.0f / 64.0f, kRecentShare = 1.0f / 8.0f;
constexpr float kRests = 0.5f;       // of its average: below it, notes are left out
constexpr float kTolerance = 0.25f;  // of the density that a section is composed for
constexpr float kLevels[] = {0.35f, 0.85f, 1.0f}, kBorders[] = {0.45f, 0.9f}, kClearly = 1.4f;
constexpr float kFollows = 0.85f;      // chance that a bar takes up the line of the one that it repeats
constexpr float kUsualHeight = 0.55f;  // within the part's range
constexpr float kToTheMiddle = 0.02f;  // cost of an octave, beside the share of the player's notes
constexpr int kEdge = 4;               // semitones that the centre stays from the range's ends
constexpr float kStays = 1.5f;         // times the cost of the best place, below which the centre stays
constexpr float kHeightWidth = 5.0f;   // semitones
constexpr float kKeepsOff = 0.98f;     // of a pitch that the player plays,
constexpr float kLeaves = 0.85f, kOften = 6.0f;  // that the player played lately, in a fifth of the time
constexpr float kSurely = 3.0f;                  // which is sure from half the salience of the strongest on
constexpr int kLeap = 4;                         // semitones, above which a leap wants to be resolved

// What people do more than a product of likelihoods would: they step, and step back after a leap. Chosen so that lines have
// the intervals of POP909's melodies.
constexpr float kStepwise = 1.9f, kRepeated = 0.14f, kAgain = 0.07f;
constexpr float kOffChordOnBeat = 0.4f;
constexpr float kResolved = 9.0f, kWrongWay = 2.5f, kUnresolved = 0.25f;

float gaussian(float distance, float width) noexcept {
    return std::exp(-0.5f * distance * distance / (width * width));
}

// The middle of the range in which the player plays least, near the middle of the part's own where it makes no difference.
int free_centre(const PlayerNotes& player, const PartSettings& part, int before) noexcept {
    const float middle = mix(static_cast<float>(part.low), static_cast<float>(part.high), kUsualHeight);
    const auto cost = [&](int pitch) {
        const float away = (static_cast<float>(pitch) - middle) / 12.0f;
        return player.lately(pitch) + kToTheMiddle * away * away;
    };
    int best = part.low + kEdge;
    for (int pitch = best + 1; pitch <= part.high - kEdge; ++pitch)
        if (cost(pitch) < cost(best)) best = pitch;
    return before >= 0 && cost(before) < kStays * cost(best) ? before : best;
}

// The curve on which phrases lie: rising to the middle, falling to the end; higher when excited, and in what contrasts.
float contour(const Moment& moment, int centre) noexcept {
    const float bars = static_cast<float>(moment.place.bar_in_phrase) +
                       static_cast<float>(moment.step) / static_cast<float>(moment.steps_per_bar);
    const float arch = std::sin(3.14159265f * bars / static_cast<float>(moment.place.phrase_bars));
    return static_cast<float>(centre) + 6.0f * (arch - 0.6f) + 3.5f * (moment.activity - 0.5f) +
           moment.valence + (moment.place.contrasts() ? 2.0f : 0.0f);
}

// What sounds already fits: 0.5 for a pitch class that is not heard, 1 for an even share, 6.5 for the only
// one.
float heard_factor(int pitch, const hearing::Heard& heard) noexcept {
    const float share = heard.chroma[pitch_class(pitch)];
    return share > 0.0f && share <= 1.0f ? 0.5f + 6.0f * share : 0.5f;
}

// A section closes on the tonic; a phrase inside of it may stay open.
float cadence_factor(int pitch, const Moment& moment) noexcept {
    const int degree = pitch_class(pitch - moment.key.tonic);
    const bool third = degree == (moment.key.minor ? 3 : 4);
    const float stable = degree == 0 ? 5.0f : third || degree == 7 ? 0.8f : 0.1f;
    if (moment.place.section_ends()) return stable;
    return degree == 2 ? 0.7f : stable;
}

float interval_pull(int interval, int leap, int repeats) noexcept {
    const int size = std::abs(interval);
    if (interval == 0) return repeats > 0 ? kAgain : kRepeated;
    if (std::abs(leap) > kLeap) return size > 2 ? kUnresolved : leap * interval < 0 ? kResolved : kWrongWay;
    return size <= 2 ? kStepwise : 1.0f;
}

}  // namespace

void Melody::begin_bar(const Moment& moment, float density, const PartSettings& part) noexcept {
    bar_ = moment.place.bar_in_section;
    shift_ = 0;
    follows_ = rng_.chance(kFollows);
    Theme* const theme = &themes_[moment.place.material];
    const bool phrase_begins = moment.place.bar_in_phrase == 0 || theme != theme_;
    theme_ = theme;
    if (phrase_begins) {
        centre_ = free_centre(moment.player, part, centre_);
        if (!theme->fits(moment, density)) theme->compose(moment, density, centre_, rng_);
    }
    theme->set_level(bar_, level_of(*theme, bar_, density));
}

// Of the theme's notes: few, most or all, so that a bar that comes back is the same bar. It has another level than the last
// time only where the density is clearly beyond the border.
int Melody::level_of(const Theme& theme, int bar, float density) noexcept {
    const float share = theme.density() > 0.0f ? density / theme.density() : 0.0f;
    int found = theme.level_before(bar);
    while (found > 0 && share < kBorders[found - 1] / kClearly) --found;
    while (found < 2 && share > kBorders[found] * kClearly) ++found;
    return found;
}

// How busy the network is against its own average, so that it need not be calibrated: around 1.
float Melody::network_activity(const Moment& moment) noexcept {
    float sum = 0.0f;
    for (const float probability : moment.advice.melody) sum += probability;
    recent_activity_ += kRecentShare * (sum - recent_activity_);
    mean_activity_ += kMeanShare * (sum - mean_activity_);
    if (mean_activity_ < kLeastMean) mean_activity_ = kLeastMean;
    return std::clamp(recent_activity_ / mean_activity_, 0.1f, 1.6f);
}

// By which the line lies off the place where it was composed.
int Melody::octaves() const noexcept {
    return static_cast<int>(std::lround(static_cast<float>(centre_ - theme_->centre()) / 12.0f));
}

// The pitch that the line which is taken up has here; -1: none.
int Melody::target_of(const Moment& moment) const noexcept {
    const int degree = theme_->degree(bar_, moment.step);
    if (!follows_ || degree == Theme::kNoDegree) return -1;
    return pitch_of(degree + shift_ + 7 * octaves(), moment.key.tonic, scale_mask(moment.key, kNoChord));
}

// The first note of a bar may move the line to where the chord is, the others then keep its steps.
float Melody::likeness(int pitch, const Moment& moment, int target) const noexcept {
    if (target < 0) return 1.0f;
    const float width = theme_->first_of_bar(bar_, moment.step) ? 3.0f : 1.2f;
    return 0.08f + gaussian(static_cast<float>(pitch - target), width);
}

int Melody::choose_pitch(const Moment& moment, const PartSettings& part) noexcept {
    const float height = contour(moment, centre_);
    const int target = target_of(moment);
    const bool cadence = theme_->cadence(bar_, moment.step);
    float weights[kMelodyNotes];
    melody_weights(moment.advice.melody, previous_, moment.key, moment.chord, moment.step,
                   moment.steps_per_bar, weights);
    for (int pitch = 0; pitch < kMelodyNotes; ++pitch) {
        // On a fifth that is held alone nobody knows the third.
        const bool unknown =
            chord_quality(moment.chord) == kFifthAlone && !holds(chord_mask(moment.chord), pitch);
        if (pitch < part.low || pitch > part.high || unknown) {
            weights[pitch] = 0.0f;
            continue;
        }
        float weight = weights[pitch] * heard_factor(pitch, moment.heard) *
                       gaussian(static_cast<float>(pitch) - height, kHeightWidth) *
                       (1.0f - kKeepsOff * std::min(1.0f, kSurely * moment.player.sounds_near(pitch))) *
                       (1.0f - kLeaves * std::min(1.0f, kOften * moment.player.returns_to(pitch)));
        if (previous_ >= 0) weight *= interval_pull(pitch - previous_, leap_, repeats_);
        if (moment.weight >= 2 && !holds(chord_mask(moment.chord), pitch)) weight *= kOffChordOnBeat;
        weight *= cadence ? cadence_factor(pitch, moment) : likeness(pitch, moment, target);
        weights[pitch] = weight;
    }
    return rng_.pick(weights, kMelodyNotes);
}

// To the next note, as much of it as the gate says; the phrase's last one rings and leaves a rest.
double Melody::length_in_steps(const Moment& moment) const noexcept {
    if (theme_->cadence(bar_, moment.step))
        return static_cast<double>(moment.steps_left()) * mix(0.4f, 0.65f, moment.gate(kMelody));
    const float gap = static_cast<float>(theme_->steps_to_next(bar_, moment.step, moment.steps_per_bar));
    return std::min(gap, mix(10.0f, 4.0f, moment.activity)) * mix(0.45f, 1.0f, moment.gate(kMelody));
}

// A note held into a chord to which it does not belong ends there.
void Melody::follow_chord(const Moment& moment, Stage& stage) noexcept {
    if (!moment.chord_changed || off_ <= moment.frame || previous_ < 0) return;
    const uint16_t mask = chord_mask(moment.chord);
    if (mask == 0 || holds(mask, previous_)) return;
    stage.schedule().end_part(kMelody, moment.frame);
    off_ = moment.frame;
}

void Melody::keep(int pitch, const Moment& moment) noexcept {
    const int degree = degree_of(pitch, moment.key.tonic, scale_mask(moment.key, kNoChord)) - 7 * octaves();
    const int before = theme_->degree(bar_, moment.step);
    if (follows_ && before != Theme::kNoDegree && theme_->first_of_bar(bar_, moment.step))
        shift_ = degree - before;
    theme_->remember(bar_, moment.step, degree);
    const int interval = previous_ < 0 ? 0 : pitch - previous_;
    repeats_ = interval == 0 ? repeats_ + 1 : 0;
    leap_ = interval;
    previous_ = pitch;
}

uint32_t Melody::strikes(const Moment& bar) const noexcept {
    const Theme& theme = themes_[bar.place.material];
    const float density = density_.value();
    if (!theme.fits(bar, density)) return kOpen;
    if (density <= 0.0f) return 0;
    const int of_section = bar.place.bar_in_section;
    const float stays = kLevels[level_of(theme, of_section, density)];
    uint32_t struck = 0;
    for (int step = 0; step < bar.steps_per_bar; ++step)
        if (theme.begins(of_section, step) && theme.kept(step) < stays) struck |= 1u << step;
    return struck;
}

void Melody::plan(const Moment& moment, Stage& stage) noexcept {
    const float density = density_.follow(stage.density(kMelody), moment.step == 0, kTolerance);
    if (bar_ != moment.place.bar_in_section || moment.step == 0 || !theme_)
        begin_bar(moment, density, stage.part(kMelody));
    follow_chord(moment, stage);
    if (!moment.advice.has_melody) return;
    const float network = network_activity(moment);
    if (!theme_->begins(bar_, moment.step)) return;
    // Where the network rests, what goes is what went the last time that it did.
    const float stays = std::min(network / kRests, kLevels[theme_->level(bar_)]);
    if (density <= 0.0f || theme_->kept(moment.step) >= stays) return;
    const int pitch = choose_pitch(moment, stage.part(kMelody));
    if (pitch < 0) return;
    keep(pitch, moment);
    const double steps = length_in_steps(moment);
    off_ = moment.after(steps);
    stage.schedule().end_part(kMelody, moment.frame);
    stage.play(kMelody, pitch, moment, steps, 0.15f);
}

}  // namespace emohost::music
