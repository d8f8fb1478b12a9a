#include "core/music/following/ending.h"

#include <algorithm>
#include <cmath>

#include "core/theory/chords.h"

namespace emohost::music {

using namespace theory;

namespace {

constexpr double kTogether = 0.12;    // beats within which attacks are one: a chord that is rolled
constexpr double kListens = 0.7;      // beats without an attack, from which on an end is thought of
constexpr double kWith = 1.05;        // beats after an attack that are still with it
constexpr double kHeardAfter = 0.45;  // and after which its chord is heard
constexpr double kSoonAfter = 2.05;   // and that come soon after it
constexpr double kShortestRest = 2;   // beats while something sounds; half of it in silence
constexpr double kLongest = 2;        // bars for which time is kept, or what sounds is held
constexpr float kUnusual = 0.1f;      // share of the player's gaps that are longer than an unusual one
constexpr float kFallen_db = 10.0f;  // a sound that has fallen so far below its attack is not held on purpose
constexpr float kSustained_db = 2.0f;  // one in which another chord is no trick of its dying away
constexpr float kSwollen_db = 6.0f;    // and one that has risen so far was played again, softly
constexpr double kTempoShare = 0.02;   // of a step: over about 6 s
constexpr float kLoudShare = 0.05f;    // of an attack in what is usual
constexpr float kMayEnd = 0.1f, kLikely = 0.12f, kEnds = 0.88f;

// How an end is told from a gap between two attacks: logistic regression over endings and gaps of songs of POP909's
// training split: as they are, with a ritardando written in, their melody alone, their piano alone.
constexpr float kNever = -3.15f;
constexpr float kWeight[Ending::kCues] = {1.54f, -0.36f, -1.63f, -3.15f, 1.6f, -0.7f, -0.46f};
constexpr float kMostSlowed = 0.3f;

}  // namespace

void Ending::begin() noexcept {
    stance_ = Stance::playing;
    count_ = next_ = 0;
    onset_ = 0;
    chord_ = -1;
    usual_db_ = 0.0f;
    usual_tempo_ = 0.0;
    chance_ = 0.0f;
}

void Ending::onset(uint64_t frame, const hearing::Heard& heard) noexcept {
    if (!heard.sounding) return;
    const double beats =
        onset_ == 0 || beat_frames_ <= 0.0 ? 0.0 : static_cast<double>(frame - onset_) / beat_frames_;
    if (beats > kTogether) {
        usual_db_ = usual_db_ == 0.0f ? loudest_db_ : usual_db_ + kLoudShare * (loudest_db_ - usual_db_);
        gaps_[next_] = static_cast<float>(beats);
        next_ = (next_ + 1) % kGaps;
        count_ = std::min(count_ + 1, kGaps);
        ++since_closed_;
    }
    onset_ = std::max<uint64_t>(frame, 1);
    loudest_db_ = softest_db_ = heard.level_db;
}

void Ending::hear(uint64_t frame, const hearing::Heard& heard) noexcept {
    if (!heard.sounding) return;
    loudest_db_ = std::max(loudest_db_, heard.level_db);
    softest_db_ = std::min(softest_db_, heard.level_db);
    const int chord = heard.chord_more.settled;
    const bool changes = chord_root(chord) >= 0 && chord_root(chord_) >= 0 && !same_triad(chord, chord_);
    if (chord_root(chord) >= 0) chord_ = chord;
    const double after = static_cast<double>(frame) - heard.chord_more.settled_ago_s * second_frames_ -
                         static_cast<double>(onset_);
    const bool moves =
        changes && heard.level_db >= loudest_db_ - kSustained_db && after > kTogether * beat_frames_;
    if (heard.attacks > 0 || moves || heard.level_db >= softest_db_ + kSwollen_db) onset(frame, heard);
}

void Ending::step(const Transport& transport, const hearing::Heard& heard, Key key, bool fills) noexcept {
    const uint64_t at = transport.frame();
    beat_frames_ = 4.0 * transport.step_frames();
    second_frames_ = beat_frames_ * transport.tempo() / 60.0;
    beats_ = follows() && at > onset_ ? static_cast<double>(at - onset_) / beat_frames_ : 0.0;
    chance_ = knows() && beats_ >= kListens ? chance_of_end(transport, heard, key) : 0.0f;
    if (beats_ < kListens || usual_tempo_ <= 0.0)
        usual_tempo_ = usual_tempo_ <= 0.0 ? transport.tempo()
                                           : usual_tempo_ + kTempoShare * (transport.tempo() - usual_tempo_);
    if (!follows()) return;
    const bool before = ended();
    stance_ = next(transport, heard, fills);
    if (stance_ == Stance::closing && !before) since_closed_ = 0;
    moved_ = ended() && (moved_ || (before && stance_ == Stance::closing));
}

Stance Ending::next(const Transport& transport, const hearing::Heard& heard, bool fills) const noexcept {
    const bool bar_begins = transport.step_in_bar() == 0, beat_begins = transport.step_in_bar() % 4 == 0;
    if (stance_ == Stance::closing) return Stance::over;
    if (stance_ == Stance::over && bar_begins && goes_on()) return Stance::playing;
    if (stance_ == Stance::over) return one_more() ? Stance::closing : Stance::over;
    const bool long_gone = beats_ >= kLongest * transport.beats_per_bar() - kTogether;
    if (stance_ == Stance::resting && bar_begins && long_gone)
        return knows() ? Stance::closing : Stance::over;
    if (chance_ >= kEnds && (in_time() || beat_begins)) return Stance::closing;
    // A rest lasts until the player plays again.
    const bool resting = rests(heard) || (stance_ == Stance::resting && beats_ >= kListens);
    if (chance_ < kMayEnd || (resting && (fills || stance_ == Stance::resting)))
        return resting ? Stance::resting : Stance::playing;
    return bar_begins && long_gone ? Stance::closing : Stance::holding;
}

float Ending::chance_of_end(const Transport& transport, const hearing::Heard& heard, Key key) const noexcept {
    float cue[kCues];
    const double slower = std::log(transport.tempo() / usual_tempo_);
    cue[seconds] = static_cast<float>(std::log(beats_ * 60.0 / transport.tempo()));
    cue[usual] = std::log(longer_than(beats_) + 0.03f);
    cue[sure] = transport.confidence();
    cue[slowed] = std::clamp(static_cast<float>(slower), -kMostSlowed, kMostSlowed);
    cue[tonic] = key.known() && chord_root(heard.chord) == key.tonic ? 1.0f : 0.0f;
    cue[fallen] = std::clamp(0.1f * (heard.level_db - loudest_db_), -3.0f, 0.0f);
    cue[loud] = std::clamp(0.1f * (loudest_db_ - usual_db_), -2.0f, 1.0f);
    float sum = kNever;
    for (int i = 0; i < kCues; ++i) sum += kWeight[i] * cue[i];
    return 1.0f / (1.0f + std::exp(-sum));
}

float Ending::longer_than(double beats) const noexcept {
    int longer = 0;
    for (int i = 0; i < count_; ++i) longer += gaps_[i] > static_cast<float>(beats) ? 1 : 0;
    return static_cast<float>(longer) / static_cast<float>(std::max(1, count_));
}

// After the last chord the player attacked once more, and what is heard by now: the last chord moves there, once.
bool Ending::one_more() const noexcept {
    return !moved_ && since_closed_ == 1 && beats_ >= kHeardAfter && in_time();
}

// One attack alone, some time ago, is the end of a chord that was spread slowly.
bool Ending::goes_on() const noexcept {
    return since_closed_ > 1 || (since_closed_ == 1 && !moved_ && in_time());
}

bool Ending::in_time() const noexcept { return beats_ <= kWith; }

bool Ending::likely() const noexcept { return chance_ >= kLikely; }

bool Ending::soon() const noexcept { return beats_ <= kSoonAfter; }

bool Ending::held(const hearing::Heard& heard) const noexcept {
    return heard.sounding && heard.level_db >= loudest_db_ - kFallen_db;
}

// Longer without an attack than this player usually is, and nothing is held.
bool Ending::rests(const hearing::Heard& heard) const noexcept {
    if (!heard.sounding) return beats_ >= 0.5 * kShortestRest && longer_than(beats_) < 2.0f * kUnusual;
    return knows() && beats_ >= kShortestRest && !held(heard) && longer_than(beats_) < kUnusual;
}

}  // namespace emohost::music
