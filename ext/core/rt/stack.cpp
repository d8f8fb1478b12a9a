#include "core/rt/stack.h"

namespace emohost::rt {

void touch_stack() noexcept {
    constexpr std::size_t kPage = 4096;  // the smallest of any system
    volatile unsigned char stack[kStackBytes];
    for (std::size_t at = 0; at < kStackBytes; at += kPage) stack[at] = 0;
    static_cast<void>(stack[0]);
}

}  // namespace emohost::rt
