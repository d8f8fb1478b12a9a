// The block of shared memory between host and engine: rings and counters, nothing else. Both processes map
// the same bytes; whoever creates it calls format(), others check with valid().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "core/continuation.h"
#include "core/emotion_ring.h"
#include "core/messages.h"
#include "core/rt/latest.h"
#include "core/rt/ring.h"

namespace emohost {

constexpr uint32_t kSharedMagic = 0x454d4f31;  // "EMO1"
constexpr uint32_t kSharedVersion = 4;
constexpr uint64_t kNoFrame = ~uint64_t{0};

struct Shared {
    uint32_t magic;
    uint32_t version;
    uint64_t size;

    alignas(64) std::atomic<uint64_t> blocks;  // finished by process(); the watchdog's heartbeat
    std::atomic<uint64_t> first_sound_frame;   // first input sample that is not zero, or kNoFrame
    rt::Latest<TimePoint> time;                // A -> MIDI thread

    // A -> control: what came of Side B's messages (core/side_b.h), and its share in what is felt now.
    std::atomic<uint64_t> emotion_taken, emotion_lost, emotion_torn, emotion_stale;
    std::atomic<float> emotion_share;

    rt::Latest<Continuation> continuation;  // A -> control: for the engine after this one

    // A -> control: what came of the input ring's messages. Refused: no MIDI, or of a frame too far ahead.
    std::atomic<uint64_t> input_taken, input_refused;

    EmotionRing emotion;                    // the host itself, offline runs and tests -> A
    rt::Ring<Command, 256> command;         // control -> A
    rt::Ring<InputEvent, 1024> input;       // host (its MIDI thread) -> A
    rt::Ring<MidiEvent, 4096> event;        // A -> MIDI thread
    rt::Ring<BlockReport, 4096> telemetry;  // A -> control

    static bool valid(const void* memory, std::size_t bytes) noexcept;
    static Shared* format(void* memory, std::size_t bytes) noexcept;  // null if too small or misaligned

    // Empties every ring and forgets what an engine that is gone has left. Only while no engine runs.
    void clear() noexcept;
};

}  // namespace emohost
