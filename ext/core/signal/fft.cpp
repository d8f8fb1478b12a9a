#include "core/signal/fft.h"

#include <cmath>

#include "core/signal/arithmetic.h"

#if defined(_MSC_VER)
#define EMOHOST_RESTRICT __restrict
#else
#define EMOHOST_RESTRICT __restrict__
#endif

namespace emohost::signal {

namespace {

// One decimation-in-frequency step: `stride` interleaved transforms of `length` become 4 * stride of length
// / 4. kStride > 0 fixes the stride at compile time.
template <int kStride, typename T>
void radix4(int length, int stride, const T* EMOHOST_RESTRICT twiddle, const T* EMOHOST_RESTRICT in_re,
            const T* EMOHOST_RESTRICT in_im, T* EMOHOST_RESTRICT out_re,
            T* EMOHOST_RESTRICT out_im) noexcept {
    const int quarter = length / 4;
    const int s = kStride > 0 ? kStride : stride;
    const int jump = s * quarter;
    const T* w = twiddle;
    for (int p = 0; p < quarter; ++p) {
        const T w1r = w[p], w1i = w[quarter + p];
        const T w2r = w[2 * quarter + p], w2i = w[3 * quarter + p];
        const T w3r = w[4 * quarter + p], w3i = w[5 * quarter + p];
        const T* ar = in_re + s * p;
        const T* ai = in_im + s * p;
        T* yr = out_re + 4 * s * p;
        T* yi = out_im + 4 * s * p;
        for (int q = 0; q < s; ++q) {
            const T sum_ac_r = ar[q] + ar[q + 2 * jump], sum_ac_i = ai[q] + ai[q + 2 * jump];
            const T dif_ac_r = ar[q] - ar[q + 2 * jump], dif_ac_i = ai[q] - ai[q + 2 * jump];
            const T sum_bd_r = ar[q + jump] + ar[q + 3 * jump], sum_bd_i = ai[q + jump] + ai[q + 3 * jump];
            const T dif_bd_r = ar[q + jump] - ar[q + 3 * jump], dif_bd_i = ai[q + jump] - ai[q + 3 * jump];
            const T t1r = dif_ac_r + dif_bd_i, t1i = dif_ac_i - dif_bd_r;
            const T t2r = sum_ac_r - sum_bd_r, t2i = sum_ac_i - sum_bd_i;
            const T t3r = dif_ac_r - dif_bd_i, t3i = dif_ac_i + dif_bd_r;
            yr[q] = sum_ac_r + sum_bd_r;
            yi[q] = sum_ac_i + sum_bd_i;
            yr[q + s] = t1r * w1r - t1i * w1i;
            yi[q + s] = t1r * w1i + t1i * w1r;
            yr[q + 2 * s] = t2r * w2r - t2i * w2i;
            yi[q + 2 * s] = t2r * w2i + t2i * w2r;
            yr[q + 3 * s] = t3r * w3r - t3i * w3i;
            yi[q + 3 * s] = t3r * w3i + t3i * w3r;
        }
    }
}

template <typename T>
void radix2(int stride, const T* EMOHOST_RESTRICT in_re, const T* EMOHOST_RESTRICT in_im,
            T* EMOHOST_RESTRICT out_re, T* EMOHOST_RESTRICT out_im) noexcept {
    for (int q = 0; q < stride; ++q) {
        out_re[q] = in_re[q] + in_re[q + stride];
        out_im[q] = in_im[q] + in_im[q + stride];
        out_re[q + stride] = in_re[q] - in_re[q + stride];
        out_im[q + stride] = in_im[q] - in_im[q + stride];
    }
}

}  // namespace

template <typename T>
std::size_t RealFft<T>::memory_bytes() const noexcept {
    return sizeof(T) * (twiddle_.size() + split_re_.size() + split_im_.size() + a_.size() + b_.size());
}

template <typename T>
void RealFft<T>::half_transform(const T* in) noexcept {
    T* from = a_.data();
    T* to = b_.data();
    for (int k = 0; k < half_; ++k) {
        from[k] = in[2 * k];
        from[half_ + k] = in[2 * k + 1];
    }
    int done = 1;
    for (const Stage& stage : stages_) {
        const T* w = twiddle_.data() + stage.twiddle;
        if (stage.stride == 1)
            radix4<1>(stage.length, 1, w, from, from + half_, to, to + half_);
        else if (stage.stride == 4)
            radix4<4>(stage.length, 4, w, from, from + half_, to, to + half_);
        else
            radix4<0>(stage.length, stage.stride, w, from, from + half_, to, to + half_);
        T* swap = from;
        from = to;
        to = swap;
        done *= 4;
    }
    if (done < half_) {
        radix2(half_ / 2, from, from + half_, to, to + half_);
        from = to;
    }
    result_re_ = from;
    result_im_ = from + half_;
}

// The two interleaved halves of the signal went in as real and imaginary parts; this takes their spectra
// apart.
template <typename T>
void RealFft<T>::transform(const T* in, T* re, T* im) noexcept {
    half_transform(in);
    const T *zr = result_re_, *zi = result_im_;
    re[0] = zr[0] + zi[0];
    im[0] = 0;
    re[half_] = zr[0] - zi[0];
    im[half_] = 0;
    for (int k = 1; k < half_; ++k) {
        const T even_r = T(0.5) * (zr[k] + zr[half_ - k]), even_i = T(0.5) * (zi[k] - zi[half_ - k]);
        const T odd_r = T(0.5) * (zi[k] + zi[half_ - k]), odd_i = T(0.5) * (zr[half_ - k] - zr[k]);
        re[k] = even_r + odd_r * split_re_[k] - odd_i * split_im_[k];
        im[k] = even_i + odd_r * split_im_[k] + odd_i * split_re_[k];
    }
}

template <typename T>
void RealFft<T>::power(const T* in, T* out) noexcept {
    half_transform(in);
    const T* EMOHOST_RESTRICT zr = result_re_;
    const T* EMOHOST_RESTRICT zi = result_im_;
    const T* EMOHOST_RESTRICT wr = split_re_.data();
    const T* EMOHOST_RESTRICT wi = split_im_.data();
    T* EMOHOST_RESTRICT y = out;
    y[0] = (zr[0] + zi[0]) * (zr[0] + zi[0]);
    y[half_] = (zr[0] - zi[0]) * (zr[0] - zi[0]);
    for (int k = 1; k < half_; ++k) {
        const T even_r = T(0.5) * (zr[k] + zr[half_ - k]), even_i = T(0.5) * (zi[k] - zi[half_ - k]);
        const T odd_r = T(0.5) * (zi[k] + zi[half_ - k]), odd_i = T(0.5) * (zr[half_ - k] - zr[k]);
        const T re = even_r + odd_r * wr[k] - odd_i * wi[k];
        const T im = even_i + odd_r * wi[k] + odd_i * wr[k];
        y[k] = re * re + im * im;
    }
}

template class RealFft<float>;
template class RealFft<double>;

}  // namespace emohost::signal
