// The transport: where each sixteenth lies, in frames. A step's place is computed from the last tempo change
// and a count, not summed up, so it does not drift however long it plays. Real-time safe.
#pragma once

#include <cmath>
#include <cstdint>

namespace emohost::music {

class Clock {
  public:
    static constexpr uint64_t kNever = ~uint64_t{0};

    Clock(double sample_rate, double tempo, int beats_per_bar) noexcept
        : sample_rate_(sample_rate), steps_per_bar_(4 * beats_per_bar), tempo_(tempo), wanted_(tempo) {
        length_ = length_of(tempo);
    }

    bool running() const noexcept { return running_; }
    // Step 0 of bar 0 falls on `frame`.
    void start(uint64_t frame) noexcept {
        running_ = true;
        step_ = since_ = 0;
        origin_ = frame;
        fraction_ = 0.0;
        take_tempo();
    }
    void stop() noexcept { running_ = false; }

    // From the step after the next one on; the next one's place is promised already.
    void set_tempo(double tempo) noexcept { wanted_ = tempo; }
    double tempo() const noexcept { return tempo_; }

    // The next step: its count since the start, its place in the bar, its frame, and when it is planned.
    uint64_t step() const noexcept { return step_; }
    int step_in_bar() const noexcept {
        return static_cast<int>(step_ % static_cast<uint64_t>(steps_per_bar_));
    }
    uint64_t bar() const noexcept { return step_ / static_cast<uint64_t>(steps_per_bar_); }
    int steps_per_bar() const noexcept { return steps_per_bar_; }
    double step_frames() const noexcept { return length_; }
    uint64_t frame() const noexcept { return origin_ + rounded(place()); }
    uint64_t plan_frame() const noexcept {
        if (!running_) return kNever;
        return step_ == 0 ? frame() : origin_ + rounded(place() - 0.5 * length_);
    }

    void advance() noexcept {
        if (wanted_ != tempo_) {  // the step just planned becomes the origin of the new tempo
            const double at = place();
            origin_ += static_cast<uint64_t>(at);
            fraction_ = at - std::floor(at);
            since_ = 0;
            take_tempo();
        }
        ++step_;
        ++since_;
    }

  private:
    double length_of(double tempo) const noexcept { return sample_rate_ * 60.0 / tempo / 4.0; }
    void take_tempo() noexcept {
        tempo_ = wanted_;
        length_ = length_of(tempo_);
    }
    double place() const noexcept { return fraction_ + static_cast<double>(since_) * length_; }
    static uint64_t rounded(double frames) noexcept { return static_cast<uint64_t>(frames + 0.5); }

    double sample_rate_;
    int steps_per_bar_;
    double tempo_, wanted_;
    double length_ = 0.0;  // frames per step
    bool running_ = false;
    uint64_t step_ = 0;      // since the start
    uint64_t since_ = 0;     // since the origin
    uint64_t origin_ = 0;    // frame of the last tempo change,
    double fraction_ = 0.0;  // and what is left of it below a frame
};

}  // namespace emohost::music
