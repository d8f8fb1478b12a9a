// What a paced thread asks of the system: a priority, and to sleep until a time of the monotonic clock.
#pragma once

#include <cstdint>

namespace emohost::rt {

// Asks for real-time priority for the calling thread. False if the system refuses.
bool raise_priority() noexcept;

// Sleeps until monotonic_ns() reaches `deadline_ns` (returns at once if it has).
void sleep_until(uint64_t deadline_ns) noexcept;

}  // namespace emohost::rt
