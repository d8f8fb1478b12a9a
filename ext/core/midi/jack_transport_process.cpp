// The client's callbacks. Nothing here allocates, locks, calls the system or throws.
#include <cmath>
#include <cstdlib>

#include "core/midi/jack_transport.h"
#include "core/rt/clock.h"

namespace emohost::midi {

namespace {

constexpr double kJump_s = 0.1;  // less is an xrun: the grid makes up for it
constexpr double kTicksPerBeat = 1920.0;
constexpr float kQuarter = 4.0f;

}  // namespace

int JackTransport::process(jack::Frames frames, void* self) noexcept {
    static_cast<JackTransport*>(self)->cycle(frames);
    return 0;
}

void JackTransport::shut_down(void* self) noexcept {
    static_cast<JackTransport*>(self)->ended_.store(true, std::memory_order_release);
}

void JackTransport::cycle(jack::Frames frames) noexcept {
    jack::Position position{};
    const int state = library_->transport_query(client_, &position);
    const bool rolled = at_.rolls != 0;
    at_.now_ns = rt::monotonic_ns();
    at_.cycle = library_->last_frame_time(client_);
    at_.rate = position.frame_rate;
    at_.frames = frames;
    at_.rolls = state == jack::kRolling || state == jack::kLooping ? 1 : 0;
    if (at_.rolls && !rolled) ++at_.starts;
    const auto off = static_cast<int32_t>(position.frame - expected_);
    if (at_.rolls && rolled && std::abs(static_cast<double>(off)) > kJump_s * at_.rate) ++at_.jumps;
    expected_ = position.frame + frames;
    at_.position = position.frame;
    at_.has_bar = (position.valid & jack::kHasBar) && position.beats_per_minute > 0.0 &&
                          position.ticks_per_beat > 0.0 && position.beats_per_bar >= 1.0f
                      ? 1
                      : 0;
    if (at_.has_bar) {
        const double before = position.valid & jack::kHasBarOffset ? position.bbt_offset : 0.0;
        at_.tempo = position.beats_per_minute;
        at_.beats_per_bar = static_cast<double>(position.beats_per_bar);
        at_.bar = position.bar - 1.0;
        at_.beat = position.beat - 1.0 + position.tick / position.ticks_per_beat +
                   (at_.rate ? before * at_.tempo / (60.0 * at_.rate) : 0.0);
    }
    point_.store(at_);
}

void JackTransport::timebase(int, jack::Frames frames, jack::Position* next, int, void* self) noexcept {
    static_cast<JackTransport*>(self)->fill(frames, next);
}

// Called after cycle(), for the place of the cycle that comes.
void JackTransport::fill(jack::Frames frames, jack::Position* next) noexcept {
    ++at_.told;
    music::Beat band;
    if (!band_.load(&band) || !(band.tempo > 0.0) || next->frame_rate == 0) return;
    const bool onwards = counting_ && at_.rolls && next->frame == expected_;
    const double beats = timebase_.place(band, at_.cycle + frames, next->frame, next->frame_rate, onwards);
    counting_ = true;
    const double bar = std::floor(beats / band.beats_per_bar);
    const double in_bar = beats - bar * band.beats_per_bar;
    const double beat = std::floor(in_bar);
    next->valid |= jack::kHasBar;
    next->bar = static_cast<int32_t>(bar) + 1;
    next->beat = static_cast<int32_t>(beat) + 1;
    next->tick = static_cast<int32_t>((in_bar - beat) * kTicksPerBeat);
    next->bar_start_tick = bar * band.beats_per_bar * kTicksPerBeat;
    next->beats_per_bar = band.beats_per_bar;
    next->beat_type = kQuarter;
    next->ticks_per_beat = kTicksPerBeat;
    next->beats_per_minute = band.tempo;
}

}  // namespace emohost::midi
