#pragma once

#include <eucv/nn/initialise.hpp>
#include <eucv/nn/layer.hpp>

#include <cstddef>
#include <utility>

namespace eucv::nn {

/// A fully connected layer, PyTorch's Linear: {n, c, 1, 1} to {n, out, 1, 1}, y = x * transposed weight + bias.
///
/// Parameters: weight [out][c] and bias [out], both uniform in +-1 / sqrt(c) as in PyTorch. Maps have to be flattened
/// or pooled before.
struct dense {
  std::size_t out = 0; ///< features of the output, at least 1
  bool bias = true;    ///< whether a number is added to each feature

  using needs = backend_parts<backend_part::gemm, backend_part::channel_sums>;

  template <class Backend>
  struct state {
    nn::place place;
    std::size_t weight = 0, bias = 0;
    tensor<Backend> x;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    using scalar = typename Backend::scalar;
    at.require(out > 0, "dense", "out, the number of features, must be given and at least 1");
    if (extents.h != 1 || extents.w != 1)
      at.refuse_shape("dense",
                      "features such as " + to_string(shape{.c = extents.c * extents.h * extents.w}) +
                          " after flatten{} or global_average_pool{}",
                      extents);
    state<Backend> made;
    made.place = at.start();
    const std::vector<std::size_t> dims{out, extents.c};
    made.weight = at.add_parameter("weight", dims, uniform<scalar>(dims, fan_in_bound(dims), at.random()));
    if (bias) made.bias = at.add_parameter("bias", {out}, uniform<scalar>({out}, fan_in_bound(dims), at.random()));
    made.place = at.finish(made.place);
    extents.c = out;
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto y = now.backend.gemm_nt(x, now.value(own.weight));
    if (bias) y = now.backend.add_to_channels(std::move(y), now.value(own.bias));
    if (now.records(own.place)) own.x = std::move(x);
    return y;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    if (bias && !now.frozen(own.bias)) now.add_gradient(own.bias, now.backend.channel_sums(dy));
    if (!now.frozen(own.weight)) now.add_gradient(own.weight, now.backend.gemm_tn(dy, own.x));
    own.x = {};
    if (!now.propagates(own.place)) return {};
    return now.backend.gemm_nn(dy, now.value(own.weight));
  }
};

} // namespace eucv::nn
