// Shared memory: formatted by one, recognised by the other, refused when it is anything else.
#include "check.h"
#include "core/shared.h"

using emohost::Shared;

namespace {

struct Memory {
    alignas(64) unsigned char bytes[sizeof(Shared) + 64];
};

}  // namespace

TEST("formatted memory is valid and empty") {
    static Memory memory;
    std::memset(memory.bytes, 0xa5, sizeof memory.bytes);
    CHECK(!Shared::valid(memory.bytes, sizeof memory.bytes));
    Shared* shared = Shared::format(memory.bytes, sizeof memory.bytes);
    CHECK(shared != nullptr);
    CHECK(Shared::valid(memory.bytes, sizeof(Shared)));
    CHECK_EQ(shared->blocks.load(), 0u);
    CHECK_EQ(shared->first_sound_frame.load(), emohost::kNoFrame);
    CHECK_EQ(shared->event.size(), 0u);
    emohost::TimePoint point;
    CHECK(!shared->time.load(&point));
}

TEST("memory that is too small, misaligned or of another version is refused") {
    static Memory memory;
    CHECK(Shared::format(memory.bytes, sizeof(Shared) - 1) == nullptr);
    CHECK(Shared::format(memory.bytes + 8, sizeof(Shared)) == nullptr);
    CHECK(Shared::format(nullptr, sizeof(Shared)) == nullptr);
    Shared* shared = Shared::format(memory.bytes, sizeof memory.bytes);
    CHECK(!Shared::valid(memory.bytes, sizeof(Shared) - 1));
    shared->version += 1;
    CHECK(!Shared::valid(memory.bytes, sizeof memory.bytes));
}

TEST("clear() empties what an engine that is gone has left") {
    static Memory memory;
    Shared* shared = Shared::format(memory.bytes, sizeof memory.bytes);
    shared->event.push({});
    shared->command.push({});
    shared->blocks.store(7);
    shared->first_sound_frame.store(9);
    shared->time.store({1, 2.0, 3});
    shared->clear();
    CHECK_EQ(shared->event.size(), 0u);
    CHECK_EQ(shared->command.size(), 0u);
    CHECK_EQ(shared->blocks.load(), 0u);
    CHECK_EQ(shared->first_sound_frame.load(), emohost::kNoFrame);
    emohost::TimePoint point;
    CHECK(!shared->time.load(&point));
}
