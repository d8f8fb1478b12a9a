#include "core/music/time/midi_clock.h"

#include <algorithm>
#include <cmath>

namespace emohost::music {

namespace {

constexpr uint8_t kTick = 0xf8, kStart = 0xfa, kContinue = 0xfb, kStop = 0xfc, kSongPosition = 0xf2;
constexpr double kTicksPerBeat = 24.0;
constexpr int kTicksPerStep = 6;
constexpr int kLeast = 12;                           // ticks until the tempo is believed
constexpr int kNewest = 12;                          // ticks that tell of another tempo
constexpr double kOffLine_s = 0.004;                 // by so much on average
constexpr double kJitter_s = 0.006;                  // between two ticks
constexpr double kSilence_s = 0.5;                   // after which the clock is lost; at least
constexpr double kSilentTicks = 8.0;                 // or this number of its ticks
constexpr double kSlowest = 20.0, kFastest = 300.0;  // beats per minute

}  // namespace

MidiClock::Does MidiClock::receive(const uint8_t* bytes, int size, uint64_t frame) noexcept {
    if (size < 1) return Does::nothing;
    switch (bytes[0]) {
        case kTick:
            return tick(frame);
        case kStart:
            position_ = 0;
            starts_ = true;
            return Does::nothing;
        case kContinue:
            starts_ = true;
            return Does::nothing;
        case kStop:
            if (runs_) position_ += (since_start_ + 1) / kTicksPerStep;  // where a continue goes on
            starts_ = false;
            if (!runs_) return Does::nothing;
            runs_ = false;
            return Does::stop;
        case kSongPosition:
            if (size == 3 && !runs_)
                position_ = static_cast<uint64_t>(bytes[1] & 127) | (bytes[2] & 127u) << 7;
            return Does::nothing;
        default:
            return Does::nothing;
    }
}

MidiClock::Does MidiClock::tick(uint64_t frame) noexcept {
    const bool back = count_ > 0 && frame < ticks_[count_ - 1];
    const double gap = count_ > 0 && !back ? static_cast<double>(frame - ticks_[count_ - 1]) : 0.0;
    const bool lost = interval_ > 0.0 && gap > 1.5 * interval_ + kJitter_s * sample_rate_;
    if (lost) since_start_ += static_cast<uint64_t>(gap / interval_ + 0.5) - 1;  // on the way
    // Many a clock starts without regard to the ticks that it sent before.
    const bool elsewhere = starts_ && std::abs(gap + late_ - interval_) > kOffLine_s * sample_rate_;
    const bool off_line = count_ >= kLeast && (lost || elsewhere);
    if (back || off_line || gap > kSilence_s * sample_rate_)
        count_ = 0;  // the line is drawn anew, and has the last one's interval until then
    if (count_ == 0) late_ = 0.0;
    if (count_ == kMost) {
        std::copy(ticks_ + 1, ticks_ + kMost, ticks_);
        --count_;
    }
    ticks_[count_++] = frame;
    fit();
    if (!starts_) {
        if (runs_) ++since_start_;
        return Does::nothing;
    }
    starts_ = false;
    runs_ = true;
    since_start_ = 0;
    return Does::start;
}

void MidiClock::fit() noexcept {
    for (int round = 0; round < 2; ++round) {
        if (count_ < kLeast) return;
        const double middle = 0.5 * (count_ - 1);
        double mean = 0.0, product = 0.0, square = 0.0;
        for (int i = 0; i < count_; ++i) mean += static_cast<double>(ticks_[i] - ticks_[0]) / count_;
        for (int i = 0; i < count_; ++i) {
            product += (i - middle) * (static_cast<double>(ticks_[i] - ticks_[0]) - mean);
            square += (i - middle) * (i - middle);
        }
        interval_ = product / square;
        late_ = static_cast<double>(ticks_[count_ - 1] - ticks_[0]) - (mean + middle * interval_);
        if (count_ <= kNewest || misses(kNewest) < kOffLine_s * sample_rate_) return;
        std::copy(ticks_ + count_ - kNewest, ticks_ + count_, ticks_);
        count_ = kNewest;
    }
}

// How far the newest ticks lie off the line, on average, all to one side.
double MidiClock::misses(int newest) const noexcept {
    double sum = 0.0;
    for (int i = count_ - newest; i < count_; ++i) {
        const double line =
            static_cast<double>(ticks_[count_ - 1] - ticks_[0]) - late_ + (i - (count_ - 1)) * interval_;
        sum += static_cast<double>(ticks_[i] - ticks_[0]) - line;
    }
    return std::abs(sum) / newest;
}

BeatReading MidiClock::read(uint64_t frame) const noexcept {
    BeatReading reading;
    reading.frame = frame;
    reading.exact = true;
    const double tempo = interval_ > 0.0 ? sample_rate_ * 60.0 / (kTicksPerBeat * interval_) : 0.0;
    if (!(tempo >= kSlowest && tempo <= kFastest)) return reading;
    const uint64_t last = ticks_[count_ - 1];
    const double since =
        frame >= last ? static_cast<double>(frame - last) : -static_cast<double>(last - frame);
    reading.tempo = tempo;
    reading.confidence = 1.0f;
    if (!runs_) return reading;  // many a clock is silent while it is stopped: it is not lost
    reading.lost = since > std::max(kSilence_s * sample_rate_, kSilentTicks * interval_);
    reading.has_phase = reading.has_bar = true;
    const double ticks = static_cast<double>(since_start_) + (since + late_) / interval_;
    reading.beat = std::max(0.0, static_cast<double>(position_) / 4.0 + ticks / kTicksPerBeat);
    return reading;
}

}  // namespace emohost::music
