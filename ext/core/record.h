// A -> recorder: all that a run is made of, block by block, so that it can be kept and played again (replay.h). Bytes in
// shared memory of their own, which lie there beforehand; one producer, the audio thread, and one consumer.
//
// A block is there as a whole or not at all: it becomes visible when process() has come to its end. Where there is no
// room for it, it is left out and counted; nothing waits. Each block is a row of records, a header and its bytes
// (padded to 8) each; the first one is of kind `block`.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/messages.h"

namespace emohost {

enum class RecordKind : uint32_t {
    block = 1,  // RecordedBlock
    command,    // Command, when it was taken from its ring
    input,      // InputEvent, likewise
    emotion,    // uint64_t: which of Side B's rings, in the order in which the engine listens; EmotionMessage
    networks,   // uint64_t: which were replaced (bit r: role r)
    style,      // nothing: the user's own was replaced
    samples,  // float32, interleaved: the channels that are listened to, as they came. None for a null input
    event,    // MidiEvent, as it was handed out
};

struct RecordHeader {
    RecordKind kind;
    uint32_t bytes;  // of what follows, without its padding
};

struct RecordedBlock {
    uint64_t frame;       // of its first sample
    uint64_t started_ns;  // monotonic clock at entry
    uint32_t frames;
    uint32_t flags;  // BlockFlags: the driver's, kNullInput, and what was left out under overload
};

constexpr uint32_t kRecordMagic = 0x454d4f52;  // "EMOR"
constexpr uint32_t kRecordVersion = 1;

struct RecordMemory {
    uint32_t magic;
    uint32_t version;
    uint64_t capacity;                         // bytes of the ring behind this
    std::atomic<uint32_t> stopped;             // by the consumer: nothing more is written
    alignas(64) std::atomic<uint64_t> head;    // bytes written,
    std::atomic<uint64_t> lost;                // blocks left out
    alignas(64) std::atomic<uint64_t> tail;    // bytes read
    alignas(64) std::atomic<uint64_t> unused;  // the ring begins on a line of its own

    unsigned char* ring() noexcept { return reinterpret_cast<unsigned char*>(this + 1); }
    bool half_full() const noexcept {
        return stopped.load(std::memory_order_relaxed) == 0 &&
               head.load(std::memory_order_relaxed) - tail.load(std::memory_order_acquire) > capacity / 2;
    }

    // Null where the memory does not hold one of this version that fits in it.
    static RecordMemory* valid(void* memory, std::size_t bytes) noexcept;
    static RecordMemory* format(void* memory, std::size_t bytes) noexcept;  // null if too small or misaligned

    // Consumer: copies whole blocks, `room` bytes at most; `room` is at least the capacity to be sure of one. Returns how
    // many bytes.
    std::size_t read(unsigned char* to, std::size_t room) noexcept;
};

static_assert(sizeof(RecordHeader) == 8 && sizeof(RecordedBlock) == 24 && sizeof(RecordMemory) == 256,
              "the layout is shared between processes");

// The producer. Audio thread, real-time safe; without a memory nothing happens.
class RecordWriter {
  public:
    void use(RecordMemory* memory) noexcept { memory_ = memory; }  // loader side, before the first block
    bool half_full() const noexcept { return memory_ && memory_->half_full(); }

    void begin(const RecordedBlock& block) noexcept;
    void command(const Command& command) noexcept { add(RecordKind::command, &command, sizeof command); }
    void input(const InputEvent& event) noexcept { add(RecordKind::input, &event, sizeof event); }
    void event(const MidiEvent& event) noexcept { add(RecordKind::event, &event, sizeof event); }
    void emotion(uint64_t ring, const EmotionMessage& message) noexcept;
    void networks(uint64_t replaced) noexcept { add(RecordKind::networks, &replaced, sizeof replaced); }
    void style() noexcept { add(RecordKind::style, nullptr, 0); }
    // Of `frames` interleaved frames of `channels`, those `heard` (`count` of them, in order).
    void samples(const float* in, int frames, int channels, const int* heard, int count) noexcept;
    void commit() noexcept;

  private:
    void add(RecordKind kind, const void* bytes, uint32_t count) noexcept;
    bool open(RecordKind kind, uint64_t count) noexcept;
    void put(const void* bytes, uint64_t count) noexcept;
    void pad() noexcept { at_ = (at_ + 7) & ~uint64_t{7}; }

    RecordMemory* memory_ = nullptr;
    bool writes_ = false;  // in this block, and there was room so far
    bool lost_ = false;
    uint64_t at_ = 0, end_ = 0;
};

}  // namespace emohost
