#include "core/music/transport.h"

#include <algorithm>
#include <cmath>

namespace emohost::music {

namespace {

constexpr float kBelieved = 0.5f,
                kDoubted = 0.3f;  // confidence from which on, and below which, a source is (not) trusted
constexpr double kBend =
    0.4;  // share of an error that one step takes back: after a beat an eighth of it is left
constexpr double kMostBend = 0.4;    // of a step, that one step is made longer or shorter
constexpr double kShortest = 0.6;    // steps between two steps
constexpr double kSettled_s = 2e-4;  // an error that is left alone

constexpr double kJustMissed_s = 0.03;  // what the news of a start takes on its way

constexpr int kBarsToBelieve = 2;  // that a downbeat is heard elsewhere until bars count from there

double wrapped(double beats) noexcept { return beats - std::floor(beats + 0.5); }

}  // namespace

Transport::Transport(double sample_rate, double tempo, int beats_per_bar, ClockSource leads,
                     Fallback fallback, bool metre_found) noexcept
    : sample_rate_(sample_rate),
      steps_per_bar_(kStepsPerBeat * beats_per_bar),
      leads_(leads),
      fallback_(fallback),
      metre_found_(metre_found),
      internal_(sample_rate, tempo),
      midi_(sample_rate),
      host_(sample_rate),
      tempo_(tempo),
      wanted_(tempo),
      confidence_(leads == ClockSource::internal ? 1.0f : 0.0f),
      trusted_(leads == ClockSource::internal) {}

double Transport::beat_at(uint64_t frame) const noexcept {
    const double steps = grid_.running() ? grid_.until(frame) / grid_.length() : 0.0;
    const double beat = (step_in_bar_ - steps) / kStepsPerBeat;
    return beat - beats_per_bar() * std::floor(beat / beats_per_bar());
}

void Transport::start(uint64_t frame) noexcept {
    tempo_ = wanted_;
    grid_.start(frame, length_of(tempo_));
    step_in_bar_ = 0;
    bar_ = 0;
    to_downbeat_ = -1;
    by_hand_ = false;
    bars_off_ = 0;
    owed_ = 0.0;
}

void Transport::resume(uint64_t now, double ahead, int beats_per_bar, int step_in_bar,
                       uint64_t bar) noexcept {
    steps_per_bar_ = kStepsPerBeat * beats_per_bar;
    const double length = length_of(wanted_);
    const double missed = std::ceil(std::max(0.0, -ahead / length));
    start(now + static_cast<uint64_t>(ahead + missed * length + 0.5));
    const uint64_t step = static_cast<uint64_t>(step_in_bar) + static_cast<uint64_t>(missed);
    step_in_bar_ = static_cast<int>(step % static_cast<uint64_t>(steps_per_bar_));
    bar_ = bar + step / static_cast<uint64_t>(steps_per_bar_);
}

BeatReading Transport::read(ClockSource source, uint64_t frame) const noexcept {
    switch (source) {
        case ClockSource::follow:
            return follower_.read(frame);
        case ClockSource::midi:
            return midi_.read(frame);
        case ClockSource::link:
        case ClockSource::jack:
            return host_.read(frame);
        default:
            return internal_.read(frame);
    }
}

// What leads, or what stands in for it while it is lost.
BeatReading Transport::read(uint64_t frame) noexcept {
    const BeatReading reading = read(leads_, frame);
    lost_ = reading.lost;
    if (!lost_ || fallback_ == Fallback::hold || fallback_ == Fallback::stop) return reading;
    return read(fallback_ == Fallback::follow ? ClockSource::follow : ClockSource::internal, frame);
}

void Transport::listen(uint64_t frame, const hearing::BeatHeard& heard) noexcept {
    follower_.hear(heard);
    const BeatReading reading = read(frame);
    believe(reading.confidence);
    if (!trusted_) return;
    if (reading.tempo > 0.0) wanted_ = reading.tempo;
    if (!grid_.running() || !reading.has_phase) return;
    // Always of the whole error at the next step's even place: hearing the same twice bends no further.
    const double since = static_cast<double>(frame - std::min(frame, reading.frame));
    const double even = grid_.until(frame) - grid_.shifted();
    const double beat = reading.beat + (since + even) * reading.tempo / (sample_rate_ * 60.0);
    const double late = wrapped(beat - static_cast<double>(step_in_bar_) / kStepsPerBeat);
    bend(late * kStepsPerBeat * grid_.length(), frame);
    if (reading.has_bar)
        place_bar(reading, beat - late);
    else
        bars_off_ = 0;
}

void Transport::believe(float confidence) noexcept {
    confidence_ = confidence;
    trusted_ = confidence >= (trusted_ ? kDoubted : kBelieved);
}

void Transport::bend(double late, uint64_t now) noexcept {
    if (std::abs(late) <= kSettled_s * sample_rate_) return grid_.shift(0.0, kShortest, now);
    const double most = kMostBend * grid_.length();
    grid_.shift(std::clamp(-kBend * late, -most, most), kShortest, now);
}

// `beat`: place of the next step in the source's bar, whole steps of it. A bar that is heard elsewhere is believed
// after a while, and begins at its downbeat; the one before is the shorter for it.
void Transport::place_bar(const BeatReading& reading, double beat) noexcept {
    if (by_hand_) return;
    const bool at_once = reading.exact || free_;
    const bool another_metre =
        metre_found_ && reading.beats_per_bar > 0 && reading.beats_per_bar * kStepsPerBeat != steps_per_bar_;
    if (another_metre && (at_once || step_in_bar_ == 0))
        steps_per_bar_ = reading.beats_per_bar * kStepsPerBeat;
    // The next step may be one of the bar before the source's.
    const int steps = static_cast<int>(std::lround(beat * kStepsPerBeat)) % steps_per_bar_;
    const int place = steps < 0 ? steps + steps_per_bar_ : steps;
    if (place == step_in_bar_) {
        bars_off_ = 0;
    } else if (at_once) {
        step_in_bar_ = place;
    } else if (place == 0 && bars_off_ >= kBarsToBelieve * steps_per_bar_) {
        step_in_bar_ = 0;
        ++bar_;
        bars_off_ = 0;
    }
}

MidiClock::Does Transport::midi(const uint8_t* bytes, int size, uint64_t frame) noexcept {
    const MidiClock::Does does = midi_.receive(bytes, size, frame);
    return leads_ == ClockSource::midi ? does : MidiClock::Does::nothing;
}

void Transport::start_with_clock(uint64_t frame) noexcept {
    const BeatReading reading = read(leads_, frame);
    if (!reading.exact || !reading.has_phase || reading.lost) return start(frame);
    wanted_ = reading.tempo;
    believe(reading.confidence);
    if (metre_found_ && reading.beats_per_bar > 0) steps_per_bar_ = reading.beats_per_bar * kStepsPerBeat;
    const double steps = std::max(0.0, reading.beat * kStepsPerBeat), length = length_of(wanted_);
    const double passed = steps - std::floor(steps);
    const bool just = passed * length < kJustMissed_s * sample_rate_;
    const auto step = static_cast<uint64_t>(steps) + (just ? 0 : 1);
    const auto bar = static_cast<uint64_t>(steps_per_bar_);
    resume(frame, just ? 0.0 : (1.0 - passed) * length, beats_per_bar(), static_cast<int>(step % bar),
           step / bar);
    if (just) owe(passed * length);
}

// The first step could only come so late: the next is the sooner for it.
void Transport::owe(double late) noexcept { owed_ = std::min(late, kMostBend * grid_.length()); }

void Transport::start_in_song(uint64_t frame, uint64_t late) noexcept {
    start(frame);
    owe(static_cast<double>(late));
    step_in_bar_ = static_cast<int>(midi_.position() % static_cast<uint64_t>(steps_per_bar_));
    bar_ = midi_.position() / static_cast<uint64_t>(steps_per_bar_);
}

void Transport::lead(ClockSource source) noexcept {
    if (source == leads_) return;
    if (source == ClockSource::internal) {  // goes on as it went
        internal_.set_tempo(tempo_);
        internal_.let_go();
    }
    leads_ = source;
    by_hand_ = false;
    bars_off_ = 0;
    lost_ = false;
}

void Transport::advance() noexcept {
    tempo_ = wanted_;
    grid_.advance(length_of(tempo_) - owed_);
    owed_ = 0.0;
    if (to_downbeat_ >= 0) --to_downbeat_;
    ++bars_off_;
    if (++step_in_bar_ >= steps_per_bar_) {
        step_in_bar_ = 0;
        ++bar_;
    }
    if (to_downbeat_ == 0) {
        step_in_bar_ = 0;
        bar_ = 0;
        to_downbeat_ = -1;
    }
}

void Transport::set_tempo(double tempo) noexcept {
    internal_.set_tempo(tempo);
    internal_.let_go();  // at another tempo the beat tapped long ago would lie anywhere
    wanted_ = tempo;
}

void Transport::downbeat(uint64_t frame) noexcept {
    if (!grid_.running()) return;
    by_hand_ = true;
    const double place = step_in_bar_ - grid_.until(frame) / grid_.length();  // in the bar, steps
    const int beat = kStepsPerBeat * static_cast<int>(std::lround(place / kStepsPerBeat));
    to_downbeat_ = -1;
    if (beat > step_in_bar_) {
        to_downbeat_ = beat - step_in_bar_;
    } else {
        step_in_bar_ = (step_in_bar_ - beat) % steps_per_bar_;
        bar_ = 0;
    }
}

}  // namespace emohost::music
