#include "core/signal/mel.h"

#include <algorithm>
#include <cmath>

#include "core/signal/arithmetic.h"

namespace emohost::signal {

template <typename T>
void MelBank<T>::apply(const T* power, T* out) const noexcept {
    for (std::size_t band = 0; band < first_.size(); ++band)
        out[band] = dot(power + first_[band], weights_.data() + offset_[band], count_[band]);
}

template <typename T>
std::size_t MelBank<T>::memory_bytes() const noexcept {
    return weights_.size() * sizeof(T) + first_.size() * (3 * sizeof(int) + sizeof(double));
}

template class MelBank<float>;
template class MelBank<double>;

}  // namespace emohost::signal
