// The port's side of its memory, on the driver's thread. Nothing here allocates, locks, calls the system or throws.
#include "core/midi/player.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace emohost::midi {

namespace {

constexpr double kHold_s = 0.00025;  // the distance of the two counts is kept until it is wrong by more
constexpr uint64_t kSampled_ns = 10000000;  // between two looks at it
constexpr double kStale_s = 0.5;            // a note that could begin only so late is left out
constexpr uint64_t kHostSilent_ns = 1000000000u;
constexpr double kTicksApart_s = 0.001;  // at least: a follower takes their distance for the tempo
constexpr uint8_t kTick = 0xf8, kOff = 0x80, kOn = 0x90, kControl = 0xb0, kSystem = 0xf0, kSustain = 64;

bool is_note(const PortEvent& event) {
    const int kind = event.bytes[0] & 0xf0;
    return event.size == 3 && (kind == kOn || kind == kOff);
}

bool is_note_on(const PortEvent& event) {
    return event.size == 3 && (event.bytes[0] & 0xf0) == kOn && event.bytes[2] > 0;
}

// A note that silence makes void. The end of one that was asked for at once (a debt of an earlier port) stays.
bool is_planned(const PortEvent& event) { return is_note(event) && (event.due_ns != 0 || is_note_on(event)); }

}  // namespace

void Player::play(const Cycle& cycle, const Sink& sink) noexcept {
    memory_.cycles.fetch_add(1, std::memory_order_relaxed);
    memory_.period.store(cycle.frames, std::memory_order_relaxed);
    memory_.rate.store(cycle.rate, std::memory_order_relaxed);
    offset_ = 0;
    look_for_silence(cycle.now_ns);
    if (!ending_ || end_what_sounds(sink)) {
        for (uint32_t i = 0; i < memory_.out.capacity() && play_next(cycle, sink); ++i) {
        }
        play_passed(cycle.frames, sink);
    }
    keep_passed();
    memory_.sounding.store(sounding_, std::memory_order_relaxed);
}

// Three may ask for it: the host, this process, and the host's own silence.
void Player::look_for_silence(uint64_t now_ns) noexcept {
    const uint64_t silences = memory_.silences.load(std::memory_order_acquire);
    if (silences != memory_.silenced.load(std::memory_order_relaxed)) {
        before_ = std::max(before_, memory_.silence_before.load(std::memory_order_relaxed));
        ending_ = true;
        memory_.silenced.store(silences, std::memory_order_release);
    }
    const uint64_t requests = requests_.load(std::memory_order_acquire);
    const uint64_t alive = memory_.alive_ns.load(std::memory_order_relaxed);
    const bool silent_host = alive != 0 && now_ns > alive && now_ns - alive > kHostSilent_ns;
    if (requests != served_.load(std::memory_order_relaxed) || (silent_host && !silent_host_)) {
        before_ = std::max(before_, memory_.out.pushed());
        ending_ = true;
        served_.store(requests, std::memory_order_release);
    }
    silent_host_ = silent_host;
}

// In order of their frames, whichever input they came through. Where there is no room, all that sounds is ended: the end of
// a note may be among what is lost.
void Player::pass_on(uint32_t offset, const uint8_t* bytes, uint32_t size) noexcept {
    if (size < 1 || size > 3 || bytes[0] < kOff || bytes[0] >= kSystem) return;
    if (passed_count_ == kMostPassed) {
        ending_ = true;
        return;
    }
    int at = passed_count_++;
    for (; at > 0 && passed_[at - 1].offset > offset; --at) passed_[at] = passed_[at - 1];
    passed_[at].offset = offset;
    passed_[at].size = static_cast<uint8_t>(size);
    std::copy_n(bytes, size, passed_[at].bytes);
}

// Those up to a frame of the cycle. False where there is no room.
bool Player::play_passed(uint32_t until, const Sink& sink) noexcept {
    for (; passed_done_ < passed_count_ && passed_[passed_done_].offset <= until; ++passed_done_) {
        const Passed& next = passed_[passed_done_];
        if (!write(sink, std::max(offset_, next.offset), next.bytes, next.size)) return false;
    }
    return true;
}

// What found no room comes first in the next cycle.
void Player::keep_passed() noexcept {
    const int left = passed_count_ - passed_done_;
    std::copy(passed_ + passed_done_, passed_ + passed_count_, passed_);
    for (int i = 0; i < left; ++i) passed_[i].offset = 0;
    passed_count_ = left;
    passed_done_ = 0;
}

bool Player::write(const Sink& sink, uint32_t offset, const uint8_t* bytes, uint32_t size) noexcept {
    if (!sink.write(sink.with, offset, bytes, size)) return false;
    offset_ = offset;
    if (size == 3) enter(bytes);
    return true;
}

// What finds no room is ended in the next cycle, before anything else is played. A pedal would keep what it ends.
bool Player::end_what_sounds(const Sink& sink) noexcept {
    for (int channel = 0; channel < kChannels && pedals_ != 0; ++channel) {
        if (!(pedals_ >> channel & 1)) continue;
        const uint8_t up[3] = {static_cast<uint8_t>(kControl | channel), kSustain, 0};
        if (!sink.write(sink.with, 0, up, 3)) return false;
        pedals_ = static_cast<uint16_t>(pedals_ & ~(1u << channel));
    }
    for (int channel = 0; channel < kChannels && sounding_ > 0; ++channel) {
        for (int note = 0; note < kNotes; ++note) {
            while (on_[channel][note] > 0) {
                const uint8_t off[3] = {static_cast<uint8_t>(kOff | channel), static_cast<uint8_t>(note), 0};
                if (!sink.write(sink.with, 0, off, 3)) return false;
                --on_[channel][note];
                --sounding_;
            }
        }
    }
    ending_ = false;
    return true;
}

// From which frame of the cycle on another tick of a clock may go out: ticks that are late do not come in a heap.
double Player::after_last_tick(const Cycle& cycle) const noexcept {
    const double apart = kTicksApart_s * cycle.rate;
    const double since = static_cast<double>(static_cast<int64_t>(cycle.frame - tick_frame_));
    const bool lately = since >= -static_cast<double>(cycle.frames) && since < apart;  // the count may jump
    return tick_frame_ != 0 && lately ? apart - since : 0.0;
}

// False when the oldest is not due in this cycle, finds no room, or there is none.
bool Player::play_next(const Cycle& cycle, const Sink& sink) noexcept {
    const PortEvent* event = memory_.out.front();
    if (!event) return false;
    const bool forgotten = memory_.out.popped() < before_;
    const bool timed = !forgotten && event->due_ns != 0;
    const double due = timed ? place(*event, cycle) : 0.0;
    const bool tick = timed && event->size == 1 && event->bytes[0] == kTick;
    const double at = tick ? std::max(due, after_last_tick(cycle)) : due;
    if (at >= static_cast<double>(cycle.frames)) return false;
    const double late_s = std::max(0.0, -due / cycle.rate);
    const bool garbled = event->size < 1 || event->size > sizeof event->bytes;
    const bool stale = late_s > kStale_s && is_note_on(*event);
    if (!garbled && !stale && !(forgotten && is_planned(*event))) {
        const auto wanted = static_cast<uint32_t>(std::max(0.0, at));
        if (!play_passed(wanted, sink)) return false;
        if (!write(sink, std::max(offset_, wanted), event->bytes, event->size)) return false;
        if (tick) tick_frame_ = cycle.frame + offset_;
    }
    if (timed) {
        memory_.played.push({event->due_ns, stale ? -1 : static_cast<int64_t>(std::min(late_s, 1e6) * 1e9)});
    }
    PortEvent done;
    memory_.out.pop(&done);
    return true;
}

// On one driver the engine's callback and this one are called in the same cycle, a moment apart: the cycle that began
// nearest to the engine's block tells the distance of the two counts of frames, which is a whole number that stays. Now and
// then one of the two was late, so the median of many is taken, and held until it is wrong.
void Player::follow(const Cycle& cycle) noexcept {
    if (cycles_ > 0) {
        const auto on = static_cast<int64_t>(cycle.frame - begun_[(cycles_ - 1) % kBegun].frame);
        if (on < 0 ||
            static_cast<double>(on) > cycle.rate) {  // another count: all that is known is of the old one
            cycles_ = seen_count_ = 0;
            known_ = false;
        }
    }
    begun_[cycles_++ % kBegun] = {cycle.frame, cycle.now_ns};
    const double engine_rate = memory_.engine_rate.load(std::memory_order_relaxed);
    PortTime time;
    if (!(engine_rate > 0.0) || !memory_.time.load(&time)) return;
    const double ratio = cycle.rate / engine_rate;
    if (time.frame < last_.frame || ratio != ratio_) seen_count_ = 0;  // another engine, another rate
    const bool enough = seen_count_ > 0 && time.monotonic_ns - last_.monotonic_ns < kSampled_ns;
    if (enough && ratio == ratio_) return;
    ratio_ = ratio;
    last_ = time;
    int64_t nearest_ns = INT64_MAX;
    uint64_t frame = 0;
    for (uint64_t i = 0; i < std::min<uint64_t>(cycles_, kBegun); ++i) {
        const auto after_ns = static_cast<int64_t>(time.monotonic_ns - begun_[i].time_ns);
        if (std::llabs(after_ns) >= std::llabs(nearest_ns)) continue;
        nearest_ns = after_ns;
        frame = begun_[i].frame;
    }
    const double after = static_cast<double>(nearest_ns) * cycle.rate * 1e-9;
    if (std::fabs(after) > static_cast<double>(cycle.frames)) return;  // long ago, or one of the two waited
    learn(static_cast<double>(frame) + after - static_cast<double>(time.frame) * ratio, cycle.rate);
}

void Player::learn(double shift, double rate) noexcept {
    seen_[seen_count_++ % kSeen] = shift;
    const auto count = static_cast<std::size_t>(std::min<uint64_t>(seen_count_, kSeen));
    double sorted[kSeen] = {};
    std::copy_n(seen_, count, sorted);
    std::nth_element(sorted, sorted + count / 2, sorted + count);
    const double median = sorted[count / 2];
    if (seen_count_ == 1 || !(std::fabs(median - shift_) <= kHold_s * rate))
        shift_ = std::floor(median + 0.5);
    known_ = true;
}

uint64_t Player::engine_frame(const Cycle& cycle, uint32_t offset) const noexcept {
    if (!known_) return 0;
    const double frame = (static_cast<double>(cycle.frame) + offset - shift_) / ratio_;
    return frame > 0.0 ? static_cast<uint64_t>(frame + 0.5) : 0;
}

// Frames from the cycle's first to the event's own.
double Player::place(const PortEvent& event, const Cycle& cycle) const noexcept {
    if (!known_) {
        const auto ahead = static_cast<int64_t>(event.due_ns) - static_cast<int64_t>(cycle.now_ns);
        return std::floor(static_cast<double>(ahead) * cycle.rate * 1e-9 + 0.5);
    }
    const double delay =
        static_cast<double>(memory_.delay_ns.load(std::memory_order_relaxed)) * cycle.rate * 1e-9;
    const double position = static_cast<double>(event.frame) * ratio_ + shift_ + delay;
    return std::floor(position + 0.5) - static_cast<double>(cycle.frame);
}

void Player::enter(const uint8_t* bytes) noexcept {
    const int kind = bytes[0] & 0xf0, channel = bytes[0] & 0x0f;
    if (kind == kControl && bytes[1] == kSustain) {
        const auto pedal = static_cast<uint16_t>(1u << channel);
        pedals_ = static_cast<uint16_t>(bytes[2] >= 64 ? pedals_ | pedal : pedals_ & ~pedal);
    }
    if (kind != kOn && kind != kOff) return;
    uint8_t& count = on_[channel][bytes[1] & 0x7f];
    if (kind == kOn && bytes[2] > 0) {
        if (count == 255) return;
        ++count;
        ++sounding_;
    } else if (count > 0) {
        --count;
        --sounding_;
    }
}

}  // namespace emohost::midi
