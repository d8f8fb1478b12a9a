// Flush-to-zero while a block is processed: a denormal costs a hundred times an ordinary number and nobody
// hears it.
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64) || defined(__SSE2__)
#define EMOHOST_DENORMALS_X86 1
#include <xmmintrin.h>
#endif

namespace emohost::rt {

// Sets the thread's floating point unit to read and write denormals as zero, and puts it back as it was.
class FlushDenormals {
  public:
#if defined(EMOHOST_DENORMALS_X86)
    FlushDenormals() noexcept : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | kFlush); }
    ~FlushDenormals() { _mm_setcsr(saved_); }

  private:
    static constexpr uint32_t kFlush = 0x8040;  // FTZ | DAZ of MXCSR
    uint32_t saved_;
#elif defined(__aarch64__)
    FlushDenormals() noexcept {
        __asm__ volatile("mrs %0, fpcr" : "=r"(saved_));
        __asm__ volatile("msr fpcr, %0" : : "r"(saved_ | kFlush));
    }
    ~FlushDenormals() { __asm__ volatile("msr fpcr, %0" : : "r"(saved_)); }

  private:
    static constexpr uint64_t kFlush = uint64_t{1} << 24;  // FZ of FPCR
    uint64_t saved_;
#else
#error "no flush-to-zero for this processor: add it here"
#endif

  public:
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace emohost::rt
