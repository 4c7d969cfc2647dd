#pragma once

#include <eucv/nn/host_memory.hpp>
#include <eucv/nn/simd.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>

namespace eucv::nn::detail {

/// Calls f on packets of all arrays of `count` elements; writes back where the element type is not const.
template <class Scalar, class Function, class... Elements>
void map_range(range elements, Function& f, Elements*... arrays) {
  using lanes = packet<Scalar>;
  const auto apply = [&](auto*... at) {
    std::tuple<std::conditional_t<std::is_const_v<Elements>, const lanes, lanes>...> values{lanes::load(at)...};
    std::apply([&](auto&... each) { f(each...); }, values);
    std::apply(
        [&](auto&... each) {
          const auto write = [](auto* to, auto& value) {
            if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(to)>>) value.store(to);
          };
          (write(at, each), ...);
        },
        values);
  };
  std::size_t i = elements.begin;
  for (; i + lanes::size <= elements.end; i += lanes::size) apply(arrays + i...);
  if (i == elements.end) return;
  // The tail goes through arrays of one packet; their other lanes hold ones, on which any f may work.
  const std::size_t left = elements.end - i;
  const auto padded = [&](const Scalar* from) {
    std::array<Scalar, lanes::size> copy;
    copy.fill(Scalar(1));
    std::copy(from + i, from + elements.end, copy.begin());
    return copy;
  };
  std::tuple<decltype(padded(arrays))...> tails{padded(arrays)...};
  std::apply([&](auto&... each) { apply(static_cast<Elements*>(each.data())...); }, tails);
  std::apply(
      [&](auto&... each) {
        const auto write = [&](auto* to, auto& tail) {
          if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(to)>>)
            std::copy(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(left), to + i);
        };
        (write(arrays, each), ...);
      },
      tails);
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
      lanes run = lanes::broadcast(values + i);
      run = run - run;
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
