#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/memory.hpp>

#include <algorithm>
#include <cstddef>

namespace eucv::nn::detail {

/// Channels-last maps [pixels][first + second] and their two parts [pixels][first], [pixels][second].
struct joined_channels {
  std::size_t pixels, first, second;

  template <class Scalar>
  void join(thread_pool& pool, const Scalar* a, const Scalar* b, Scalar* whole) const {
    for_rows(pool, [&](std::size_t row) {
      std::copy_n(b + row * second, second, std::copy_n(a + row * first, first, whole + row * (first + second)));
    });
  }
  template <class Scalar>
  void split(thread_pool& pool, const Scalar* whole, Scalar* a, Scalar* b) const {
    for_rows(pool, [&](std::size_t row) {
      const Scalar* const from = whole + row * (first + second);
      std::copy_n(from, first, a + row * first);
      std::copy_n(from + first, second, b + row * second);
    });
  }

private:
  template <class Function>
  void for_rows(thread_pool& pool, Function&& function) const {
    for_parts(pool, pixels, elements_per_piece / std::max<std::size_t>(1, first + second), [&](range rows) {
      for (std::size_t row = rows.begin; row < rows.end; ++row) function(row);
    });
  }
};

} // namespace eucv::nn::detail
