// One aligned piece of memory, measured first and allocated once.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

namespace emohost::nn {

class Arena {
  public:
    static constexpr std::size_t kAlignment = 64;

    // Measuring: returns the offset, in floats, of `floats` more. Aligned, and padded to whole cache lines.
    std::size_t reserve(std::size_t floats) {
        constexpr std::size_t line = kAlignment / sizeof(float);
        const std::size_t offset = size_;
        size_ += (floats + line - 1) / line * line;
        return offset;
    }

    // After measuring: zeroed memory, so every page is there before the audio thread comes. False if there is
    // none.
    bool allocate() {
        memory_.reset(
            static_cast<float*>(::operator new(bytes(), std::align_val_t{kAlignment}, std::nothrow)));
        if (memory_) std::memset(memory_.get(), 0, bytes());
        return memory_ != nullptr;
    }

    float* at(std::size_t offset) const noexcept { return memory_.get() + offset; }
    std::size_t bytes() const noexcept { return size_ * sizeof(float); }

  private:
    struct Free {
        void operator()(float* memory) const { ::operator delete(memory, std::align_val_t{kAlignment}); }
    };
    std::unique_ptr<float, Free> memory_;
    std::size_t size_ = 0;
};

}  // namespace emohost::nn
