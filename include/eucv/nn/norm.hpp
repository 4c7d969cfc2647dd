#pragma once

#include <eucv/nn/elementwise.hpp>
#include <eucv/nn/initialise.hpp>
#include <eucv/nn/layer.hpp>

#include <cstddef>
#include <utility>

namespace eucv::nn {

/// Batch normalisation over images and places (Ioffe and Szegedy, 2015, arXiv:1502.03167), as PyTorch's BatchNorm2d.
///
/// {n, c, h, w} to the same. Parameters: weight [c], ones, and bias [c], zeros. Buffers: running_mean [c] and
/// running_var [c]. In training it normalises by the batch's mean and biased variance, and the running statistics move
/// towards the mean and the unbiased variance; in mode::eval, and in training while both parameters are frozen, it
/// uses the running statistics and leaves them as they are.
struct batch_norm {
  double momentum = 0.1; ///< share of the new batch in the running statistics
  double epsilon = 1e-5; ///< added to the variance

  using needs = backend_parts<backend_part::normalisation>;

  template <class Backend>
  struct state {
    nn::place place;
    std::size_t weight = 0, bias = 0, mean = 0, variance = 0;
    tensor<Backend> x;
    normalisation<Backend> how; // what was used; `mean` is empty where running statistics were
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape& extents) const {
    using scalar = typename Backend::scalar;
    at.require(momentum >= 0 && momentum <= 1, "batch_norm", "momentum must be in 0 to 1");
    at.require(epsilon > 0, "batch_norm", "epsilon must be positive");
    const std::vector<std::size_t> dims{extents.c};
    state<Backend> made;
    made.place = at.start();
    made.weight = at.add_parameter("weight", dims, constant(dims, scalar(1)));
    made.bias = at.add_parameter("bias", dims, constant(dims, scalar(0)));
    made.mean = at.add_buffer("running_mean", dims, constant(dims, scalar(0)));
    made.variance = at.add_buffer("running_var", dims, constant(dims, scalar(1)));
    made.place = at.finish(made.place);
    return made;
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    auto& running_mean = now.buffers[own.mean].value;
    auto& running_variance = now.buffers[own.variance].value;
    if (now.mode == mode::eval || is_frozen(own, now)) {
      auto [how, shift] = fold(own, {running_mean, running_variance}, now);
      auto y = now.backend.affine(std::move(x), how.scale, shift);
      if (now.records(own.place)) own.how = {{}, {}, std::move(how.scale)};
      return y;
    }
    const std::size_t pixels = x.shape.pixels();
    if (pixels < 2)
      throw error(errc::invalid_argument,
                  {"train the network", "batch_norm at " + own.place.name, "one value a channel has no variance",
                   "train with more pictures at a time, or freeze this layer"});
    const auto batch = now.backend.moments(x);
    update_running(running_mean, batch.mean, {momentum, 1.0}, now);
    const double count = static_cast<double>(pixels);
    update_running(running_variance, batch.variance, {momentum, count / (count - 1)}, now);
    auto [how, shift] = fold(own, batch, now);
    if (!now.records(own.place)) return now.backend.affine(std::move(x), how.scale, shift);
    auto y = now.backend.affine(x, how.scale, shift);
    own.x = std::move(x);
    own.how = {batch.mean, std::move(how.inverse_deviation), now.value(own.weight)};
    return y;
  }

  template <class Backend>
  bool join(state<Backend>& own, epilogue<Backend>& after, pass<Backend>& now) const {
    if (after.shift || after.addend || after.rectified) return false; // what is scaled first cannot be scaled again
    auto [how, shift] = fold(own, {now.buffers[own.mean].value, now.buffers[own.variance].value}, now);
    after.scale = std::move(how.scale);
    after.shift = std::move(shift);
    return true;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto x = std::exchange(own.x, {});
    const auto how = std::exchange(own.how, {});
    if (!how.mean) { // running statistics do not depend on x
      if (!now.propagates(own.place)) return {};
      auto none = now.backend.make(how.scale.shape);
      now.backend.fill(none, typename Backend::scalar(0));
      return now.backend.affine(std::move(dy), how.scale, none);
    }
    auto result = now.backend.normalise_gradient(x, std::move(dy), how);
    if (!now.frozen(own.weight)) now.add_gradient(own.weight, std::move(result.scale));
    if (!now.frozen(own.bias)) now.add_gradient(own.bias, std::move(result.shift));
    if (!now.propagates(own.place)) return {};
    return std::move(result.input);
  }

private:
  template <class Backend>
  static bool is_frozen(const state<Backend>& own, const pass<Backend>& now) {
    return now.frozen(own.weight) && now.frozen(own.bias);
  }

  // y = x * scale + shift with scale = weight / sqrt(variance + epsilon), shift = bias - mean * scale.
  template <class Backend>
  auto fold(const state<Backend>& own, const channel_moments<Backend>& by, pass<Backend>& now) const {
    using scalar = typename Backend::scalar;
    normalisation<Backend> how{by.mean, now.backend.make(by.mean.shape), now.backend.make(by.mean.shape)};
    auto shift = now.backend.make(by.mean.shape);
    now.backend.map(elementwise::inverse_deviation<scalar>{scalar(epsilon)}, how.inverse_deviation, by.variance);
    now.backend.map(elementwise::product{}, how.scale, std::as_const(how.inverse_deviation), now.value(own.weight));
    now.backend.map(elementwise::normalisation_shift{}, shift, std::as_const(how.scale), by.mean, now.value(own.bias));
    return std::pair(std::move(how), std::move(shift));
  }

  struct update {
    double momentum, correction; // of the biased variance
  };
  template <class Backend>
  static void update_running(tensor<Backend>& running, const tensor<Backend>& batch, update by, pass<Backend>& now) {
    using scalar = typename Backend::scalar;
    now.backend.map(elementwise::weighted_sum<scalar>{scalar(1 - by.momentum), scalar(by.momentum * by.correction)},
                    running, batch);
  }
};

} // namespace eucv::nn
