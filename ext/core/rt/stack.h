// The audio thread's stack, mapped before it is needed.
#pragma once

#include <cstddef>

namespace emohost::rt {

// Touches the next `kStackBytes` of the calling thread's stack, so that a deeper call later finds them
// mapped. Real-time safe after its first call on a thread; process() makes it in its first block.
constexpr std::size_t kStackBytes = 64 * 1024;
void touch_stack() noexcept;

}  // namespace emohost::rt
