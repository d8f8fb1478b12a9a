// Power spectrum of real signals, length a power of two. Stockham radix 4 on split real and imaginary parts:
// every inner loop runs over contiguous memory, so that the compiler vectorises it for whatever machine it
// builds for.
#pragma once

#include <cstddef>
#include <vector>

namespace emohost::signal {

// T is float or double. Allocates only in the constructor; not to be used by two threads at once.
template <typename T>
class RealFft {
  public:
    // n: a power of two, at least 8.
    explicit RealFft(int n);

    int size() const noexcept { return 2 * half_; }
    int bins() const noexcept { return half_ + 1; }
    // |X[k]|^2 for k = 0 .. n/2, without scaling (numpy's rfft convention). Real-time safe.
    void power(const T* in, T* out) noexcept;
    // X[k] itself. Real-time safe.
    void transform(const T* in, T* re, T* im) noexcept;
    std::size_t memory_bytes() const noexcept;

  private:
    struct Stage {
        int length;   // of the sub-transforms that go in
        int stride;   // how many of them
        int twiddle;  // where its twiddles start
    };
    void half_transform(const T* in) noexcept;  // complex transform of length n/2; the result is in a_

    int half_;
    std::vector<Stage> stages_;
    std::vector<T> twiddle_;              // by stage: three powers, real and imaginary, length/4 of each
    std::vector<T> split_re_, split_im_;  // e^(-2 pi i k / n), k < n/2
    std::vector<T> a_, b_;                // real parts, then imaginary parts
    T *result_re_, *result_im_;
};

extern template class RealFft<float>;
extern template class RealFft<double>;

}  // namespace emohost::signal
