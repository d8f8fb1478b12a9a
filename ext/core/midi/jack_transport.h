// A client of a JACK server (or of PipeWire in its place) that follows its transport, and says bars and beats for all its
// clients where it is the timebase master. Its callbacks are native and keep the contract of core/engine.h.
#pragma once

#include <atomic>
#include <string>

#include "core/midi/jack_client.h"
#include "core/midi/jack_library.h"
#include "core/music/time/timebase.h"
#include "core/rt/latest.h"

namespace emohost::midi {

// Where the transport is at a cycle's first frame.
struct TransportPoint {
    uint64_t now_ns;    // monotonic clock: when the cycle was called
    uint32_t cycle;     // its first frame, of JACK's own count, which runs over
    uint32_t position;  // frames since the transport's beginning
    uint32_t rate;      // Hz
    uint32_t frames;    // of a cycle
    uint32_t starts;    // times it began to roll
    uint32_t jumps;     // times it went elsewhere while it rolled
    uint32_t rolls;
    uint32_t has_bar;      // 1: somebody says what follows
    double bar, beat;      // from 0; the beat with its fraction
    double beats_per_bar;  // as they are counted, whatever their length
    double tempo;          // of these beats, a minute
    uint32_t told;         // times this client was asked to say it
    uint32_t reserved;
};

class JackTransport {
  public:
    // Opens a client. Throws JackError.
    explicit JackTransport(const std::string& name);
    // May not return where the server hangs.
    ~JackTransport();
    JackTransport(const JackTransport&) = delete;
    JackTransport& operator=(const JackTransport&) = delete;

    std::string name() const;
    bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }  // the server has gone
    bool point(TransportPoint* to) const noexcept { return point_.load(to); }  // false: no cycle was seen yet
    void roll(bool on) noexcept;
    // Says bars and beats from now on, if nobody else does. False: somebody does.
    bool take_timebase() noexcept;
    // One thread: what it says.
    void say(const music::Beat& band) noexcept { band_.store(band); }

  private:
    static int process(jack::Frames frames, void* self) noexcept;
    static void timebase(int state, jack::Frames frames, jack::Position* next, int new_position,
                         void* self) noexcept;
    static void shut_down(void* self) noexcept;
    void cycle(jack::Frames frames) noexcept;
    void fill(jack::Frames frames, jack::Position* next) noexcept;

    const jack::Library* library_;
    jack::Client* client_;
    std::atomic<bool> ended_{false};
    rt::Latest<TransportPoint> point_{};
    rt::Latest<music::Beat> band_{};
    // The driver's thread.
    TransportPoint at_{};
    music::Timebase timebase_;
    uint32_t expected_ = 0;  // place of the next cycle, while it rolls on
    bool counting_ = false;  // the timebase has been asked before
};

}  // namespace emohost::midi
