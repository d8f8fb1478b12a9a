#include "core/music/entrance.h"

#include <algorithm>

namespace emohost::music {

namespace {

constexpr double kPatience_s =
    8.0;  // of sound without a beat that is trusted: then chords and bass play, thinly
constexpr double kMostPatience_s = 12.0;
constexpr int kStepsPerBeat = 4;
constexpr int kDoubt = 8;          // steps, two beats, of a beat that is not trusted, until the drums stop
constexpr int kPatientSteps = 48;  // of the same, where it plays on after the engine was lost
constexpr int kAway = 56;          // steps of nothing to play to after which it listens anew

int group_of(Part part) noexcept { return part == kMelody ? 3 : part == kDrums ? 2 : 1; }

}  // namespace

void Entrance::begin() noexcept {
    state_ = Playing::listening;
    groups_ = trusted_ = barless_ = doubted_ = rests_ = 0;
    heard_ = 0.0;
}

void Entrance::resume() noexcept {
    begin();
    state_ = Playing::playing;
    groups_ = kAll;
    doubted_ = -kPatientSteps;
}

bool Entrance::plays(Part part) const noexcept { return plays() && group_of(part) <= groups_; }

void Entrance::step(Transport& transport, bool silent, bool rests) noexcept {
    if (state_ == Playing::listening)
        listen(transport, silent, rests);
    else if (state_ == Playing::counting_in)
        count(transport);
    else
        watch(transport, rests);
}

void Entrance::listen(Transport& transport, bool silent, bool rests) noexcept {
    if (how_ == Enter::at_once) return enter(transport, kAll);
    const bool bar_begins = transport.step_in_bar() == 0;
    if (how_ == Enter::count_in) {
        if (!transport.trusted() || !bar_begins) return;
        state_ = Playing::counting_in;
        trusted_ = 1;
        return;
    }
    if (!silent) heard_ += transport.step_frames();  // also before it is known for music
    if (bar_begins && !rests && transport.trusted() && trusted_ >= bars_ * transport.steps_per_bar())
        return enter(transport, 1);
    // A beat that has just come to be trusted is given its bars.
    const double patience = (trusted_ == 0 ? kPatience_s : kMostPatience_s) * sample_rate_;
    // Where the downbeat that is heard moves on and on no bar may ever begin: then any beat is good.
    barless_ = bar_begins ? 0 : barless_ + 1;
    const bool any_beat =
        barless_ > transport.steps_per_bar() && transport.step_in_bar() % kStepsPerBeat == 0;
    if ((bar_begins || any_beat) && !rests && heard_ > patience) return enter(transport, 1);
    trusted_ = transport.trusted() && !silent ? trusted_ + 1 : 0;
}

// The steps of the count-in, from its first bar line on.
void Entrance::count(Transport& transport) noexcept {
    if (trusted_ >= bars_ * transport.steps_per_bar() && transport.step_in_bar() == 0)
        return enter(transport, kAll);
    ++trusted_;
}

void Entrance::enter(Transport& transport, int groups) noexcept {
    state_ = transport.trusted() ? Playing::playing : Playing::unsure;
    groups_ = groups;
    doubted_ = rests_ = 0;
    if (how_ != Enter::at_once) transport.begin_phrase();
}

void Entrance::watch(const Transport& transport, bool rests) noexcept {
    doubted_ = transport.trusted() ? 0 : doubted_ + 1;
    rests_ = rests ? rests_ + 1 : 0;
    if (rests_ > kAway && how_ != Enter::at_once) return begin();
    if (doubted_ > kDoubt) {
        state_ = Playing::unsure;
        groups_ = 1;
    } else if (transport.step_in_bar() == 0 && doubted_ == 0) {
        state_ = Playing::playing;
        groups_ = std::min(groups_ + 1, kAll);
    }
}

}  // namespace emohost::music
