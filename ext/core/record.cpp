// The audio thread's side of a recording. Nothing here allocates, locks, calls the system or throws.
#include "core/record.h"

#include <algorithm>
#include <cstring>

namespace emohost {

namespace {

constexpr int kGathered = 256;  // samples that are brought together at a time

}  // namespace

void RecordWriter::begin(const RecordedBlock& block) noexcept {
    writes_ = memory_ && memory_->stopped.load(std::memory_order_relaxed) == 0;
    lost_ = false;
    if (!writes_) return;
    at_ = memory_->head.load(std::memory_order_relaxed);
    end_ = memory_->tail.load(std::memory_order_acquire) + memory_->capacity;
    add(RecordKind::block, &block, sizeof block);
}

void RecordWriter::emotion(uint64_t ring, const EmotionMessage& message) noexcept {
    if (!open(RecordKind::emotion, sizeof ring + sizeof message)) return;
    EmotionMessage kept = message;
    if (message.withheld != 0) {  // that something came is all that is kept: played again, it lets go
        kept = EmotionMessage{};
        kept.withheld = 1;
    }
    put(&ring, sizeof ring);
    put(&kept, sizeof kept);
}

void RecordWriter::samples(const float* in, int frames, int channels, const int* heard, int count) noexcept {
    const uint64_t bytes = static_cast<uint64_t>(frames) * static_cast<uint64_t>(count) * sizeof(float);
    if (!open(RecordKind::samples, bytes)) return;
    if (count == channels) {
        put(in, bytes);
    } else {
        float gathered[kGathered];
        int filled = 0;
        for (int i = 0; i < frames; ++i) {
            for (int c = 0; c < count; ++c) {
                gathered[filled++] = in[static_cast<std::size_t>(i) * channels + heard[c]];
                if (filled < kGathered) continue;
                put(gathered, sizeof gathered);
                filled = 0;
            }
        }
        put(gathered, static_cast<uint64_t>(filled) * sizeof(float));
    }
    pad();
}

void RecordWriter::commit() noexcept {
    if (writes_) memory_->head.store(at_, std::memory_order_release);
    if (lost_) memory_->lost.fetch_add(1, std::memory_order_relaxed);
    writes_ = lost_ = false;
}

void RecordWriter::add(RecordKind kind, const void* bytes, uint32_t count) noexcept {
    if (!open(kind, count)) return;
    put(bytes, count);
    pad();
}

bool RecordWriter::open(RecordKind kind, uint64_t count) noexcept {
    if (!writes_) return false;
    if (at_ + sizeof(RecordHeader) + count + 8 > end_ || count > UINT32_MAX) {
        writes_ = false;
        lost_ = true;
        return false;
    }
    const RecordHeader header{kind, static_cast<uint32_t>(count)};
    put(&header, sizeof header);
    return true;
}

void RecordWriter::put(const void* bytes, uint64_t count) noexcept {
    if (count == 0) return;
    const uint64_t place = at_ % memory_->capacity;
    const uint64_t first = std::min(count, memory_->capacity - place);
    std::memcpy(memory_->ring() + place, bytes, first);
    if (first < count)
        std::memcpy(memory_->ring(), static_cast<const unsigned char*>(bytes) + first, count - first);
    at_ += count;
}

}  // namespace emohost
