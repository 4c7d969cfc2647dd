#pragma once

#include <eucv/core/parallel.hpp>
#include <eucv/nn/host/arena.hpp>
#include <eucv/nn/window.hpp>

#include <algorithm>
#include <cstddef>

namespace eucv::nn::detail {

/// A copy of a map x[n][h][w][c] with its border of zeros. Whatever the place of a window, a row of it is then one run
/// of kernel.w * c scalars: what makes a kernel of few channels, such as the first of a network, worth an address.
template <class Scalar>
class padded_map {
public:
  /// Reading up to `slack` scalars beyond the last run is allowed, and gives zeros there.
  padded_map(thread_pool& pool, nn::arena& arena, const window& over, const Scalar* x, std::size_t slack)
      : over_(over), row_((over.in.w + 2 * over.padding.w) * over.in.c),
        image_((over.in.h + 2 * over.padding.h) * row_),
        memory_(arena.allocate((over.in.n * image_ + slack) * sizeof(Scalar))) {
    Scalar* const all = memory_.template data<Scalar>();
    const std::size_t inner = over.in.w * over.in.c, above = over.padding.h * row_, left = over.padding.w * over.in.c;
    pool.for_each(over.in.n, [&](std::size_t image) {
      const Scalar* from = x + image * over.in.h * inner;
      Scalar* to = std::fill_n(all + image * image_, above, Scalar(0));
      for (std::size_t y = 0; y < over.in.h; ++y, from += inner)
        to = std::fill_n(std::copy_n(from, inner, std::fill_n(to, left, Scalar(0))), left, Scalar(0));
      std::fill_n(to, above, Scalar(0));
    });
    std::fill_n(all + over.in.n * image_, slack, Scalar(0));
  }

  /// Length of a run.
  [[nodiscard]] std::size_t run() const { return over_.kernel.w * over_.in.c; }
  /// Row `tap` of the window of the output at (y, x) of an image.
  [[nodiscard]] const Scalar* at(std::size_t image, std::size_t y, std::size_t x, std::size_t tap) const {
    return memory_.template data<const Scalar>() + image * image_ + (y * over_.stride.h + tap) * row_ +
           x * over_.stride.w * over_.in.c;
  }

private:
  const window& over_;
  std::size_t row_, image_;
  arena::block memory_;
};

} // namespace eucv::nn::detail
