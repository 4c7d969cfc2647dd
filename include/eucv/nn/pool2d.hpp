#pragma once

#include <eucv/nn/layer.hpp>
#include <eucv/nn/window.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace eucv::nn {

namespace detail {

/// The hyper-parameters that both kinds of pooling share.
struct pooling {
  std::size_t kernel, stride, padding;
  rounding last = rounding::down;
};

template <class Backend>
window pooling_window(builder<Backend>& at, std::string_view layer, pooling how, const shape& extents) {
  at.require(how.kernel > 0 && how.kernel < 256 && how.stride > 0, layer,
             "kernel must be in 1 to 255, stride at least 1");
  // A window that lies outside the map altogether would have no maximum.
  at.require(how.padding <= how.kernel / 2, layer, "padding must be at most half of the kernel");
  const window over{extents, {how.kernel, how.kernel}, {how.stride, how.stride}, {how.padding, how.padding, how.last}};
  if (!over.fits())
    at.refuse_shape(layer,
                    "maps of at least " + std::to_string(how.kernel) + "x" + std::to_string(how.kernel) +
                        " with the padding of " + std::to_string(how.padding) + " on each side",
                    extents);
  return over;
}

} // namespace detail

/// Max pooling: the largest value of each window, as PyTorch's MaxPool2d: {n, c, h, w} to {n, c, oh, ow}.
struct max_pool {
  std::size_t kernel = 2;              ///< rows and columns of the window, at most 255
  std::optional<std::size_t> stride{}; ///< the kernel if not given
  std::size_t padding = 0;             ///< places around the map that are never the largest, at most kernel / 2
  rounding last = rounding::down;      ///< up: windows that reach beyond the edge count too

  using needs = backend_parts<backend_part::pooling>;

  template <class Backend>
  struct state {
    nn::place place;
    window over; // for one image
    typename Backend::indices origins;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const window over =
        detail::pooling_window(at, "max_pool", {kernel, stride.value_or(kernel), padding, last}, extents);
    extents = over.out(extents.c);
    return {at.start(), over, {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto result = now.backend.max_pool(x, own.over.with_images(x.shape.n));
    if (now.records(own.place)) own.origins = std::move(result.origins);
    return std::move(result.values);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto origins = std::exchange(own.origins, {});
    if (!now.propagates(own.place)) return {};
    return now.backend.max_pool_gradient(dy, origins, own.over.with_images(dy.shape.n));
  }
};

/// Average pooling: the mean of each window, as PyTorch's AvgPool2d, whose padding counts as zeros. {n, c, h, w} to {n,
/// c, oh, ow}.
struct average_pool {
  std::size_t kernel = 2;              ///< rows and columns of the window
  std::optional<std::size_t> stride{}; ///< the kernel if not given
  std::size_t padding = 0;             ///< zeros around the map, at most kernel / 2

  using needs = backend_parts<backend_part::pooling>;

  template <class Backend>
  struct state {
    nn::place place;
    window over; // for one image
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const window over = detail::pooling_window(at, "average_pool", {kernel, stride.value_or(kernel), padding}, extents);
    extents = over.out(extents.c);
    return {at.start(), over};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return now.backend.average_pool(x, own.over.with_images(x.shape.n));
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    if (!now.propagates(own.place)) return {};
    return now.backend.average_pool_gradient(dy, own.over.with_images(dy.shape.n));
  }
};

/// Global average pooling: the mean of each map, {n, c, h, w} to {n, c, 1, 1}.
struct global_average_pool {
  using needs = backend_parts<backend_part::pooling>;

  template <class Backend>
  using state = average_pool::state<Backend>;

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const window over{.in = extents, .kernel = {extents.h, extents.w}};
    extents = over.out(extents.c);
    return {at.start(), over};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return average_pool{}.forward(own, std::move(x), now);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    return average_pool{}.backward(own, std::move(dy), now);
  }
};

/// Global max pooling: the largest value of each map, {n, c, h, w} to {n, c, 1, 1}. Maps have at most 255 rows and
/// columns.
struct global_max_pool {
  using needs = backend_parts<backend_part::pooling>;

  template <class Backend>
  using state = max_pool::state<Backend>;

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    if (extents.h > 255 || extents.w > 255)
      at.refuse_shape("global_max_pool", "maps of at most 255 rows and columns", extents);
    const window over{.in = extents, .kernel = {extents.h, extents.w}};
    extents = over.out(extents.c);
    return {at.start(), over, {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    return max_pool{}.forward(own, std::move(x), now);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    return max_pool{}.backward(own, std::move(dy), now);
  }
};

} // namespace eucv::nn
