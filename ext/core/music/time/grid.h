// Where each sixteenth lies, in frames. A step's place is computed from an origin and a count, not summed up, so it
// does not drift however long it plays. It runs forward only. Real-time safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace emohost::music {

class Grid {
  public:
    static constexpr uint64_t kNever = ~uint64_t{0};

    bool running() const noexcept { return running_; }
    // Step 0 falls on `frame`; steps are `length` frames long.
    void start(uint64_t frame, double length) noexcept {
        running_ = true;
        step_ = since_ = 0;
        origin_ = frame;
        fraction_ = shift_ = 0.0;
        length_ = length;
    }
    void stop() noexcept { running_ = false; }

    // The next step: its count since the start, its frame, and when it is planned: half a step ahead (step 0: at it).
    uint64_t step() const noexcept { return step_; }
    double length() const noexcept { return length_; }  // frames per step
    uint64_t frame() const noexcept { return origin_ + rounded(place()); }
    uint64_t plan_frame() const noexcept {
        if (!running_) return kNever;
        return step_ == 0 ? frame() : origin_ + rounded(place() - 0.5 * length_);
    }
    // Frames from `frame` to the next step; below 0 when it lies before.
    double until(uint64_t frame) const noexcept {
        return origin_ >= frame ? place() + static_cast<double>(origin_ - frame)
                                : place() - static_cast<double>(frame - origin_);
    }

    // The next step lies `frames` later than at an even pace, but never less than `least` steps after the last one,
    // and is not planned before `now`. Takes the place of the shift before.
    void shift(double frames, double least, uint64_t now) noexcept {
        if (step_ == 0) return;
        shift_ = std::max(frames, (least - 1.0) * length_);
        shift_ += std::max(0.0, 0.5 * length_ - until(now));
    }
    double shifted() const noexcept { return shift_; }

    // On to the step after, `length` frames later.
    void advance(double length) noexcept {
        if (length != length_ || shift_ != 0.0) {  // the step just planned becomes the origin
            const double at = place();
            origin_ += static_cast<uint64_t>(at);
            fraction_ = at - std::floor(at);
            since_ = 0;
            shift_ = 0.0;
            length_ = length;
        }
        ++step_;
        ++since_;
    }

  private:
    double place() const noexcept { return fraction_ + static_cast<double>(since_) * length_ + shift_; }
    static uint64_t rounded(double frames) noexcept { return static_cast<uint64_t>(frames + 0.5); }

    bool running_ = false;
    uint64_t step_ = 0;   // since the start
    uint64_t since_ = 0;  // since the origin
    uint64_t origin_ = 0;
    double fraction_ = 0.0;  // what is left of the origin below a frame
    double shift_ = 0.0;     // of the next step alone, frames
    double length_ = 1.0;
};

}  // namespace emohost::music
