// What a MIDI port does in each cycle of its driver: plays what is due, each message on its own frame, and keeps the
// ledger of what sounds, so that it can always be ended. Knows nothing of JACK. The contract of core/engine.h holds here,
// too: no allocation, no lock, no system call, for anything that the other process may have written.
#pragma once

#include <cstdint>

#include "core/midi/port_memory.h"

namespace emohost::midi {

struct Cycle {
    uint64_t frame;   // of the driver's count, the first of the cycle
    uint32_t frames;  // its length
    double rate;      // Hz
    uint64_t now_ns;  // monotonic clock: when the driver called
};

// Where a message goes: false when the driver has no room for it in this cycle.
struct Sink {
    bool (*write)(void* with, uint32_t offset, const uint8_t* bytes, uint32_t size) noexcept;
    void* with;
};

class Player {
  public:
    explicit Player(PortMemory& memory) noexcept : memory_(memory) {}

    // Audio thread. Real-time safe.
    void play(const Cycle& cycle, const Sink& sink) noexcept;

    // Audio thread, before play(): a message of a channel that came in, at this frame of the cycle, goes out on the same.
    // Other messages stay where they are.
    void pass_on(uint32_t offset, const uint8_t* bytes, uint32_t size) noexcept;

    // Audio thread, at the start of each cycle: where the engine's frames lie among the driver's.
    void follow(const Cycle& cycle) noexcept;
    // Audio thread. The engine's frame that is at the driver's; 0 where that is not known.
    uint64_t engine_frame(const Cycle& cycle, uint32_t offset) const noexcept;

    // Any thread: as the host's request of silence, for all that it has sent so far.
    void silence() noexcept { requests_.fetch_add(1, std::memory_order_release); }
    // Any thread: true when nothing waits to be played at once.
    bool idle() const noexcept {
        return memory_.out.size() == 0 && requests_.load() == served_.load() &&
               memory_.silences.load() == memory_.silenced.load();
    }

  private:
    static constexpr int kChannels = 16, kNotes = 128, kMostPassed = 1024;
    struct Passed {
        uint32_t offset;
        uint8_t bytes[3];
        uint8_t size;
    };

    void look_for_silence(uint64_t now_ns) noexcept;
    bool end_what_sounds(const Sink& sink) noexcept;
    bool play_next(const Cycle& cycle, const Sink& sink) noexcept;
    bool play_passed(uint32_t until, const Sink& sink) noexcept;
    void keep_passed() noexcept;
    bool write(const Sink& sink, uint32_t offset, const uint8_t* bytes, uint32_t size) noexcept;
    double after_last_tick(const Cycle& cycle) const noexcept;
    double place(const PortEvent& event, const Cycle& cycle) const noexcept;
    void learn(double shift, double rate) noexcept;
    void enter(const uint8_t* bytes) noexcept;

    PortMemory& memory_;
    std::atomic<uint64_t> requests_{0}, served_{0};
    uint64_t before_ = 0;  // notes of events with smaller numbers are not played
    bool ending_ = false;  // note-offs are owed
    bool silent_host_ = false;
    uint32_t offset_ = 0;              // of the last message of this cycle
    Passed passed_[kMostPassed] = {};  // written once, so that its memory is there
    int passed_count_ = 0, passed_done_ = 0;
    uint64_t tick_frame_ = 0;  // of the driver's count: the last tick of a clock; 0: none yet
    uint16_t pedals_ = 0;      // channels whose sustain pedal is down at the other end, by bit
    // Where the engine's frames lie.
    static constexpr uint64_t kBegun = 64, kSeen = 64;
    struct Begun {
        uint64_t frame, time_ns;
    };
    Begun begun_[kBegun]{};  // the latest cycles
    uint64_t cycles_ = 0;
    double seen_[kSeen]{};  // distances of the two counts
    uint64_t seen_count_ = 0;
    bool known_ = false;  // shift_ is
    double shift_ = 0.0;  // from the engine's frames, at the driver's rate, to the driver's
    double ratio_ = 1.0;  // of the rates
    PortTime last_{};
    uint8_t on_[kChannels][kNotes]{};  // note-ons without their note-off
    uint32_t sounding_ = 0;
};

}  // namespace emohost::midi
