#pragma once

#include <eucv/nn/layer.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace eucv::nn {

/// Sets each element to zero with a probability, and divides the others by 1 - probability, so that the sum is kept on
/// average and mode::eval has nothing to do (inverted dropout, as PyTorch's Dropout).
///
/// Drawn from the model's engine, element by element in channels-last order: the same seed drops the same elements for
/// any number of threads.
struct dropout {
  double probability = 0.5; ///< in [0, 1)
  static constexpr bool draws = true;

  template <class Backend>
  struct state {
    nn::place place;
    tensor<Backend> mask;
  };

  template <class Backend>
  state<Backend> build(builder<Backend>& at, shape&) const {
    at.require(probability >= 0 && probability < 1, "dropout", "probability must be at least 0 and less than 1");
    return {at.start(), {}};
  }

  template <class Backend>
  tensor<Backend> forward(state<Backend>& own, tensor<Backend> x, pass<Backend>& now) const {
    own.mask = {};
    if (now.mode == mode::eval || probability == 0) return x;
    using scalar = typename Backend::scalar;
    const auto kept = static_cast<scalar>(1 / (1 - probability));
    std::vector<scalar> drawn(x.size());
    for (auto& each : drawn) each = now.random.uniform() < probability ? scalar(0) : kept;
    auto mask = now.backend.make(x.shape);
    now.backend.assign(mask, drawn, order::channels_last);
    auto y = multiply(std::move(x), mask, now);
    if (now.records(own.place)) own.mask = std::move(mask);
    return y;
  }

  template <class Backend>
  tensor<Backend> backward(state<Backend>& own, tensor<Backend> dy, pass<Backend>& now) const {
    const auto mask = std::exchange(own.mask, {});
    if (!now.propagates(own.place)) return {};
    return mask ? multiply(std::move(dy), mask, now) : dy;
  }

private:
  template <class Backend>
  static tensor<Backend> multiply(tensor<Backend> x, const tensor<Backend>& mask, pass<Backend>& now) {
    auto y = nn::own(now.backend, std::move(x));
    now.backend.map([](auto& each, const auto& factor) { each = each * factor; }, y, mask);
    return y;
  }
};

} // namespace eucv::nn
