#include "core/music/clock_out.h"

namespace emohost::music {

namespace {

constexpr int kTick = 0xf8, kStart = 0xfa, kContinue = 0xfb, kStop = 0xfc, kSongPosition = 0xf2;
constexpr int kTicksPerStep = 6;
constexpr uint64_t kSongPositions = 1 << 14;

}  // namespace

void ClockOut::step(const Transport& transport, Schedule& schedule) noexcept {
    if (!on_) return;
    const uint64_t frame = transport.frame();
    const bool bar_begins = transport.step_in_bar() == 0;
    if (started_ && bar_begins && expected_ != 0) {  // they count other bars
        schedule.system(frame, kStop);
        started_ = false;
    }
    if (!started_ && bar_begins && transport.trusted()) {
        const uint64_t place = transport.bar() * static_cast<uint64_t>(transport.steps_per_bar());
        if (place > 0 && place < kSongPositions) {
            const int position = static_cast<int>(place);
            schedule.system(frame, kSongPosition, position & 127, position >> 7);
            schedule.system(frame, kContinue);
        } else {
            schedule.system(frame, kStart);
        }
        started_ = true;
        expected_ = 0;
    }
    for (int i = 0; i < kTicksPerStep; ++i)
        schedule.system(frame + static_cast<uint64_t>(i * transport.step_frames() / kTicksPerStep), kTick);
    expected_ = (expected_ + 1) % transport.steps_per_bar();
}

void ClockOut::stop(uint64_t frame, Schedule& schedule) noexcept {
    if (!on_) return;
    schedule.forget_system();
    if (started_) schedule.system(frame, kStop);
    started_ = false;
}

}  // namespace emohost::music
