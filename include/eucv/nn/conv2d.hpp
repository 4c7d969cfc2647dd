#pragma once

#include <eucv/nn/initialise.hpp>
#include <eucv/nn/layer.hpp>
#include <eucv/nn/window.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace eucv::nn {

/// Two-dimensional convolution (cross-correlation, as PyTorch's Conv2d) with one group and no dilation.
///
/// {n, c, h, w} to {n, out, oh, ow}. Parameters: weight [out][c][kernel][kernel], Kaiming normal by fan-out; bias
/// [out], uniform as in PyTorch. Leave the bias out where a batch normalisation follows, which takes it away again.
struct conv2d {
  std::size_t out = 0;                  ///< channels of the output, at least 1
  std::size_t kernel = 3;               ///< rows and columns of the window
  std::size_t stride = 1;               ///< step from one place of the output to the next
  std::optional<std::size_t> padding{}; ///< zeros around the map; kernel / 2 if not given, which keeps the size
  bool bias = true;                     ///< whether a learnable number is added to each channel
  /// Standard deviation of normal initial weights, with a bias of zeros; if not given, as above.
  std::optional<double> deviation{};

  using needs = backend_parts<backend_part::convolution, backend_part::channel_sums>;

  template <class Backend>
  struct state {
    nn::place place;
    window over; // for one image
    std::size_t weight = 0, bias = 0;
    tensor<Backend> x;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    using scalar = typename Backend::scalar;
    at.require(out > 0, "conv2d", "out, the number of channels, must be given and at least 1");
    at.require(kernel > 0 && stride > 0, "conv2d", "kernel and stride must be at least 1");
    const std::size_t border = padding.value_or(kernel / 2);
    state<Backend> made;
    made.over = {extents, {kernel, kernel}, {stride, stride}, {border, border}};
    if (!made.over.fits())
      at.refuse_shape("conv2d",
                      "maps of at least " + std::to_string(kernel) + "x" + std::to_string(kernel) +
                          " with the padding of " + std::to_string(border) + " on each side",
                      extents);
    made.place = at.start();
    const std::vector<std::size_t> dims{out, extents.c, kernel, kernel};
    made.weight = at.add_parameter("weight", dims,
                                   deviation ? normal<scalar>(dims, *deviation, at.random())
                                             : kaiming_normal<scalar>(dims, at.random()));
    if (bias)
      made.bias =
          at.add_parameter("bias", {out}, uniform<scalar>({out}, deviation ? 0.0 : fan_in_bound(dims), at.random()));
    made.place = at.finish(made.place);
    extents = made.over.out(out);
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto y = now.backend.convolve(x, now.value(own.weight), own.over.with_images(x.shape.n));
    if (bias) y = now.backend.add_to_channels(std::move(y), now.value(own.bias));
    if (now.records(own.place)) own.x = std::move(x);
    return y;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now, epilogue<Backend> after) const {
    if constexpr (has_epilogues<Backend>)
      if (now.only_predicts() && !(bias && after.scale)) {
        if (bias) after.shift = now.value(own.bias);
        return now.backend.convolve(x, now.value(own.weight), own.over.with_images(x.shape.n), after);
      }
    return detail::finish(now.backend, forward(own, std::move(x), now), after);
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const window over = own.over.with_images(dy.shape.n);
    if (bias && !now.frozen(own.bias)) now.add_gradient(own.bias, now.backend.channel_sums(dy));
    if (!now.frozen(own.weight)) now.add_gradient(own.weight, now.backend.convolve_weight_gradient(own.x, dy, over));
    own.x = {};
    if (!now.propagates(own.place)) return {};
    return now.backend.convolve_input_gradient(dy, now.value(own.weight), over);
  }
};

} // namespace eucv::nn
