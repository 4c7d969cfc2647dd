#pragma once

#include <eucv/nn/host/memory.hpp>
#include <eucv/nn/simd.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace eucv::nn::detail {

// A value as constant as the element that it was read from, so that f cannot write what would not be kept.
template <class Element, class Value>
EIGEN_ALWAYS_INLINE auto& as_element(Value& value) {
  if constexpr (std::is_const_v<Element>)
    return std::as_const(value);
  else
    return value;
}

/// Calls f on one packet of each array, and writes back where the element type is not const.
template <class Scalar, class Function, class... Elements>
EIGEN_ALWAYS_INLINE void map_packet(Function& f, Elements*... at) {
  const auto write = [](auto* to, const packet<Scalar>& value) {
    if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(to)>>) value.store(to);
  };
  [&](auto... values) {
    f(as_element<Elements>(values)...);
    (write(at, values), ...);
  }(packet<Scalar>::load(at)...);
}

/// Calls f on packets of all arrays within a range of elements.
template <class Scalar, class Function, class... Elements>
void map_range(range elements, Function& f, Elements*... arrays) {
  constexpr std::size_t size = packet<Scalar>::size;
  std::size_t i = elements.begin;
  for (; i + size <= elements.end; i += size) map_packet<Scalar>(f, arrays + i...);
  if (i == elements.end) return;
  // The tail goes through arrays of one packet; their other lanes hold ones, on which any f may work.
  const std::size_t left = elements.end - i;
  const auto padded = [&](const Scalar* from) {
    std::array<Scalar, size> copy;
    copy.fill(Scalar(1));
    std::copy_n(from + i, left, copy.begin());
    return copy;
  };
  const auto write = [&](auto* to, const auto& tail) {
    if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(to)>>) std::copy_n(tail.begin(), left, to + i);
  };
  [&](auto... tails) {
    map_packet<Scalar>(f, static_cast<Elements*>(tails.data())...);
    (write(arrays, tails), ...);
  }(padded(arrays)...);
}

/// Sum of squares: packets within a piece, pieces in order and in double.
template <class Scalar>
double sum_of_squares(thread_pool& pool, const Scalar* values, std::size_t count) {
  using lanes = packet<Scalar>;
  constexpr std::size_t pieces = 64;
  std::array<double, pieces> partial{};
  pool.for_each(pieces, [&](std::size_t piece) {
    const range elements = part(count, pieces, piece);
    double sum = 0;
    std::size_t i = elements.begin;
    while (i + lanes::size <= elements.end) { // short runs in packets, their sums in double
      const std::size_t end = std::min(elements.end, i + 64 * lanes::size);
      constexpr Scalar zero = 0;
      lanes run = lanes::broadcast(&zero);
      for (; i + lanes::size <= end; i += lanes::size) {
        const lanes x = lanes::load(values + i);
        run = lanes::multiply_add(x, x, run);
      }
      sum += static_cast<double>(run.sum());
    }
    for (; i < elements.end; ++i) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    partial[piece] = sum;
  });
  double sum = 0;
  for (const double piece : partial) sum += piece;
  return sum;
}

} // namespace eucv::nn::detail
