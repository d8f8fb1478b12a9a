// Memory made ready for the audio thread by whoever builds it. Loader side: none of this is for the audio
// thread.
#pragma once

#include <cstddef>
#include <string>

namespace emohost::rt {

// Touches every page of a block so that it is mapped and writable, without changing a byte, also while
// another process uses it.
void prefault(void* memory, std::size_t bytes) noexcept;

// The same for a block that is mapped read-only.
void prefault_read(const void* memory, std::size_t bytes) noexcept;

// Maps the code of the program or library that holds `inside`, and its read-only data, so that what runs for the first
// time late in an evening costs no page fault. Nothing where the system has no list of what is loaded.
void prefault_code(const void* inside) noexcept;

// Asks the system to keep the pages that this process touches, now and later, in memory. Empty when it does;
// otherwise a line that says why not and what to do.
std::string lock_memory();

}  // namespace emohost::rt
