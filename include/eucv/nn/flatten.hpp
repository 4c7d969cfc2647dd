#pragma once

#include <eucv/nn/layer.hpp>

namespace eucv::nn {

/// Flattens each image into one row of features, in PyTorch's order: {n, c, h, w} to {n, chw, 1, 1}, channels
/// outermost, so that the weight of a dense layer after it is PyTorch's.
struct flatten {
  using needs = backend_parts<backend_part::flatten>;

  template <class Backend>
  struct state {
    nn::place place;
    shape in; // of one image
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    const shape in = extents;
    extents = {.n = in.n, .c = in.c * in.h * in.w};
    return {at.start(), in};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>&, tensor<Backend> x, pass<Backend>& now) const {
    return now.backend.flatten(x);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    if (!now.propagates(own.place)) return {};
    return now.backend.unflatten(dy, own.in.with_images(dy.shape.n));
  }
};

} // namespace eucv::nn
