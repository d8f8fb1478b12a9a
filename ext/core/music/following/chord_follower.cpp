#include "core/music/following/chord_follower.h"

#include <algorithm>
#include <cmath>

#include "core/theory/chords.h"

namespace emohost::music {

using namespace theory;

namespace {

constexpr float kLikely = 0.5f;   // of a chord that parts lead to
constexpr float kSure = 0.5f;     // of what is foreseen, where the chord before it is the one that is heard;
constexpr float kCertain = 0.9f;  // and where it is not, because the player has just left what was foreseen
constexpr int kTurnLasts = 2;     // steps after which a change that was foreseen is past
constexpr double kEar_s = 0.45;   // after a change the ear has had its time
constexpr double kBelieved_s = 0.1;     // so long is something else heard before it beats what was foreseen
constexpr double kSettled_s = 0.6;      // after which the calm ear does not change its mind
constexpr double kNearAttack_s = 0.15;  // a chord begins with an attack, if there is one so near

}  // namespace

void ChordFollower::clear() noexcept {
    foresight_.clear();
    foreseen_ = Foreseen();
    before_turn_ = -1;
    turned_ = kTurnLasts;
    std::fill_n(onsets_, kOnsets, uint64_t{0});
    next_ = known_ = 0;
    heard_ = tone_ = settled_ = -1;
    ahead_ = false;
}

void ChordFollower::onset(uint64_t frame) noexcept {
    onsets_[onset_] = frame;
    onset_ = (onset_ + 1) % kOnsets;
}

void ChordFollower::hear(uint64_t frame, const hearing::Heard& heard) noexcept {
    const int chord = chord_root(heard.chord) >= 0 ? heard.chord : -1;
    if (chord != heard_ && !same_triad(chord, heard_)) heard_at_ = frame;
    heard_ = chord;
    tone_ = chord < 0 ? heard.chord_more.tone : -1;
    settle(frame, heard);
}

// The calm ear names a chord late, and says when it began: the memory is put right from there on.
void ChordFollower::settle(uint64_t frame, const hearing::Heard& heard) noexcept {
    const int chord = chord_root(heard.chord_more.settled) >= 0 ? heard.chord_more.settled : -1;
    if (chord == settled_) return;
    const bool goes_on = same_triad(chord, settled_);
    settled_ = chord;
    if (goes_on || chord < 0 || known_ == 0) return;
    const uint64_t ago = frames(std::clamp(heard.chord_more.settled_ago_s, 0.0f, 10.0f));
    foresight_.correct(step_near(attack_near(frame > ago ? frame - ago : 0)), chord);
}

uint64_t ChordFollower::attack_near(uint64_t frame) const noexcept {
    uint64_t best = frame, least = frames(kNearAttack_s);
    for (const uint64_t onset : onsets_) {
        const uint64_t apart = onset > frame ? onset - frame : frame - onset;
        if (onset == 0 || apart >= least) continue;
        least = apart;
        best = onset;
    }
    return best;
}

// Of the last steps that were planned, the one nearest to `frame`.
uint64_t ChordFollower::step_near(uint64_t frame) const noexcept {
    uint64_t best = next_, least = ~uint64_t{0};
    for (uint64_t i = 1; i <= std::min<uint64_t>(known_, kRecentSteps); ++i) {
        const uint64_t at = steps_[(next_ - i) % kRecentSteps];
        const uint64_t apart = at > frame ? at - frame : frame - at;
        if (apart >= least) break;
        least = apart;
        best = next_ - i;
    }
    return best;
}

bool ChordFollower::heard_else(uint64_t now) const noexcept {
    if (!ahead_) return true;
    if (heard_at_ > ahead_at_) return now >= heard_at_ + frames(kBelieved_s);
    return now >= ahead_at_ + frames(kEar_s);
}

int ChordFollower::follow(uint64_t step, uint64_t now, uint64_t frame, double step_frames,
                          int played) noexcept {
    if (step != next_) known_ = 0;
    next_ = step + 1;
    ++known_;
    steps_[step % kRecentSteps] = frame;
    const int before = foreseen_.chord;
    foresight_.hear(step, settled_, static_cast<int>(std::ceil(kSettled_s * sample_rate_ / step_frames)));
    foreseen_ = foresight_.at(step);
    turn(before);

    int chord = played;
    if (heard_ >= 0 && same_triad(heard_, played)) {
        ahead_ = false;
    } else if (heard_ >= 0 && heard_else(now)) {
        chord = heard_;
        ahead_ = false;
    } else if (heard_ < 0 && !ahead_) {
        chord = tone_ >= 0 ? kFifths + tone_ : -1;
    }
    if (!comes() || same_triad(foreseen_.chord, chord)) return chord;
    turned_ = kTurnLasts;
    ahead_ = true;
    ahead_at_ = now;
    return foreseen_.chord;
}

int ChordFollower::ahead(uint64_t step) const noexcept {
    const Foreseen foreseen = foresight_.at(step);
    return foreseen.probability >= kLikely ? foreseen.chord : -1;
}

// Whether what is foreseen has changed, from a chord that was foreseen before.
void ChordFollower::turn(int before) noexcept {
    if (foreseen_.chord < 0 || before < 0) {
        turned_ = kTurnLasts;
    } else if (!same_triad(foreseen_.chord, before)) {
        turned_ = 0;
        before_turn_ = before;
    } else {
        turned_ = std::min(turned_ + 1, kTurnLasts);
    }
}

bool ChordFollower::comes() const noexcept {
    return turned_ < kTurnLasts &&
           foreseen_.probability >= (same_triad(before_turn_, heard_) ? kSure : kCertain);
}

}  // namespace emohost::music
