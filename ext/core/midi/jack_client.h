// A client of a JACK server (or of PipeWire in its place) with MIDI ports: one that plays what lies in a PortMemory, and
// any number that put what comes in there. Its process callback is native and keeps the contract of core/engine.h.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/midi/jack_library.h"
#include "core/midi/player.h"

namespace emohost::midi {

// What stands in the way of a client: no library, no server, a name that is not accepted.
struct JackError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Opened {
    const jack::Library* library;
    jack::Client* client;
};
// A client of the server that runs; none is started. Throws JackError.
Opened open_client(const std::string& name);

// What the trap (ext/trap), where it is loaded, saw inside of the callback: for tests.
constexpr int kTrapKinds = 8;
struct Trapped {
    void (*arm)() = nullptr;
    void (*disarm)() = nullptr;
    uint64_t (*count)(int) = nullptr;
    std::array<std::atomic<uint64_t>, kTrapKinds> calls{};
};

class JackClient {
  public:
    // Opens a client and registers its ports; nothing flows before activate(). `memory` outlives it; null: a client that
    // only looks. `thru`: inputs, by bit, whose messages go out again. Throws JackError.
    JackClient(const std::string& name, PortMemory* memory, const std::string& output,
               const std::vector<std::string>& inputs, uint64_t thru = 0);
    // Closes it, which takes its ports away. May not return where the server hangs.
    ~JackClient();
    JackClient(const JackClient&) = delete;
    JackClient& operator=(const JackClient&) = delete;

    void activate();  // throws JackError
    std::string name() const;
    std::string output() const;               // full name; empty without an output
    std::vector<std::string> inputs() const;  // full names

    // Full names of the ports of others that take (`sinks`) or send: MIDI, or `audio`.
    std::vector<std::string> ports(bool sinks, bool audio = false) const;
    std::vector<std::string> connections(
        const std::string& port) const;  // empty, too, when there is no such port
    bool connect(const std::string& source,
                 const std::string& destination);  // also true when it is already so
    bool disconnect(const std::string& source, const std::string& destination);
    uint32_t sample_rate() const;
    uint32_t period() const;
    // Any thread.
    bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }  // the server has gone
    void silence() noexcept { player_->silence(); }
    bool idle() const noexcept { return player_->idle(); }
    std::vector<uint64_t> trapped() const;  // calls by kind of ext/trap/trap.h; empty without the trap

  private:
    static int process(jack::Frames frames, void* self) noexcept;
    static void shut_down(void* self) noexcept;
    void cycle(jack::Frames frames) noexcept;
    void read_clock(jack::Frames frames) noexcept;
    void take_in(jack::Frames frames) noexcept;

    const jack::Library* library_ = nullptr;
    jack::Client* client_ = nullptr;
    jack::Port* output_ = nullptr;
    std::vector<jack::Port*> inputs_;
    PortMemory* memory_;
    const uint64_t thru_;
    std::unique_ptr<Player> player_;
    std::atomic<bool> ended_{false};
    Cycle cycle_{};
    bool started_ = false;
    jack::Frames last_frame_ = 0;
    Trapped trapped_;
};

}  // namespace emohost::midi
