#pragma once

#include <eucv/nn/elementwise.hpp>
#include <eucv/nn/simd.hpp>

#include <cstddef>

namespace eucv::nn::detail {

/// What a kernel does to its results before it stores them: epilogue as pointers. A null pointer leaves its step out.
template <class Scalar>
struct host_epilogue {
  const Scalar *scale = nullptr, *shift = nullptr; // by channel
  const Scalar* addend = nullptr;                  // a map like the result
  const Scalar* result = nullptr;                  // where the result begins, to find the place in `addend`
  bool rectified = false;

  [[nodiscard]] explicit operator bool() const noexcept { return scale || shift || addend || rectified; }

  /// The packet that is to be stored at `to`, whose first lane is of channel c.
  [[nodiscard]] EIGEN_ALWAYS_INLINE packet<Scalar> operator()(packet<Scalar> value, std::size_t c,
                                                              const Scalar* to) const {
    return apply(value, c, to, [](const Scalar* from) { return packet<Scalar>::load(from); });
  }
  /// The same for `count` scalars that stand there already.
  void finish(Scalar* at, std::size_t c, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i)
      at[i] = apply(at[i], c + i, at + i, [](const Scalar* from) { return *from; });
  }

private:
  template <class Value, class Load>
  EIGEN_ALWAYS_INLINE Value apply(Value value, std::size_t c, const Scalar* to, Load load) const {
    if (scale != nullptr)
      value = value * load(scale + c) + load(shift + c);
    else if (shift != nullptr)
      value = value + load(shift + c);
    if (addend != nullptr) value = value + load(addend + (to - result));
    return rectified ? zero_unless_positive(value, value) : value;
  }
};

} // namespace eucv::nn::detail
