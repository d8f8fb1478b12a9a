// The memory between the host and the process that holds the MIDI ports: what is to be played and when, and what has come
// in. Both map the same bytes; the host makes it with format(), the port's process checks it with valid().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/rt/latest.h"
#include "core/rt/ring.h"

namespace emohost::midi {

constexpr uint32_t kPortMagic = 0x454d4f50;  // "EMOP"
constexpr uint32_t kPortVersion = 1;

// host -> port, in order of time.
struct PortEvent {
    uint64_t frame;   // of the engine's input, to which it belongs
    uint64_t due_ns;  // monotonic clock; 0: at once
    uint8_t bytes[3];
    uint8_t size;  // 1 to 3
    uint8_t reserved[4];
};

// host -> port: when a block of the engine's input began, by its callback; the newest.
struct PortTime {
    uint64_t frame;
    uint64_t monotonic_ns;
};

// port -> host: what became of an event that was due at a time.
struct PortPlayed {
    uint64_t due_ns;
    int64_t
        late_ns;  // how long after its own frame it was played; 0: on it. Negative: left out, too late for a note
};

// port -> host: a message that came in.
struct PortInput {
    uint64_t monotonic_ns;
    uint64_t frame;  // of the engine's input, at the same moment; 0: not known
    uint8_t bytes[3];
    uint8_t size;    // 1 to 3
    uint8_t source;  // number of the input
    uint8_t reserved[3];
};

struct PortMemory {
    uint32_t magic;
    uint32_t version;
    uint64_t size;

    // Host.
    alignas(64) std::atomic<uint64_t> alive_ns;  // monotonic clock: the host lives; 0: it has not begun
    std::atomic<double> engine_rate;             // Hz of `frame`; 0: not known
    std::atomic<uint64_t> delay_ns;              // from an event's frame to its time at the port
    rt::Latest<PortTime> time;
    std::atomic<uint64_t> silence_before;  // notes of the events before this number are not to be played ...
    std::atomic<uint64_t> silences;        // ... and all that sounds ends: one more with each request

    // Port.
    alignas(64) std::atomic<uint64_t> cycles;  // begun
    std::atomic<uint64_t> silenced;            // requests of silence that were met
    std::atomic<uint32_t> period;              // frames of a cycle
    std::atomic<double> rate;                  // Hz of the port's own frames
    std::atomic<uint64_t> sounding;            // notes that are on

    rt::Ring<PortEvent, 4096> out;
    rt::Ring<PortPlayed, 4096> played;
    rt::Ring<PortInput, 1024> in;

    static bool valid(const void* memory, std::size_t bytes) noexcept;
    static PortMemory* format(void* memory, std::size_t bytes) noexcept;  // null if too small or misaligned

    // Host: ends what sounds and forgets the notes that are planned, at once; what is no note goes out at once.
    void silence() noexcept {
        silence_before.store(out.pushed(), std::memory_order_relaxed);
        silences.fetch_add(1, std::memory_order_release);
    }
};

static_assert(sizeof(PortEvent) == 24 && sizeof(PortPlayed) == 16 && sizeof(PortInput) == 24,
              "the layout is shared between processes");

}  // namespace emohost::midi
